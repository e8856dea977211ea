"""S5: however many first sign-ins of one person arrive at once, from however many processes: one account."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from database import db
from demo.cast import Person
from models import (
    AuditEvent,
    ConsumedAssertion,
    Identity,
    Membership,
    SignInAttempt,
    SignInSession,
    User,
)
from tests.conftest import BASE_URL
from tests.factories import EVE, Cast, make_organization
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases

PROCESSES, SIGN_INS = 4, 50
ROOT = Path(__file__).parents[2]


class SignInProcess:
    def __init__(self, database_url: str, browser: Browser, posts: list) -> None:
        cookie = browser.client.get_cookie("latchkey-binding", domain=BASE_URL.removeprefix("http://"))
        assert cookie is not None
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres.sign_in_process"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._write(json.dumps({"database_url": database_url, "binding": cookie.value, "posts": posts}))

    def _write(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait_until_ready(self) -> None:
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        self._write("go")

    def statuses(self) -> list[int]:
        output, _ = self.process.communicate(timeout=120)
        return json.loads(output)


def prepare(browser: Browser, organization: object, person: Person, count: int) -> list:
    answers = [browser.answer_for(organization, person) for _ in range(count)]
    return [(answer.acs, {"SAMLResponse": answer.saml_response}) for answer in answers]


def run_at_once(processes: list[SignInProcess]) -> list[int]:
    """Let them go only when all are ready, and collect what they were answered."""
    for process in processes:
        process.wait_until_ready()
    for process in processes:
        process.go()
    return [status for process in processes for status in process.statuses()]


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_fifty_at_once_make_one_account(cast: Cast, browser: Browser, database_url: str) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    people_before = count(User)
    posts = prepare(browser, cast.acme, EVE, SIGN_INS)
    processes = [SignInProcess(database_url, browser, posts[start::PROCESSES]) for start in range(PROCESSES)]
    statuses = run_at_once(processes)
    assert statuses == [303] * SIGN_INS, "every one of them is signed in"
    db.session.rollback()
    eve = db.session.scalars(select(User).where(User.email == EVE.email)).one()
    assert count(User) == people_before + 1
    assert db.session.scalars(select(Identity.user_id)).all() == [eve.id]
    assert len(db.session.scalars(select(Membership).where(Membership.user_id == eve.id)).all()) == 1
    assert count(SignInSession) == count(SignInAttempt) == count(ConsumedAssertion) == SIGN_INS
    created = select(func.count()).where(AuditEvent.action == "sso:account:created")
    assert db.session.scalar(created) == 1


def test_one_answer_posted_many_times_at_once_counts_once(cast: Cast, browser: Browser, database_url: str) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    [post] = prepare(browser, cast.acme, EVE, 1)
    processes = [SignInProcess(database_url, browser, [post] * 4) for _ in range(3)]
    assert sorted(run_at_once(processes)) == [303] + [403] * 11
    assert count(SignInSession) == 1


def test_the_last_seat_taken_twice_at_once_goes_to_one(app: object, browser: Browser, database_url: str) -> None:
    hooli = make_organization("hooli", "seat_based", seats=3, sso="activated", unlocked=True, jit_on=True)
    people = [Person(f"person{number}@hooli.example", "Person", str(number)) for number in range(8)]
    posts = [prepare(browser, hooli, person, 1)[0] for person in people]
    processes = [SignInProcess(database_url, browser, posts[start::4]) for start in range(4)]
    assert sorted(run_at_once(processes)) == [303] * 2 + [403] * 6
    assert count(User) == 3
