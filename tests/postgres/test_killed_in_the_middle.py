"""A process killed (-9) in the middle of provisioning leaves nothing; the same answer then still works."""

from __future__ import annotations

import os
import signal

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select

from database import db
from models import (
    AuditEvent,
    ConsumedAssertion,
    Identity,
    Membership,
    PendingRequest,
    SignInAttempt,
    SignInSession,
    User,
)
from tests.factories import EVE, Cast
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases

TABLES = (User, Membership, Identity, SignInSession, SignInAttempt, ConsumedAssertion, AuditEvent)
# Every statement that a first sign-in writes with, and the commit itself.
POINTS = (
    "UPDATE pending_request",
    "INSERT INTO consumed_assertion",
    "INSERT INTO user",
    "INSERT INTO membership",
    "INSERT INTO identity",
    "INSERT INTO sign_in_session",
    "INSERT INTO sign_in_attempt",
    "INSERT INTO audit_event",
    "COMMIT",
)


def kill_self(*_ignored: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Kill this process just before the first statement that begins so."""
    if point == "COMMIT":
        event.listen(Engine, "commit", kill_self)
        return

    def before(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.replace('"', "").startswith(point):
            kill_self()

    event.listen(Engine, "before_cursor_execute", before)


def post_in_a_child(app: Flask, browser: Browser, acs: str, fields: dict[str, str], point: str) -> int:
    """The way the child ended, as `os.waitpid` says it. It shares nothing with us but the database."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            arm(point)
            browser.client.post(acs, data=fields)
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


def counts() -> list[int]:
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


@pytest.mark.parametrize("point", POINTS)
def test_nothing_is_left_and_the_same_answer_still_works(app: Flask, cast: Cast, browser: Browser, point: str) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    answer = browser.answer_for(cast.acme, EVE)
    fields = {"SAMLResponse": answer.saml_response}
    before = counts()
    ended = post_in_a_child(app, browser, answer.acs, fields, point)
    assert os.WIFSIGNALED(ended)
    assert os.WTERMSIG(ended) == signal.SIGKILL
    assert counts() == before
    assert db.session.scalars(select(PendingRequest.used_at)).all() == [None]
    assert browser.client.post(answer.acs, data=fields).status_code == 303
    assert counts()[0] == before[0] + 1
