"""Two who change accounts at the same moment: the lock on the organization decides, and one is told."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from database import begin_write, db
from models import AuditEvent, Organization, User
from organizations import accounts, invitations, passwords
from organizations.accounts import ChangeRefused
from organizations.locking import NotAnAdmin
from tests.conftest import BASE_URL
from tests.factories import PASSWORD, Cast, make_user
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases

Change = Callable[[User], object]


def at_once(app: Flask, changes: list[tuple[int, Change]]) -> list[str]:
    """Each change by the account of this number, in a thread of its own. What became of each."""
    ready, results = Barrier(len(changes), timeout=20), []

    def run(actor_id: int, change: Change) -> None:
        with app.app_context():
            db.session.get_one(User, actor_id)  # as a page does before the form is sent
            db.session.rollback()
            ready.wait()
            try:
                begin_write()
                change(db.session.get_one(User, actor_id))
                db.session.commit()
                results.append("done")
            except (ChangeRefused, NotAnAdmin) as refused:
                db.session.rollback()
                results.append(str(refused))

    threads = [Thread(target=contextvars.Context().run, args=(run, *one)) for one in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(results, key=lambda result: result != "done")


def them(user_id: int) -> User:
    return db.session.get_one(User, user_id)


def admins() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(User).where(User.role == "admin", User.status == "active")).all())


def two_admins(app: Flask, cast: Cast) -> tuple[int, int]:
    """ana and ben are the only ones, of all organizations."""
    for email in ("root@acme.example", "root@globex.example", "cleo@globex.example"):
        db.session.scalars(select(User).where(User.email == email)).one().role = "viewer"
    db.session.get_one(User, cast.ben.id).role = "admin"
    db.session.commit()
    numbers = cast.ana.id, cast.ben.id
    db.session.rollback()
    return numbers


@pytest.mark.parametrize("turn", range(5))
@pytest.mark.parametrize(
    "change",
    [
        lambda other, actor: accounts.change_role(them(other), "viewer", actor),
        lambda other, actor: accounts.deactivate(them(other), actor),
    ],
    ids=["demoting", "deactivating"],
)
def test_two_admins_against_each_other_leave_one(app: Flask, cast: Cast, change: Callable, turn: int) -> None:
    ana, ben = two_admins(app, cast)
    results = at_once(app, [(ana, lambda actor: change(ben, actor)), (ben, lambda actor: change(ana, actor))])
    assert (results[0], len(results)) == ("done", 2)
    assert "not an admin any more" in results[1]
    assert admins() == 1


@pytest.mark.parametrize("turn", range(5))
def test_two_admins_who_step_down_at_once_leave_one(app: Flask, cast: Cast, turn: int) -> None:
    numbers = two_admins(app, cast)
    results = at_once(app, [(me, lambda actor: accounts.change_role(actor, "viewer", actor)) for me in numbers])
    assert results[0] == "done"
    assert "You are the only active admin" in results[1]
    assert admins() == 1


@pytest.mark.parametrize("turn", range(3))
def test_the_last_seat_goes_to_one_invitation_or_reactivation(app: Flask, cast: Cast, turn: int) -> None:
    gone = make_user(cast.acme, "gone@acme.example", status="deactivated").id
    db.session.get_one(Organization, cast.acme.id).seats = 4
    db.session.commit()
    ana = cast.ana.id
    db.session.rollback()

    def invite(number: int) -> Change:
        return lambda actor: invitations.invite(
            actor.organization, f"new{number}@x.example", "viewer", actor, base_url=BASE_URL, mail=False
        )

    changes = [(ana, invite(0)), (ana, invite(1)), (ana, lambda actor: accounts.reactivate(them(gone), actor))]
    results = at_once(app, changes)
    assert [result == "done" for result in results] == [True, False, False]
    assert "No seat is left" in results[1]
    taken = select(User).where(User.organization_id == cast.acme.id, User.status != "deactivated")
    assert len(db.session.scalars(taken).all()) == 4


@pytest.mark.parametrize("turn", range(4))
def test_withdrawing_and_accepting_at_once_is_one_of_them(app: Flask, cast: Cast, turn: int) -> None:
    begin_write()
    ana = db.session.get_one(User, cast.ana.id)
    made = invitations.invite(ana.organization, "new@x.example", "viewer", ana, base_url=BASE_URL, mail=False)
    number, actor, token = made.user.id, ana.id, made.address.rpartition("/")[2]
    db.session.commit()

    def accept(_actor: User) -> None:
        link = passwords.find_link(token, lock=True)
        if link is None:
            raise ChangeRefused("has ended")
        passwords.set_password(link.user, PASSWORD)
        assert invitations.accept_by_password(link.user)

    results = at_once(app, [(actor, accept), (actor, lambda admin: invitations.withdraw(them(number), admin))])
    assert (results[0], len(results)) == ("done", 2)
    assert "ended" in results[1] or "accepted" in results[1]
    db.session.rollback()
    told = set(db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "new@x.example")))
    user = db.session.get(User, number)
    ends = "password:invitation:accepted" if user else "admin:invitation:withdrawn"
    assert told == {"admin:invitation:sent", ends}


def test_the_same_address_is_invited_once(app: Flask, cast: Cast, browser: Browser) -> None:
    ana = cast.ana.id
    db.session.rollback()

    def invite(actor: User) -> None:
        invitations.invite(actor.organization, "new@x.example", "viewer", actor, base_url=BASE_URL, mail=False)

    results = at_once(app, [(ana, invite)] * 3)
    assert [result == "done" for result in results] == [True, False, False]
    assert "is invited already" in results[1]
