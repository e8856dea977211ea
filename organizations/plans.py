"""Plan and seats, which support sets. The plan gives new people their role; who is there keeps theirs unless an admin
says otherwise.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, CursorResult, select, update

from database import db, now
from models import PLANS, ROLE_OF_PLAN, Organization, User
from organizations import audit
from organizations.accounts import ChangeRefused
from organizations.counting import counts, seats_used
from organizations.locking import lock


class PlanRefused(ValueError):
    """The plan or the seats cannot be set so; the text says what to do."""


def set_plan(organization: Organization, plan: str, reason: str) -> bool:
    """False when it is the plan already. Raises PlanRefused."""
    if plan not in PLANS:
        raise PlanRefused(f"The plan is one of {', '.join(PLANS)}.")
    return _set(organization, "plan", plan, reason)


def set_seats(organization: Organization, seats: int | None, reason: str) -> bool:
    """None: no limit. Fewer than are taken locks nobody out; nobody new gets in until some are free.

    False when they are that many already. Raises PlanRefused.
    """
    if seats is not None and seats < 1:
        raise PlanRefused("Seats is a number from 1, or none for no limit.")
    return _set(organization, "seats", seats, reason)


def _set(organization: Organization, what: str, wanted: str | int | None, reason: str) -> bool:
    if not reason.strip():
        raise PlanRefused("Give the reason: it stands in the customer's audit log.")
    lock(organization, audit.SUPPORT)
    before = getattr(organization, what)
    if before == wanted:
        return False
    setattr(organization, what, wanted)
    audit.record(
        organization,
        f"support:{what}:changed",
        actor=audit.SUPPORT,
        subject=organization.slug,
        before=before,
        after=wanted,
        reason=reason.strip(),
    )
    return True


def over_by(organization: Organization) -> int:
    """How many more people there are than seats."""
    return 0 if organization.seats is None else max(0, seats_used(organization) - organization.seats)


def roles_of_other_plans(organization: Organization) -> set[str]:
    return set(ROLE_OF_PLAN.values()) - {organization.role_for_new_people}


def with_another_plans_role(organization: Organization) -> int:
    """Active JIT accounts that have their role from another plan."""
    return counts(organization).from_plan(roles_of_other_plans(organization))


def first_with_another_plans_role(organization: Organization, limit: int) -> list[User]:
    """The first of them by e-mail address."""
    query = select(User).where(*_from_the_plan(organization)).order_by(User.email).limit(limit)
    return list(db.session.scalars(query))


def apply_role(organization: Organization, role: str, actor: User) -> int:
    """Give them the role of the plan; returns how many there were. `role`: the one that was looked at.

    Raises ChangeRefused when the plan gives another one meanwhile, NotAnAdmin.
    """
    _lock(organization, role, actor)
    # Whoever creates an account or changes one holds the organization, so that both statements meet the same people.
    theirs = _from_the_plan(organization)
    whom = db.session.execute(select(User.email, User.role).where(*theirs)).all()
    given = {"role": role, "role_since": now(), "role_given_by": actor.email}
    db.session.execute(update(User).where(*theirs).values(given).execution_options(synchronize_session=False))
    audit.record_each(
        organization,
        "admin:plan_role:applied",
        actor=actor,
        each=[(row.email, {"before": row.role, "after": role}) for row in whom],
    )
    return len(whom)


def keep_roles(organization: Organization, role: str, actor: User) -> int:
    """They keep the role they have, whatever the plan, as if an admin had given it; returns how many there were.

    One event for the decision, because nobody's role changes. Raises ChangeRefused like `apply_role`.
    """
    _lock(organization, role, actor)
    theirs = _from_the_plan(organization)
    kept = db.session.execute(
        update(User).where(*theirs).values(role_from_plan=False).execution_options(synchronize_session=False)
    )
    assert isinstance(kept, CursorResult)
    if kept.rowcount:
        audit.record(
            organization,
            "admin:plan_role:kept",
            actor=actor,
            subject=organization.slug,
            accounts=kept.rowcount,
            instead_of=role,
        )
    return kept.rowcount


def _lock(organization: Organization, role: str, actor: User) -> None:
    """`role`: what the plan gives, as it was looked at."""
    lock(organization, actor)
    if role != organization.role_for_new_people:
        raise ChangeRefused("The plan was changed meanwhile. Look again at what would be done.")


def _from_the_plan(organization: Organization) -> list[ColumnElement[bool]]:
    return [
        User.organization_id == organization.id,
        User.origin == "jit",
        User.status == "active",
        User.role.in_(roles_of_other_plans(organization)),
        User.role_from_plan.is_(True),
    ]
