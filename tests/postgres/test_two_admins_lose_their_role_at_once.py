"""Role rules at each sign-in, and the last admin: however many admins sign in at once, one stays."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select, text, update

from database import db
from demo.cast import Person
from models import AuditEvent, Organization, RoleRule, User
from tests.factories import Cast
from tests.postgres.test_parallel_first_sign_ins import SignInProcess, prepare, run_at_once
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
ADMINS = 8


def test_of_admins_whom_the_rules_demote_at_once_the_last_one_stays(
    cast: Cast, browser: Browser, database_url: str
) -> None:
    cast.acme.jit_on = cast.acme.role_rules_on = cast.acme.role_rules_each_time = True
    db.session.add(RoleRule(organization_id=cast.acme.id, group_name="it", outcome="admin", position=1))
    db.session.commit()
    names = [f"admin{number}@acme.example" for number in range(ADMINS)]
    for email in names:
        Browser(browser.app).sso(cast.acme, Person(email, "An", "Admin", ("it",)))
    db.session.execute(update(User).where(User.origin != "jit", User.role == "admin").values(role="viewer"))
    db.session.commit()
    posts = [prepare(browser, cast.acme, Person(email, "An", "Admin"), 1)[0] for email in names]
    processes = [SignInProcess(database_url, browser, posts[start::4]) for start in range(4)]
    assert run_at_once(processes) == [303] * ADMINS
    db.session.rollback()
    admins = db.session.scalars(select(User).where(User.organization_id == cast.acme.id, User.role == "admin")).all()
    assert len(admins) == 1
    changed = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "sso:role:set_back")).all()
    assert len(changed) == ADMINS - 1
    assert {event.subject for event in changed} == set(names) - {admins[0].email}


def test_an_admin_is_the_last_one_as_soon_as_another_is_being_demoted(
    cast: Cast, browser: Browser, database_url: str, raw_connection: Connection, database_kind: str
) -> None:
    """Somebody demotes the other admin by hand, under the same lock, and is not done when the sign-in comes."""
    cast.acme.jit_on = cast.acme.role_rules_on = cast.acme.role_rules_each_time = True
    db.session.add(RoleRule(organization_id=cast.acme.id, group_name="it", outcome="admin", position=1))
    db.session.commit()
    Browser(browser.app).sso(cast.acme, Person("admin@acme.example", "An", "Admin", ("it",)))
    others = (User.role == "admin", User.organization_id == cast.acme.id, User.email != "admin@acme.example")
    db.session.execute(update(User).where(*others, User.email != cast.ana.email).values(role="viewer"))
    db.session.commit()
    posts = prepare(browser, cast.acme, Person("admin@acme.example", "An", "Admin"), 1)
    process = SignInProcess(database_url, browser, posts)
    process.wait_until_ready()
    organization = select(Organization.id).where(Organization.id == cast.acme.id)
    db.session.rollback()
    by_hand = raw_connection.execution_options(begin_immediate=True)
    by_hand.execute(organization.with_for_update(key_share=True))
    by_hand.execute(update(User).where(User.email == "ana@acme.example").values(role="viewer"))
    process.go()
    if database_kind == "postgresql":
        wait_for_a_waiting_one(by_hand, process)
    by_hand.commit()
    assert process.statuses() == [303]
    admins = db.session.scalars(select(User.email).where(User.organization_id == cast.acme.id, User.role == "admin"))
    assert admins.all() == ["admin@acme.example"]


def wait_for_a_waiting_one(connection: Connection, process: SignInProcess) -> None:
    """Until the sign-in waits for our lock, or is done without having waited."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while process.process.poll() is None and not connection.scalar(waiting):
        pass
