"""Role rules: who is in this group of the identity provider gets this role. In order; the first that matches wins.

What they do to a sign-in is in `provisioning/decision.py`. Here they are kept: a change and its audit event, which
shows the whole list, are one thing. Like the switch of JIT Provisioning they can be changed only where they can have
an effect.
"""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from database import db, insert_unless_there
from models import ROLES, Organization, RoleRule, User
from organizations import accounts, audit, jit
from organizations.locking import lock
from organizations.seen_groups import LONGEST, can_be_one

AT_MOST = 50
REFUSES = "refuse"
OUTCOMES = (*ROLES, REFUSES)
SUBJECT = "role rules"

_PAIRS = (
    select(RoleRule.group_name, RoleRule.outcome)
    .where(RoleRule.organization_id == bindparam("organization_id"))
    .order_by(RoleRule.position, RoleRule.id)
)


class RoleRuleRefused(ValueError):
    """The rule cannot be made or changed so; the text says what to do."""


class AdminsUnconfirmed(RoleRuleRefused):
    """Rules would from now on make admins of people who have an account, and nobody has confirmed that."""


def in_effect(organization: Organization) -> tuple[tuple[str, str], ...]:
    """(group, outcome) in order; nothing, and no question to the database, where the rules are off."""
    return _pairs(organization) if organization.role_rules_on else ()


def may_change_role_of(user: User) -> bool:
    """Whom JIT created, but for the last active admin and for admins who keep a password for emergencies."""
    if user.origin != "jit":
        return False
    return user.role != "admin" or not (user.password_hash or accounts.is_last_admin(user))


def give_the_role_of(user: User) -> bool:
    """Whether each sign-in gives this person the role of the rules, so that one set by hand lasts until then."""
    organization = user.organization
    if not (organization.role_rules_on and organization.role_rules_each_time):
        return False
    return may_change_role_of(user) and jit.obstacle(organization) is None and bool(_pairs(organization))


def listed(organization: Organization) -> list[RoleRule]:
    query = select(RoleRule).where(RoleRule.organization_id == organization.id)
    return list(db.session.scalars(query.order_by(RoleRule.position, RoleRule.id)))


def find(organization: Organization, rule_id: int) -> RoleRule | None:
    return db.session.scalar(
        select(RoleRule).where(RoleRule.organization_id == organization.id, RoleRule.id == rule_id)
    )


def judge(organization: Organization, group: str, outcome: str) -> str:
    """The group's name as it would be stored. Raises RoleRuleRefused, JITUnavailable."""
    _changeable(organization)
    name = group.strip()
    if not can_be_one(name):
        raise RoleRuleRefused(
            f"Write the group as your identity provider sends it: 1 to {LONGEST} characters, on one line. "
            "Of characters that are not seen, it can hold spaces and joiners (U+200C, U+200D) inside."
        )
    if outcome not in OUTCOMES:
        raise RoleRuleRefused("Choose what the rule does.")
    rules = listed(organization)
    if any(rule.group_name == name for rule in rules):
        raise RoleRuleRefused(f"There is a rule for “{name}” already. Remove it first to have another.")
    if len(rules) >= AT_MOST:
        raise RoleRuleRefused(f"There are {AT_MOST} rules, which is the most. Remove one that is not needed.")
    return name


def add(organization: Organization, group: str, outcome: str, actor: User, *, admin_confirmed: bool = False) -> None:
    """A rule behind the others; one for admins is confirmed. Raises RoleRuleRefused, JITUnavailable, NotAnAdmin."""
    lock(organization, actor)
    name = judge(organization, group, outcome)
    if outcome == "admin" and not admin_confirmed:
        raise RoleRuleRefused("A rule that makes admins has to be confirmed.")
    last = db.session.scalar(select(func.max(RoleRule.position)).where(RoleRule.organization_id == organization.id))
    values = {"organization_id": organization.id, "group_name": name, "outcome": outcome}
    insert_unless_there(RoleRule, position=(last or 0) + 1, **values)
    _record(organization, actor)


def move(organization: Organization, rule_id: int, to: int, actor: User) -> tuple[RoleRule, bool] | None:
    """Put the rule at this place, counted from 1. The rule, and whether it was a change; None when it is gone.

    Raises JITUnavailable, NotAnAdmin.
    """
    _begin(organization, actor)
    rules = listed(organization)
    rule = next((one for one in rules if one.id == rule_id), None)
    if rule is None:
        return None
    before = list(rules)
    rules.remove(rule)
    rules.insert(max(1, min(to, len(before))) - 1, rule)
    if before == rules:
        return rule, False
    for position, other in enumerate(rules, 1):
        other.position = position
    db.session.flush()
    _record(organization, actor)
    return rule, True


def remove(organization: Organization, rule_id: int, actor: User) -> str | None:
    """The group of the rule that is removed; None when it is gone already. Raises JITUnavailable, NotAnAdmin."""
    _begin(organization, actor)
    rule = find(organization, rule_id)
    if rule is None:
        return None
    db.session.delete(rule)
    db.session.flush()
    _record(organization, actor)
    return rule.group_name


def groups_of_admins(organization: Organization) -> list[str]:
    """The groups whose members a rule makes admins, in the order of the rules."""
    return [group for group, outcome in _pairs(organization) if outcome == "admin"]


def set_on(organization: Organization, wanted: bool, actor: User, *, admins_confirmed: bool = False) -> bool:
    """Turn the rules on or off; True when it was a change. Raises JITUnavailable, AdminsUnconfirmed, NotAnAdmin."""
    _begin(organization, actor)
    if organization.role_rules_on == wanted:
        return False
    if wanted and organization.role_rules_each_time and not admins_confirmed:
        _refuse_to_make_admins(organization)
    organization.role_rules_on = wanted
    state = "on" if wanted else "off"
    audit.record(organization, f"admin:role_rules:turned_{state}", actor=actor, subject=SUBJECT)
    return True


def set_each_time(organization: Organization, wanted: bool, actor: User, *, admins_confirmed: bool = False) -> bool:
    """Whether people whom JIT created get their role by the rules at each sign-in; True when it was a change.

    Raises JITUnavailable, AdminsUnconfirmed, NotAnAdmin.
    """
    _begin(organization, actor)
    if organization.role_rules_each_time == wanted:
        return False
    if wanted and organization.role_rules_on and not admins_confirmed:
        _refuse_to_make_admins(organization)
    organization.role_rules_each_time = wanted
    _record(organization, actor)
    return True


def in_words(group: str, outcome: str) -> str:
    return f"“{group}” → {'Refused' if outcome == REFUSES else outcome.capitalize()}"


def _pairs(organization: Organization) -> tuple[tuple[str, str], ...]:
    rows = db.session.execute(_PAIRS, {"organization_id": organization.id})
    return tuple((group, outcome) for group, outcome in rows)


def _changeable(organization: Organization) -> None:
    because = jit.obstacle(organization)
    if because:
        raise jit.JITUnavailable(because)


def _refuse_to_make_admins(organization: Organization) -> None:
    if groups_of_admins(organization):
        raise AdminsUnconfirmed("Making admins of people who have an account has to be confirmed.")


def _begin(organization: Organization, actor: User) -> None:
    lock(organization, actor)
    _changeable(organization)


def _record(organization: Organization, actor: User) -> None:
    audit.record(
        organization,
        "admin:role_rules:changed",
        actor=actor,
        subject=SUBJECT,
        rules=[in_words(group, outcome) for group, outcome in _pairs(organization)],
        each_time=organization.role_rules_each_time,
    )
