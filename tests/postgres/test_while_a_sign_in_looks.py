"""What is committed between two statements of a sign-in: it decides by one state of the database, not by halves."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import event, select

from database import begin_write, db
from demo.cast import Person
from models import AuditEvent, User
from organizations import invitations
from tests.conftest import BASE_URL
from tests.factories import EVE, Cast
from tests.postgres.test_parallel_first_sign_ins import SignInProcess, prepare
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
IDENTITY, ADDRESS = "JOIN identity ON", "user.email = "
NEW = Person("new@acme.example", "New", "Person")


@contextmanager
def at_the_first(statement_with: str, do: Callable[[], object]) -> Iterator[None]:
    """Does it when the first statement with these words has been answered, and goes on when it is done.

    On SQLite it waits for the sign-in, which has the only right to write; so nothing waits for it longer than a while.
    """
    thread = Thread(target=contextvars.Context().run, args=(do,))

    def start(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement_with in statement.replace('"', "") and thread.ident is None:
            thread.start()
            thread.join(timeout=3)

    event.listen(db.engine, "after_cursor_execute", start)
    try:
        yield
    finally:
        event.remove(db.engine, "after_cursor_execute", start)
    assert thread.ident is not None, "there was such a statement"
    thread.join(timeout=60)


@pytest.mark.parametrize("look", [IDENTITY, ADDRESS], ids=["the identity", "the address"])
def test_their_own_account_that_takes_the_last_seat_is_found(
    cast: Cast, browser: Browser, database_url: str, look: str
) -> None:
    """Neither a changed identity nor a missing seat is in their way."""
    cast.acme.jit_on, cast.acme.seats = True, 4  # three are taken
    db.session.commit()
    other = SignInProcess(database_url, browser, prepare(browser, cast.acme, EVE, 1))
    other.wait_until_ready()
    answer = browser.answer_for(cast.acme, EVE)
    others: list[int] = []

    def other_sign_in() -> None:
        other.go()
        others.extend(other.statuses())

    with at_the_first(look, other_sign_in):
        assert browser.post_answer(answer).status_code == 303
    assert others == [303]
    db.session.rollback()
    assert db.session.scalars(select(User).where(User.email == EVE.email)).one().status == "active"


@pytest.mark.parametrize("jit_on", [True, False], ids=["on", "off"])
def test_an_invitation_that_is_withdrawn_meanwhile_lets_nobody_in(
    app: Flask, cast: Cast, browser: Browser, database_kind: str, jit_on: bool
) -> None:
    begin_write()
    ana = db.session.get_one(User, cast.ana.id)
    invited = invitations.invite(ana.organization, NEW.email, "admin", ana, base_url=BASE_URL, mail=False).user.id
    ana.organization.jit_on = jit_on
    db.session.commit()
    answer = browser.answer_for(cast.acme, NEW)
    admin = cast.ana.id
    db.session.rollback()
    refused: list[invitations.ChangeRefused] = []

    def withdraw() -> None:
        with app.app_context():
            begin_write()
            user = db.session.get_one(User, invited)
            try:
                invitations.withdraw(user, db.session.get_one(User, admin))
            except invitations.ChangeRefused as told:
                refused.append(told)
            db.session.commit()

    with at_the_first(ADDRESS, withdraw):
        status = browser.post_answer(answer).status_code
    db.session.rollback()
    role = db.session.scalar(select(User.role).where(User.email == NEW.email))
    told = set(db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == NEW.email)))
    if database_kind == "sqlite":  # the sign-in was first
        assert (status, role, len(refused)) == (303, "admin", 1)
        assert told == {"admin:invitation:sent", "sso:invitation:accepted"}
    elif jit_on:
        assert (status, role, refused) == (303, "viewer", [])
        assert told == {"admin:invitation:sent", "admin:invitation:withdrawn", "sso:account:created"}
    else:
        assert (status, role, refused) == (403, None, [])
        assert told == {"admin:invitation:sent", "admin:invitation:withdrawn", "sso:sign_in:refused"}
