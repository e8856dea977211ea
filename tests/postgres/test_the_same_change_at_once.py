"""The same change twice at the same moment is one change with one event, and the second one is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from database import begin_write, db
from models import AuditEvent, Entitlement, Organization, RoleRule, User
from organizations import activation, connections, domains, entitlements, handover, jit, role_rules
from organizations.domains import DomainRefused
from organizations.encryption_keys import ConnectionRefused
from organizations.entitlements import EntitlementRefused
from organizations.handover import HandoverRefused
from tests.conftest import KEY_ENCRYPTION_KEY
from tests.factories import Cast
from tests.postgres.beside import Beside, acme, in_a_transaction

pytestmark = pytest.mark.both_databases
GROUPS = ("a", "b", "c")


def root(organization: Organization) -> User:
    admins = select(User).where(User.organization_id == organization.id, User.email.like("root@%"))
    return db.session.scalars(admins).one()


def rule_of(group: str) -> int:
    return db.session.scalars(select(RoleRule.id).where(RoleRule.group_name == group)).one()


def remove_rule(here: Organization) -> str | None:
    return role_rules.remove(here, rules["b"], root(here))


def move_rule(group: str, to: int) -> Callable[[Organization], object]:
    def move(here: Organization) -> object:
        moved = role_rules.move(here, rules[group], to, root(here))
        return moved and moved[1]

    return move


def seen_first(do: Callable[[Organization], object]) -> Callable[[], object]:
    """As a request does, which looks at all that it may be about before it changes something."""

    def run() -> object:
        here = acme()
        seen = (here.connection, here.domains, role_rules.listed(here), entitlements.find(here), root(here))
        result = do(here)
        assert seen
        return result

    return run


rules: dict[str, int] = {}
# What is done twice, and what the second one is told.
CHANGES: dict[str, tuple[Callable[[Organization], object], object]] = {
    "JIT is turned on": (lambda here: jit.set_wish(here, True, root(here)), False),
    "role rules are turned on": (lambda here: role_rules.set_on(here, True, root(here)), False),
    "role rules count each time": (lambda here: role_rules.set_each_time(here, True, root(here)), False),
    "a rule is removed": (remove_rule, None),
    "a rule is moved": (move_rule("c", 1), False),
    "sign-ins may start elsewhere": (lambda here: connections.set_idp_initiated(here, True, root(here)), False),
    "SSO is deactivated": (lambda here: activation.deactivate(here, root(here)), ConnectionRefused),
    "JIT is locked": (lambda here: entitlements.lock(here, "over"), EntitlementRefused),
    "a domain is removed": (lambda here: domains.remove(here, "acme.example", root(here)), False),
    "a domain is added": (lambda here: domains.add(here, "new.example", actor=root(here)).name, DomainRefused),
    "support verifies": (lambda here: domains.verify_by_support(here, "later.example", "seen").name, DomainRefused),
    "a link is revoked": (lambda here: handover.revoke(here, 1, root(here)).id, HandoverRefused),
}


@pytest.fixture
def here(cast: Cast) -> Organization:
    for group in GROUPS:
        role_rules.add(cast.acme, group, "viewer", cast.ana)
    rules.update((group, rule_of(group)) for group in GROUPS)
    domains.add(cast.acme, "later.example")
    handover.make(cast.acme, "Kim", cast.ana)
    db.session.commit()
    return cast.acme


def events() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def twice(app: Flask, first: Callable[[Organization], object], second: Callable[[Organization], object]) -> object:
    """What became of the second one, which began before the first one ended."""
    begin_write()
    first(acme())
    db.session.flush()
    other = Beside(in_a_transaction(app, seen_first(second)))
    other.until_it_waits()
    db.session.commit()
    return other.end()


@pytest.mark.parametrize(("change", "told"), CHANGES.values(), ids=CHANGES)
def test_it_is_one_change(
    app: Flask, here: Organization, change: Callable[[Organization], object], told: object
) -> None:
    before = events()
    result = twice(app, change, change)
    assert events() == before + 1
    assert isinstance(result, told) if isinstance(told, type) else result is told


def test_what_is_unlocked_twice_is_unlocked_once(app: Flask, here: Organization) -> None:
    """Each has its reason, so each is in the log."""
    entitlements.lock(here, "over")
    db.session.commit()
    assert twice(app, lambda it: entitlements.unlock(it, "one"), lambda it: entitlements.unlock(it, "two")) is None
    assert db.session.scalars(select(Entitlement.reason)).all() == ["two"]


def test_a_connection_is_made_once(app: Flask, cast: Cast) -> None:
    db.session.rollback()

    def prepare(_acme: Organization) -> str:
        globex = db.session.scalars(select(Organization).where(Organization.slug == "globex")).one()
        assert globex.connection is None or globex.connection.id
        return connections.prepare(globex, [KEY_ENCRYPTION_KEY]).public_id

    made = twice(app, prepare, prepare)
    assert made == db.session.get_one(Organization, cast.globex.id).connection.public_id


def order() -> list[tuple[str, int]]:
    rows = db.session.execute(select(RoleRule.group_name, RoleRule.position).order_by(RoleRule.position, RoleRule.id))
    return [(group, position) for group, position in rows]


def test_a_rule_that_was_removed_meanwhile_is_not_moved(app: Flask, here: Organization) -> None:
    assert twice(app, remove_rule, move_rule("b", 1)) is None
    assert [group for group, _ in order()] == ["a", "c"]


def test_two_moves_leave_one_order(app: Flask, here: Organization) -> None:
    assert twice(app, move_rule("c", 1), move_rule("a", 1)) is True
    assert order() == [("a", 1), ("c", 2), ("b", 3)]
