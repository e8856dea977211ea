"""An operator reads who has an account, and what happened."""

from __future__ import annotations

from sqlalchemy import func, select

from database import db, now
from models import AuditEvent, Domain, OutboxMessage, RecoveryCode, User
from organizations import creation
from tests.flows.operators.typing_commands import Operator


def test_people_are_listed_completely_and_of_one_organization_only(acme: Operator) -> None:
    acme.ok("org create globex --name Globex --plan flex --admin cleo@globex.example")
    with acme.app.app_context():
        organization = creation.find("acme")
        assert organization
        for number in range(120):
            creation.add_user(organization, f"p{number:03}@acme.example", role="viewer", origin="setup")
        db.session.commit()
    emails = [person["email"] for person in acme.json("people list acme")]
    assert emails == ["ana@acme.example", *(f"p{number:03}@acme.example" for number in range(120))]
    assert len(acme.ok("people list acme").splitlines()) == 122
    assert [person["email"] for person in acme.json("people list globex")] == ["cleo@globex.example"]


def test_a_name_from_outside_cannot_drive_the_terminal(acme: Operator) -> None:
    with acme.app.app_context():
        user = db.session.scalars(select(User)).one()
        user.display_name = "Ana\x1b[2J\nroot\u202e"
        db.session.commit()
    printed = acme.ok("people list acme")
    assert "Ana?[2J?root?" in printed
    assert len(printed.splitlines()) == 2
    assert "\x1b" not in acme.ok("people list acme --json")


def test_the_audit_log_is_searched_and_paged(connected: Operator) -> None:
    newest_first = [event["id"] for event in connected.json("audit list acme")]
    assert newest_first == sorted(newest_first, reverse=True)
    first = connected.json("audit list acme --limit 2")
    assert [event["id"] for event in first] == newest_first[:2]
    assert f"--before {newest_first[1]}" in connected.warnings
    rest = connected.json(f"audit list acme --before {newest_first[1]}")
    assert [event["id"] for event in rest] == newest_first[2:]
    assert "SSO activated" in connected.ok("audit list acme --search activated")
    assert "No event matches" in connected.ok("audit list acme --search nothing-like-this")


def test_a_change_and_its_event_come_together(connected: Operator) -> None:
    connected.ok("support unlock acme --reason x")
    connected.ok("jit on acme")
    with connected.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == len(connected.actions())
        assert db.session.scalar(select(func.count()).select_from(Domain)) == 1
    assert sorted(connected.actions()) == sorted(
        [
            "operator:admin:created",
            "operator:domain:added",
            "operator:jit:turned_on",
            "operator:organization:created",
            "operator:sso:activated",
            "operator:sso:configured",
            "operator:sso:prepared",
            "support:domain:verified",
            "support:entitlement:unlocked",
        ]
    )


def test_a_second_factor_that_was_lost_is_removed_and_all_admins_hear_of_it(connected: Operator) -> None:
    reset = "people reset-second-factor acme Ana@ACME.example --reason 'ticket 4533'"
    assert "has no second factor; nothing was changed" in connected.ok(reset)
    assert "operator:totp:removed" not in connected.actions()
    with connected.app.app_context():
        ana = db.session.scalars(select(User).where(User.email == "ana@acme.example")).one()
        ana.totp_secret, ana.totp_confirmed_at, ana.totp_last_step = b"x", now(), 1
        db.session.add(RecoveryCode(user_id=ana.id, code_hash="x"))
        db.session.commit()
    assert "Give the reason" in connected.refused(reset.replace("ticket 4533", " "))
    assert "has no account" in connected.refused(reset.replace("Ana", "Nobody"))
    assert "is removed" in connected.ok(reset)
    [event] = [event for event in connected.json("audit list acme") if event["action"] == "operator:totp:removed"]
    assert (event["subject"], event["details"]) == ("ana@acme.example", {"reason": "ticket 4533"})
    with connected.app.app_context():
        ana = db.session.scalars(select(User).where(User.email == "ana@acme.example")).one()
        assert (ana.totp_secret, ana.totp_confirmed_at, ana.totp_last_step) == (None, None, None)
        assert db.session.scalars(select(RecoveryCode)).all() == []
        message = db.session.scalars(select(OutboxMessage)).one()
        assert message.recipient == "ana@acme.example"
        assert "ticket 4533" in message.body
