"""An account for somebody who was turned away, made by an admin as the first sign-in would have made it.

The same decision gives the role, the same lock counts the seats, and the account keeps the same provenance, with the
admin who vouched as who invited it. An admin is never made so, whatever the groups of the person say; where role rules
also apply at each sign-in, one of them may make the person one later.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from database import db, now
from models import MissedSignIn, Organization, User
from organizations import audit
from organizations.creation import add_user
from provisioning import facts
from provisioning.decision import Account, Claim, Decision, Outcome, Policy, Reason, Status, decide
from provisioning.wording import WORDING

ACCOUNT_EXISTS = "There is an account with their address already."


class NotCreated(ValueError):
    """No account was created. `why` names nobody, so that it can be said of many at once."""

    def __init__(self, email: str, why: str) -> None:
        super().__init__(f"{email}: {why}")
        self.email, self.why = email, why


def foreseen(policy: Policy, claim: Claim) -> Decision:
    """The decision with an admin's word for the person: the switch, its lock and the domain are not in the way.

    SSO has to be activated: there is no password, so nobody could sign in to the account.
    """
    vouched = policy.verified_domains | {claim.domain or ""}
    return decide(replace(policy, jit_unlocked=True, jit_on=True, verified_domains=vouched), claim, None)


def role_given(decision: Decision, organization: Organization) -> str:
    """The role of a decision that creates an account, but for Admin."""
    return decision.role if decision.role not in (None, "admin") else organization.role_for_new_people


def role_later(policy: Policy, claim: Claim, role: str) -> tuple[Decision, bool] | None:
    """The sign-in that gives the account, created with `role`, another one by the role rules; None where none does.

    With it, whether that is the next one. An account outside of the verified domains is accepted as it is by the first.
    """
    status = Status.ACTIVE if claim.domain in policy.verified_domains else Status.INVITED
    at_first = decide(policy, claim, Account(status, role, found_by_identity=False, role_may_follow=True))
    if at_first.role != role:
        return at_first, True
    from_then_on = decide(policy, claim, Account(Status.ACTIVE, role, found_by_identity=True, role_may_follow=True))
    return None if from_then_on.role == role else (from_then_on, False)


def create_account(organization: Organization, row: MissedSignIn, admin: User) -> User:
    """For an open row that `missed.take` has locked, and with it the organization. Raises NotCreated.

    Where the domain of the address is not verified, the identity provider's word alone must not open the account: it
    waits like an invitation does, and the next sign-in accepts it.
    """
    loaded = facts.load_for_address(organization, row.email, row.groups)
    if loaded.user is not None:
        raise NotCreated(row.email, ACCOUNT_EXISTS)
    if row.configuration_id is None:
        raise NotCreated(row.email, "The connection they came through is gone. Invite them instead.")
    decision = foreseen(loaded.policy, loaded.claim)
    if decision.reason is Reason.NO_SEAT_LEFT:
        raise NotCreated(row.email, "No seat is left. Free one, or ask support for more.")
    if decision.outcome is not Outcome.CREATE:
        raise NotCreated(row.email, WORDING[decision.reason].admin)
    role = role_given(decision, organization)
    verified = loaded.claim.domain in loaded.policy.verified_domains
    try:
        with db.session.begin_nested():
            user = add_user(
                organization,
                row.email,
                role=role,
                origin="jit",
                status="active" if verified else "invited",
                given_name=row.given_name,
                family_name=row.family_name,
                display_name=row.display_name,
                created_by_configuration_id=row.configuration_id,
                created_by_reference=row.reference,
                created_by_rule=decision.role_rule if role == decision.role else None,
                invited_by_id=admin.id,
            )
    except IntegrityError as error:
        raise NotCreated(row.email, ACCOUNT_EXISTS) from error
    row.closed_at = now()
    audit.record(
        organization,
        "admin:account:created",
        actor=admin,
        subject=row.email,
        reference=row.reference,
        role=role,
        because=row.reason,
    )
    return user
