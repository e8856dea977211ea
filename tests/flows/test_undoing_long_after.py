"""Undo a time window of long ago: what is read is about the people of the window, whatever others did since."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import event

from database import db, now
from organizations import undo
from tests.factories import EVE, Cast
from tests.signing_in import Browser


def test_each_question_is_answered_by_an_index(cast: Cast, browser: Browser) -> None:
    """On PostgreSQL it is the same indexes, once there are so many rows that it uses any."""
    cast.acme.jit_on = True
    db.session.commit()
    browser.sso(cast.acme, EVE)
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        asked.append((statement, values))

    acme = cast.acme
    assert acme.id
    event.listen(db.engine, "before_cursor_execute", note)
    assert len(undo.window(acme, now() - timedelta(hours=1), now() + timedelta(hours=1))) == 1
    event.remove(db.engine, "before_cursor_execute", note)
    explain = db.session.connection().exec_driver_sql
    plans = [row.detail for statement, values in asked for row in explain(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert not [step for step in plans if step.startswith("SCAN")]
    assert set(re.findall(r"INDEX (\w+)", " ".join(plans))) == {
        "ix_user_organization_id_origin_created_at",
        "ix_sign_in_attempt_user_id_at",
        "ix_user_invited_by_id",
        "ix_audit_event_organization_id_actor_id",
    }
