"""`flask keys` and `flask sso idp-initiated`."""

from __future__ import annotations

import json

from sqlalchemy import select

from database import db
from models import AuditEvent, EncryptionKey, SSOConnection
from tests.flows.operators.typing_commands import Operator


def test_a_connection_begins_with_a_key_and_rolls_over(connected: Operator) -> None:
    [first] = json.loads(connected.ok("keys list acme --json"))
    assert "is published" in connected.ok("keys add acme")
    newest, oldest = json.loads(connected.ok("keys list acme --json"))
    assert oldest == first
    assert newest["sha256"] != first["sha256"]
    connected.ok(f"keys retire acme {first['id']}")
    assert [row["id"] for row in json.loads(connected.ok("keys list acme --json"))] == [newest["id"]]
    db.session.rollback()
    assert len(db.session.scalars(select(EncryptionKey)).all()) == 2, "a retired key is kept, and not used"


def test_the_last_key_stays(connected: Operator) -> None:
    [only] = json.loads(connected.ok("keys list acme --json"))
    assert "only encryption key" in connected.refused(f"keys retire acme {only['id']}")
    assert "no active encryption key 4711" in connected.refused("keys retire acme 4711")


def test_without_a_connection_there_are_none(acme: Operator) -> None:
    assert "No key yet" in acme.ok("keys list acme")
    assert "prepare it first" in acme.refused("keys add acme")


def test_sign_ins_from_the_identity_provider_are_switched(connected: Operator) -> None:
    assert "may start" in connected.ok("sso idp-initiated acme on")
    db.session.rollback()
    assert db.session.scalars(select(SSOConnection.idp_initiated)).one() is True
    assert "may not start" in connected.ok("sso idp-initiated acme off")
    db.session.rollback()
    actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.contains("idp_initiated"))).all()
    assert actions == ["operator:idp_initiated:allowed", "operator:idp_initiated:forbidden"]
