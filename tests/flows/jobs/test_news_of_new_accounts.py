"""Admins are told of the accounts that first sign-ins create: of each at once, or once a day, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from commands import job_digest
from database import db, now
from demo.cast import Person
from models import Organization, OutboxMessage, User
from tests.factories import EVE, Cast
from tests.flows.test_constant_number_of_queries import counted
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases


@pytest.fixture
def wants(cast: Cast) -> Callable[[str], None]:
    def choose(digest: str) -> None:
        values = {"digest": digest, "jit_on": True}
        db.session.execute(update(Organization).where(Organization.slug == "acme").values(**values))
        db.session.commit()

    return choose


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.recipient)))


def tells_of_eve(mail: OutboxMessage) -> bool:
    """Who she is, the code of her sign-in, and where her account is."""
    eve = db.session.scalars(select(User).where(User.email == EVE.email)).one()
    assert eve.created_by_reference
    page = f"http://localhost/o/acme/settings/people/{eve.id}\n"
    return all(
        words in mail.body for words in ("Eve Lindqvist, eve@acme.example, Viewer\n", eve.created_by_reference, page)
    )


def be_of_yesterday() -> None:
    db.session.execute(update(User).where(User.origin == "jit").values(created_at=now() - timedelta(days=1)))
    db.session.commit()


def test_of_each(cast: Cast, browser: Browser, wants: Callable[[str], None]) -> None:
    wants("each")
    browser.sso(cast.acme, EVE)
    browser.sso(cast.acme, EVE)
    assert [mail.recipient for mail in mails()] == ["ana@acme.example", "root@acme.example"]
    assert tells_of_eve(mails()[0])
    assert job_digest.run() == "nobody to tell"


@pytest.mark.parametrize("digest", ["off", "daily"])
def test_not_of_each_unless_wanted(cast: Cast, browser: Browser, wants: Callable[[str], None], digest: str) -> None:
    wants(digest)
    browser.sso(cast.acme, EVE)
    assert mails() == []


def test_a_refused_sign_in_tells_nothing(cast: Cast, browser: Browser, wants: Callable[[str], None]) -> None:
    wants("each")
    browser.sso(cast.acme, Person("mallory@acme.example.net", "Mallory", "Byrne"))
    assert mails() == []


def test_once_a_day_of_the_day_before(cast: Cast, browser: Browser, wants: Callable[[str], None]) -> None:
    wants("daily")
    browser.sso(cast.acme, EVE)
    assert job_digest.run() == "nobody to tell", "the day is not over"
    be_of_yesterday()
    assert job_digest.run() == "1 organization told"
    assert job_digest.run() == "nobody to tell"
    assert [mail.recipient for mail in mails()] == ["ana@acme.example", "root@acme.example"]
    assert "1 new account" in mails()[0].subject
    assert tells_of_eve(mails()[0])
    assert "/o/acme/settings/security" in mails()[0].body


def test_nobody_new_is_no_news(cast: Cast, wants: Callable[[str], None]) -> None:
    wants("daily")
    assert job_digest.run() == "nobody to tell"
    assert mails() == []


def test_a_run_that_was_slower_says_nothing(
    cast: Cast, browser: Browser, wants: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    wants("daily")
    browser.sso(cast.acme, EVE)
    be_of_yesterday()
    organization_id = cast.acme.id
    job_digest.run()
    monkeypatch.setattr(job_digest.digests, "due", lambda at: [(organization_id, at.date() - timedelta(days=1))])
    assert job_digest.run() == "nobody to tell"
    assert len(mails()) == 2


def test_many_people_are_one_mail_and_as_many_queries(
    app: Flask, cast: Cast, browser: Browser, wants: Callable[[str], None]
) -> None:
    wants("daily")
    browser.sso(cast.acme, EVE)
    be_of_yesterday()
    with counted() as few:
        job_digest.run()
    db.session.execute(db.delete(OutboxMessage))
    configuration = cast.acme.connection.live_configuration_id
    common = {"organization_id": cast.acme.id, "role": "viewer", "origin": "jit"}
    common |= {"created_by_configuration_id": configuration, "created_at": now() - timedelta(days=1)}
    db.session.execute(db.insert(User), [common | {"email": f"p{n}@acme.example"} for n in range(120)])
    db.session.commit()
    with counted() as many:
        job_digest.run()
    assert len(many) == len(few)
    assert "121 new accounts" in mails()[0].subject
    assert "and 71 more" in mails()[0].body
