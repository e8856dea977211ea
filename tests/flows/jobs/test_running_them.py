"""`flask jobs run`: a line for each job, one that fails does not stop the others, and what has ended is removed."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from commands import job_clean_up, jobs
from database import db, now
from models import ConsumedAssertion, OutboxMessage, PendingRequest, SignInSession, SignInTest
from tests.factories import EVE, Cast
from tests.flows.jobs.conftest import Later
from tests.signing_in import Browser


def test_each_job_prints_a_line(app: Flask, runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["jobs", "run"])
    assert result.exit_code == 0
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == list(jobs.JOBS)


def test_a_job_that_fails_does_not_stop_the_others(
    app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> NoReturn:
        db.session.execute(select(1))
        raise RuntimeError("a secret may stand here")

    names = list(jobs.JOBS)
    monkeypatch.setitem(jobs.JOBS, names[0], broken)
    result = runner.invoke(args=["jobs", "run"])
    assert result.exit_code == 1
    assert result.stderr == f"{names[0]}: failed: RuntimeError; the log has the place\n"
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == names[1:]
    assert "RuntimeError" in caplog.text


def test_a_mail_server_that_is_away_is_one_line(
    app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://127.0.0.1:1")
    db.session.add(OutboxMessage(recipient="ana@acme.example", subject="x", body="x"))
    db.session.commit()
    result = runner.invoke(args=["jobs", "run"])
    assert result.exit_code == 1
    assert result.stderr.startswith("mail: failed: the mail server is away: it cannot be reached")


def test_nothing_of_it_is_needed_to_sign_in(app: Flask, cast: Cast, browser: Browser) -> None:
    assert app.config["SMTP_URL"] is None
    assert browser.sso(cast.acme, type(EVE)("ana@acme.example", "Ana", "Sousa")).status_code == 200


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_what_has_ended_is_removed_and_the_rest_stays(app: Flask, cast: Cast, later: Later) -> None:
    connection = cast.acme.connection
    own = {"organization_id": cast.acme.id, "connection_id": connection.id}
    of_version = own | {"configuration_id": connection.live_configuration_id}
    for name, ends in (("old", now() - timedelta(seconds=1)), ("new", now() + timedelta(minutes=5))):
        test = SignInTest(public_id=name, started_by="ana@acme.example", expires_at=ends, **of_version)
        db.session.add(test)
        db.session.flush()
        request = {"request_id": name, "relay_state": name, "browser_hash": "x", "return_path": "/", **of_version}
        db.session.add(PendingRequest(purpose="test", sign_in_test_id=test.id, expires_at=ends, **request))
        db.session.add(
            ConsumedAssertion(connection_id=connection.id, idp_entity_id="x", assertion_id=name, expires_at=ends)
        )
    month = timedelta(days=30)
    session = {"organization_id": cast.acme.id, "user_id": cast.ana.id, "method": "sso"}
    day = timedelta(days=1)
    for ended, expires in ((month + day, day), (month - day, day), (None, month + day)):
        db.session.add(SignInSession(ended_at=ended and now() - ended, expires_at=now() - expires, **session))
    mail = {"recipient": "x@acme.example", "subject": "x", "body": "x"}
    db.session.add_all(
        [
            OutboxMessage(sent_at=now() - month - day, next_try_at=None, **mail),
            OutboxMessage(sent_at=now() - month + day, next_try_at=None, **mail),
            OutboxMessage(created_at=now() - 3 * month, next_try_at=None, error="550", **mail),
        ]
    )
    db.session.commit()
    assert job_clean_up.run() == "6 rows removed"
    assert job_clean_up.run() == "nothing to remove"
    tables = (SignInTest, PendingRequest, ConsumedAssertion, SignInSession, OutboxMessage)
    assert [count(table) for table in tables] == [1, 1, 1, 1, 2]


def test_an_assertion_cannot_be_replayed_after_the_clean_up(app: Flask, cast: Cast, browser: Browser) -> None:
    answer = browser.answer_for(cast.acme, type(EVE)("ana@acme.example", "Ana", "Sousa"))
    assert browser.post_answer(answer).status_code == 303
    job_clean_up.run()
    assert count(ConsumedAssertion) == 1
    assert browser.post_answer(answer).status_code == 403
