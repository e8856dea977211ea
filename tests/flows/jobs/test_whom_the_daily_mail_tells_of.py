"""The daily mail about new accounts: whom first sign-ins created since it was chosen, each day told of once."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from commands import job_digest
from database import db, now
from models import AuditEvent, MissedSignIn, Organization, OutboxMessage, User
from organizations import digests
from tests.conftest import BASE_URL
from tests.factories import EVE, Cast, make_user
from tests.flows.test_constant_number_of_queries import counted
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
Arrive = Callable[..., User]


def noon(days: float) -> datetime:
    """Of so many days ago, in UTC."""
    return datetime.combine(now().astimezone(UTC).date(), time(12), UTC) - timedelta(days=days)


@pytest.fixture
def arrive(cast: Cast) -> Arrive:
    """Somebody whom a first sign-in created so many days ago, at noon (UTC)."""

    def make(name: str, days: float, **values: object) -> User:
        values |= {"created_by_configuration_id": cast.acme.connection.live_configuration_id}
        values |= {"created_at": noon(days)}
        return make_user(cast.acme, f"{name}@acme.example", origin="jit", **values)

    return make


def choose(cast: Cast, wanted: str, days: float = 30) -> None:
    db.session.rollback()
    assert digests.choose(cast.acme, wanted, cast.ana, BASE_URL)
    db.session.commit()
    last = select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1).scalar_subquery()
    db.session.execute(update(AuditEvent).where(AuditEvent.id == last).values(at=noon(days)))
    db.session.commit()


def told() -> list[str]:
    """What the mails to ana say, without the day."""
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.recipient == "ana@acme.example").order_by(OutboxMessage.id)
    return [
        " ".join(line.split("@")[0] for line in mail.body.splitlines() if "@" in line)
        for mail in db.session.scalars(query)
    ]


def test_whom_an_admin_created_is_no_news(cast: Cast, browser: Browser, another_browser: Browser) -> None:
    browser.sso(cast.acme, EVE)
    row = db.session.scalars(select(MissedSignIn)).one()
    choose(cast, "daily")
    ana = another_browser.sign_in_as(cast.ana)
    ana.post(f"/o/acme/settings/security/turned-away/{row.id}/create?page=all", {})
    db.session.execute(update(User).where(User.origin == "jit").values(created_at=now() - timedelta(days=1)))
    db.session.commit()
    assert job_digest.run() == "nobody to tell"
    assert told() == []


def test_nor_are_they_counted_beside_others(cast: Cast, arrive: Arrive) -> None:
    choose(cast, "daily")
    arrive("eve", 1)
    arrive("fay", 1, invited_by_id=cast.ana.id)
    job_digest.run()
    assert told() == ["eve"]


def test_who_came_before_it_was_chosen_is_not_told_of(cast: Cast, arrive: Arrive) -> None:
    choose(cast, "each")
    arrive("eve", 2)
    arrive("fay", 1)
    choose(cast, "daily", days=1.5)
    job_digest.run()
    assert told() == ["fay"]


def test_who_waited_for_it_is_told_of_when_each_is_chosen(
    cast: Cast, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And once only: also where the choice goes to and fro on one day, which then has two mails."""
    choose(cast, "daily")
    arrive("eve", 2)
    job_digest.run()
    arrive("fay", 1)
    arrive("gus", 0)
    choose(cast, "each", days=-0.1)
    assert told() == ["eve", "fay", "gus"]
    choose(cast, "daily", days=-0.2)
    arrive("hal", -0.3)
    assert job_digest.run() == "nobody to tell"
    monkeypatch.setattr(job_digest, "now", lambda: now() + timedelta(days=1))
    assert job_digest.run() == "1 organization told"
    assert told() == ["eve", "fay", "gus", "hal"]


def test_who_came_before_nobody_was_to_be_told_of_is_not(cast: Cast, arrive: Arrive) -> None:
    choose(cast, "daily")
    arrive("eve", 1)
    choose(cast, "off", days=0.9)
    choose(cast, "daily", days=0.8)
    arrive("fay", 0.7)
    job_digest.run()
    assert told() == ["fay"]


def test_days_that_were_missed_are_told_of_a_mail_for_each(cast: Cast, arrive: Arrive) -> None:
    choose(cast, "daily")
    for name, days in (("eve", 8), ("fay", 7), ("gus", 3), ("hal", 3), ("ida", 1), ("joe", 0)):
        arrive(name, days)
    assert job_digest.run() == "1 organization told"
    assert told() == ["fay", "gus hal", "ida"]
    assert job_digest.run() == "nobody to tell"
    db.session.execute(update(OutboxMessage).values(sent_at=now(), body=""))
    db.session.commit()
    assert job_digest.run() == "nobody to tell"


def test_a_day_that_was_told_of_is_not_told_of_again(cast: Cast, arrive: Arrive) -> None:
    choose(cast, "daily")
    arrive("eve", 2)
    job_digest.run()
    arrive("fay", 2)
    arrive("gus", 1)
    job_digest.run()
    assert told() == ["eve", "gus"]


def test_what_is_due_is_one_query_however_many_days(cast: Cast, arrive: Arrive) -> None:
    choose(cast, "daily")
    for days in range(10):
        arrive(f"p{days}", days)
    with counted() as statements:
        assert len(digests.due(now())) == digests.DAYS
    assert len(statements) == 1


def test_two_runs_at_once_tell_once(app: Flask, cast: Cast, arrive: Arrive, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(cast, "daily")
    for days in (1, 2, 3):
        arrive(f"p{days}", days)
    db.session.rollback()
    both, due, said = Barrier(2, timeout=20), digests.due, []

    def at_the_same_moment(at: datetime) -> list[tuple[int, object]]:
        found = due(at)
        db.session.rollback()
        both.wait()
        return found

    def run() -> None:
        with app.app_context():
            said.append(job_digest.run())

    monkeypatch.setattr(job_digest.digests, "due", at_the_same_moment)
    threads = [Thread(target=contextvars.Context().run, args=(run,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(said) == 2
    assert sorted(told()) == ["p1", "p2", "p3"]


def test_choosing_waits_for_a_first_sign_in(cast: Cast) -> None:
    """It is recorded after what the choice of before has told of: the organization is read again under the lock."""
    assert cast.acme.digest == "off"
    other = update(Organization).where(Organization.id == cast.acme.id).values(digest="daily")
    db.session.execute(other.execution_options(synchronize_session=False))
    assert not digests.choose(cast.acme, "daily", cast.ana, BASE_URL)
