"""Many who are turned away at once, and admins who decide at once, also beside a sign-in of that very person."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from database import db
from demo.cast import Person
from models import AuditEvent, Membership, MissedSignIn, OutboxMessage, User
from organizations.counting import seats_used
from tests.factories import EVE, Cast
from tests.flows.test_asking_an_admin import ASK, token_in
from tests.postgres.test_parallel_first_sign_ins import SignInProcess, prepare, run_at_once
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
ALL = "/o/acme/settings/security/turned-away"
PEOPLE = [Person(f"person{number}@acme.example", "Person", str(number)) for number in range(6)]


def at_once(*does: Callable[[], object]) -> list[object]:
    db.session.rollback()
    with ThreadPoolExecutor(len(does)) as pool:
        return [result.result() for result in [pool.submit(do) for do in does]]


def events(action: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(AuditEvent.action == action)) or 0


def test_twenty_refusals_at_once_are_one_row_that_counts_twenty(
    cast: Cast, browser: Browser, database_url: str
) -> None:
    posts = prepare(browser, cast.acme, EVE, 20)
    processes = [SignInProcess(database_url, browser, posts[start::4]) for start in range(4)]
    assert run_at_once(processes) == [403] * 20
    db.session.rollback()
    [row] = db.session.scalars(select(MissedSignIn))
    assert row.times == 20


@pytest.fixture
def click(app: Flask, cast: Cast) -> Callable[[str], Callable[[], int]]:
    """`click(path, …)`: what an admin does in a browser of their own."""

    def prepared(path: str, **data: str) -> Callable[[], int]:
        admin = Browser(app).sign_in_as(cast.ana)
        data["csrf_token"] = admin.csrf_token("/")
        return lambda: admin.client.post(path, data=data).status_code

    return prepared


def test_the_last_seat_goes_to_one_however_many_admins_create(
    cast: Cast, browser: Browser, click: Callable[..., Callable[[], int]]
) -> None:
    for person in PEOPLE:
        browser.sso(cast.acme, person)
    cast.acme.seats = 5  # three are taken
    db.session.commit()
    ids = db.session.scalars(select(MissedSignIn.id)).all()
    statuses = at_once(*(click(f"{ALL}/{number}/create") for number in ids))
    assert sorted(statuses) == [303, 303, 409, 409, 409, 409]
    db.session.rollback()
    assert seats_used(cast.acme) == 5
    assert events("admin:account:created") == 2


def test_one_person_created_by_many_and_by_their_own_sign_in_is_one_account(
    cast: Cast, browser: Browser, click: Callable[..., Callable[[], int]]
) -> None:
    browser.sso(cast.acme, EVE)
    number = db.session.scalars(select(MissedSignIn.id)).one()
    cast.acme.jit_on = True
    db.session.commit()
    answers = [browser.answer_for(cast.acme, EVE) for _ in range(3)]
    posts = [lambda answer=answer: browser.post_answer(answer).status_code for answer in answers]
    clicks = [click(f"{ALL}/{number}/create"), click(f"{ALL}/{number}/create"), click(f"{ALL}/{number}/dismiss")]
    everybody = click(f"{ALL}/create-all", shown=str(number))
    statuses = at_once(*posts, *clicks, everybody)
    assert statuses[:3] == [303, 303, 303], "the person is signed in, whoever was first"
    assert set(statuses[3:]) <= {303, 409}
    db.session.rollback()
    eve = db.session.scalars(select(User).where(User.email == EVE.email)).one()
    assert len(db.session.scalars(select(Membership).where(Membership.user_id == eve.id)).all()) == 1
    assert events("admin:account:created") + events("sso:account:created") == 1


def test_many_clicks_on_ask_are_one(cast: Cast, browser: Browser) -> None:
    token = token_in(browser.sso(cast.acme, EVE))
    other = token_in(browser.sso(cast.acme, PEOPLE[0]))
    clicks = [lambda t=t: browser.client.post(ASK, data={"csrf_token": t}).status_code for t in (token, other) * 3]
    assert at_once(*clicks) == [200] * 6
    assert events("sso:missed:asked") == 2
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 2
