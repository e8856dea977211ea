"""A verified identity → signed in or refused, in one transaction: load, decide, apply, record.

The user, the General membership, the link, the used request and assertion, the session, the receipt and the audit
event are stored together or not at all. Two first sign-ins at once meet at a unique constraint; the loser rolls
back, loads again, and decides again, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from database import begin_write, db, insert_row
from models import Identity as StoredIdentity
from models import Organization, SSOConfiguration, SSOConnection, User
from organizations import accounts, attempts, audit, certificates, passwords, seen_groups, sessions
from organizations.creation import GENERAL, add_user
from organizations.locking import lock
from provisioning import aftermath, facts
from provisioning.decision import Decision, Outcome, Reason, decide
from saml.identity import Identity
from saml.once import answer_once, use_once
from saml.receipt import Receipt
from saml.service_provider import Validated

# Written down once: putting statements together took longer than asking the database.
_CONNECTION = (
    select(SSOConnection)
    .where(SSOConnection.id == bindparam("connection_id"))
    .options(joinedload(SSOConnection.organization), joinedload(SSOConnection.live_configuration))
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What became of it. `handover` is the code that finishes the session; None where the person was refused."""

    decision: Decision
    reference: str
    handover: str | None


def preview(organization: Organization, email: str, groups: Sequence[str] = ()) -> Decision:
    """What would be decided if the person with this address, in these groups, signed in now. Nothing is written.

    Raises AddressRefused when it is no e-mail address.
    """
    loaded = facts.load_for_address(organization, email, groups)
    return decide(loaded.policy, loaded.claim, loaded.account)


def provision(
    connection_id: int,
    configuration_id: int,
    validated: Validated,
    receipt: Receipt,
    address: str | None,
    public_base_url: str,
) -> SignIn:
    """Decide on a verified identity and carry the decision out; commits. `public_base_url`: for links in mails.

    Raises Refused (check `once`) when the request or the assertion was used before; nothing is written then.
    """
    passed = list(receipt.entries)
    try:
        return _provision_once(connection_id, configuration_id, validated, receipt, address, public_base_url)
    except IntegrityError:
        # Somebody with the same address or subject was created between our look and our insert.
        db.session.rollback()
        receipt.entries[:] = passed
        return _provision_once(connection_id, configuration_id, validated, receipt, address, public_base_url)
    except BaseException:
        db.session.rollback()
        raise


def _provision_once(
    connection_id: int,
    configuration_id: int,
    validated: Validated,
    receipt: Receipt,
    address: str | None,
    public_base_url: str,
) -> SignIn:
    begin_write()
    identity = validated.identity
    # Read inside this transaction: SSO may have been deactivated while the Response was validated.
    connection = db.session.scalars(_CONNECTION, {"connection_id": connection_id}).one()
    configuration = db.session.get_one(SSOConfiguration, configuration_id)
    organization = connection.organization
    with receipt.check("once"):
        _consume(connection, identity, validated.request_id)
    loaded = facts.load(connection, identity)
    decision = decide(loaded.policy, loaded.claim, loaded.account)
    if _needs_lock(decision):
        # Seats and admins are counted under a lock: the last seat goes to one person only, the last admin stays one.
        # And whoever makes an account holds it first, or PostgreSQL finds two who wait for each other. What is true
        # then is decided on: SSO may have been deactivated, JIT locked, the domain removed meanwhile.
        lock(organization, audit.SYSTEM)
        connection = db.session.scalars(_CONNECTION, {"connection_id": connection_id}).one()
        loaded = facts.load(connection, identity)
        decision = decide(loaded.policy, loaded.claim, loaded.account)
    certificates.prove(connection_id, validated.certificates)
    reference = attempts.new_reference()
    user = _apply(decision, loaded, connection, configuration, identity, reference)
    seen_groups.remember(organization.id, identity.groups)
    handover = _start_session(user, connection, validated) if user else None
    account = user or loaded.user  # whose it is, who is refused, too
    attempts.record(
        reference=reference,
        organization_id=organization.id,
        configuration_id=configuration.id,
        user_id=account.id if account else None,
        method="sso",
        signed_in=decision.signs_in,
        reason=decision.reason,
        rule=decision.rule,
        email=loaded.claim.email,
        address=address,
        detail=f"Role rule: {decision.role_rule}" if decision.role_rule else None,
        checks=receipt.entries,
    )
    _record(decision, organization, configuration, loaded, user, reference)
    # Of an account, not as it was sent: that may be another address, or none.
    email = account.email if account else loaded.claim.email
    aftermath.follow(decision, organization, configuration, identity, email, user, reference, public_base_url)
    db.session.commit()
    return SignIn(decision, reference, handover)


