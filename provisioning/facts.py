"""What the decision needs to know, loaded at the moment of use: nothing here is cached or trusted from before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from database import db
from models import Identity as StoredIdentity
from models import Organization, SSOConnection, User
from organizations import counting, domains, entitlements, role_rules
from organizations.addresses import AddressRefused, normalise_email
from provisioning.decision import Account, Claim, Policy, Status
from saml.identity import Identity
from saml.subjects import names_an_address, of_address


@dataclass(frozen=True, slots=True)
class Facts:
    """What `decide()` takes, and the row that the account stands for."""

    policy: Policy
    claim: Claim
    account: Account | None
    user: User | None


_IDENTIFIED = (
    select(User)
    .join(StoredIdentity, StoredIdentity.user_id == User.id)
    .where(
        StoredIdentity.connection_id == bindparam("connection_id"),
        StoredIdentity.idp_entity_id == bindparam("idp_entity_id"),
        StoredIdentity.subject == bindparam("subject"),
    )
)
_NAMED_BY_ADDRESS = (
    select(User)
    .join(StoredIdentity, StoredIdentity.user_id == User.id)
    .where(
        StoredIdentity.connection_id == bindparam("connection_id"),
        StoredIdentity.idp_entity_id == bindparam("idp_entity_id"),
        StoredIdentity.subject.in_(bindparam("subjects", expanding=True)),
    )
)
_LINKED = select(StoredIdentity.subject).where(
    StoredIdentity.connection_id == bindparam("connection_id"),
    StoredIdentity.idp_entity_id == bindparam("idp_entity_id"),
    StoredIdentity.user_id == bindparam("user_id"),
)
_BY_EMAIL = select(User).where(User.organization_id == bindparam("organization_id"), User.email == bindparam("email"))


def load_policy(organization: Organization, connection: SSOConnection | None) -> Policy:
    return Policy(
        sso_activated=connection is not None and connection.activated_at is not None,
        verified_domains=domains.verified_names(organization),
        jit_unlocked=entitlements.is_unlocked(organization),
        jit_on=organization.jit_on,
        seats_left=counting.seats_left(organization),
        role_for_new_people=organization.role_for_new_people,
        role_rules=role_rules.in_effect(organization),
        roles_each_time=organization.role_rules_on and organization.role_rules_each_time,
    )


def load(connection: SSOConnection, identity: Identity) -> Facts:
    """The facts of one verified sign-in. Only rows of the connection's own organization are looked at."""
    organization = connection.organization
    claim = Claim(_usable(identity.email), identity.groups)
    known_by = {
        "connection_id": connection.id,
        "idp_entity_id": identity.idp_entity_id,
        "subject": identity.subject,
    }
    user = db.session.scalar(_IDENTIFIED, known_by)
    if user is not None:
        account = _account(organization, user, found_by_identity=True)
        return Facts(load_policy(organization, connection), claim, account, user)
    # Where it is the same subject, another first sign-in of this very person was committed since the look before.
    theirs = identity.subject.__eq__
    return _load_by_email(organization, claim, connection, identity.idp_entity_id, theirs)


def load_for_address(organization: Organization, email: str, groups: Sequence[str] = ()) -> Facts:
    """The facts if the person with this address signed in now: under the identity that is linked to them, or, where
    there is none, for the first time. Raises AddressRefused.

    An identity whose subject is an address belongs to the person of that address; one that has another kind of name is
    taken for the person's whose account it is linked to.
    """
    connection = organization.connection
    entity_id = connection.live_configuration.idp_entity_id if connection and connection.live_configuration else ""
    claim = Claim(normalise_email(email), tuple(groups))
    if connection is not None:
        known_by = {"connection_id": connection.id, "idp_entity_id": entity_id}
        user = db.session.scalar(_NAMED_BY_ADDRESS, {**known_by, "subjects": of_address(claim.email or "")})
        if user is not None:
            account = _account(organization, user, found_by_identity=True)
            return Facts(load_policy(organization, connection), claim, account, user)
    return _load_by_email(organization, claim, connection, entity_id, lambda subject: not names_an_address(subject))


def _load_by_email(
    organization: Organization,
    claim: Claim,
    connection: SSOConnection | None,
    idp_entity_id: str,
    is_theirs: Callable[[str], bool],
) -> Facts:
    """`is_theirs`: whether the subject that the account is linked to is the one who signs in."""
    # No row has no address, so a claim without one finds nobody.
    user = db.session.scalar(_BY_EMAIL, {"organization_id": organization.id, "email": claim.email})
    linked = None
    if user is not None and connection is not None:
        known_by = {"connection_id": connection.id, "idp_entity_id": idp_entity_id, "user_id": user.id}
        linked = db.session.scalar(_LINKED, known_by)
    same = linked is not None and is_theirs(linked)
    account = _account(organization, user, same, linked is not None and not same) if user else None
    return Facts(load_policy(organization, connection), claim, account, user)


def _account(
    organization: Organization, user: User, found_by_identity: bool, linked_to_another_subject: bool = False
) -> Account:
    follows = organization.role_rules_on and organization.role_rules_each_time and role_rules.may_change_role_of(user)
    return Account(
        Status(user.status),
        user.role,
        found_by_identity,
        linked_to_another_subject,
        role_may_follow=follows,
        role_from_plan=user.role_from_plan,
    )


def _usable(email: str | None) -> str | None:
    """The stored form of an address that the assertion's check let through; None when it still is no address."""
    try:
        return normalise_email(email) if email else None
    except AddressRefused:
        return None