def _needs_lock(decision: Decision) -> bool:
    """Whether it changes what people are counted by, or no seat is left: the last one may just have become theirs."""
    counts = decision.outcome in (Outcome.CREATE, Outcome.ACCEPT_INVITATION) or decision.changes_role
    return counts or decision.reason is Reason.NO_SEAT_LEFT


def _consume(connection: SSOConnection, identity: Identity, request_id: int | None) -> None:
    """Take the request and the assertion, each usable once. Raises Refused; a race is lost the same way."""
    if request_id is not None:
        answer_once(request_id)
    use_once(connection, identity.idp_entity_id, identity.assertion_id, identity.expires_at, "the assertion")


def _apply(
    decision: Decision,
    loaded: facts.Facts,
    connection: SSOConnection,
    configuration: SSOConfiguration,
    identity: Identity,
    reference: str,
) -> User | None:
    user = loaded.user
    if decision.outcome is Outcome.REFUSE:
        return None
    if decision.outcome is Outcome.CREATE:
        user = add_user(
            connection.organization,
            cast(str, loaded.claim.email),
            role=cast(str, decision.role),
            origin="jit",
            given_name=identity.given_name,
            family_name=identity.family_name,
            display_name=identity.display_name,
            created_by_configuration_id=configuration.id,
            created_by_reference=reference,
            created_by_rule=decision.role_rule,
        )
    assert user is not None  # every other outcome comes with an account
    if decision.outcome is Outcome.ACCEPT_INVITATION:
        user.status = "active"
        user.given_name = user.given_name or identity.given_name
        user.family_name = user.family_name or identity.family_name
        passwords.end_links(user.id)  # of the invitation, which is accepted now: no way past SSO is left open
    if decision.changes_role:
        by_plan = decision.role_rule is None
        accounts.give_role(user, cast(str, decision.role), _giver(decision), from_plan=by_plan)
    if decision.reason is not Reason.KNOWN_IDENTITY:
        _link(user, connection, identity)
    return user


def _giver(decision: Decision) -> str:
    """What gave the role at a sign-in, as it stands on the account."""
    return f"role rule {decision.role_rule}" if decision.role_rule else "the plan, as no role rule matched"


def _link(user: User, connection: SSOConnection, identity: Identity) -> None:
    insert_row(
        StoredIdentity,
        organization_id=connection.organization_id,
        connection_id=connection.id,
        idp_entity_id=identity.idp_entity_id,
        subject=identity.subject,
        user_id=user.id,
    )


def _start_session(user: User, connection: SSOConnection, validated: Validated) -> str:
    identity = validated.identity
    return sessions.start_handover(
        user,
        validated.return_path,
        identity.session_not_on_or_after,
        connection_id=connection.id,
        name_id=identity.name_id,
        session_index=identity.session_index,
        name_id_attributes=identity.name_id_attributes,
    )


def _record(
    decision: Decision,
    organization: Organization,
    configuration: SSOConfiguration,
    loaded: facts.Facts,
    user: User | None,
    reference: str,
) -> None:
    """One event for what changed: a creation, a link, an invitation, another role include the sign-in around them."""
    who = user.email if user else loaded.claim.email or "unknown address"
    details: dict[str, object] = {"configuration": configuration.version}
    if decision.changes_role:
        action, change = "sso:role:set_back", {"before": decision.role_before, "after": decision.role}
        if decision.role_rule:
            action, change = "sso:role:changed", {**change, "rule": decision.role_rule}
        audit.record(organization, action, actor=audit.SYSTEM, subject=who, reference=reference, **change)
        if decision.outcome is Outcome.SIGN_IN:
            return
    if decision.outcome is Outcome.CREATE:
        action, details = "sso:account:created", {**details, "role": decision.role, "workspace": GENERAL}
    elif decision.outcome is Outcome.ACCEPT_INVITATION:
        action, details = "sso:invitation:accepted", {**details, "role": decision.role}
    elif decision.outcome is Outcome.LINK:
        action = "sso:account:linked"
    elif decision.outcome is Outcome.SIGN_IN:
        action = "sso:sign_in:succeeded"
    else:
        action, details = "sso:sign_in:refused", {**details, "reason": decision.reason}
    audit.record(organization, action, actor=user or audit.SYSTEM, subject=who, reference=reference, **details)
