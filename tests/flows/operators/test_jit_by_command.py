"""Support unlocks JIT Provisioning, an operator turns it on, and `explain` says what it means for an address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from database import db, now
from models import Entitlement, Organization, RoleRule
from tests.flows.operators.typing_commands import Operator


def explained(operator: Operator, address: str = "eve@acme.example") -> str:
    reason: str = operator.json(f"jit explain acme {address}")["reason"]
    return reason


def test_jit_needs_sso_then_the_unlock_then_the_switch(acme: Operator) -> None:
    assert explained(acme) == "sso_not_activated"
    assert "flask sso show acme" in acme.refused("jit on acme")
    acme.ok("domain add acme acme.example")
    acme.ok("domain verify acme acme.example --reason x")
    acme.ok(f"sso configure acme --metadata {acme.metadata()}")
    acme.ok("sso activate acme --without-test --reason x")
    assert explained(acme) == "jit_locked"
    assert "flask support unlock acme" in acme.refused("jit on acme")
    acme.ok("support unlock acme --reason 'asked for it'")
    assert explained(acme) == "jit_off"
    assert "is on" in acme.ok("jit on acme")
    assert explained(acme) == "created_just_in_time"
    assert "already on" in acme.ok("jit on acme")
    assert acme.actions().count("operator:jit:turned_on") == 1
    acme.ok("jit off acme")
    assert explained(acme) == "jit_off"


def test_a_lock_stops_provisioning_and_leaves_the_wish(connected: Operator) -> None:
    connected.ok("support unlock acme --reason trial")
    connected.ok("jit on acme")
    connected.ok("support lock acme --reason 'trial is over'")
    assert explained(connected) == "jit_locked"
    shown = connected.json("org show acme")
    assert (shown["jit_unlocked"], shown["jit_wish"], shown["jit_in_effect"]) == (False, "on", False)
    assert "locked; the switch is on, without effect" in connected.ok("org show acme")
    assert "not unlocked" in connected.refused("support lock acme --reason again")
    connected.ok("support unlock acme --reason 'trial again'")
    assert explained(connected) == "created_just_in_time"


def test_an_unlock_ends_with_the_day_it_was_given_until(connected: Operator) -> None:
    day = now().date() + timedelta(days=30)
    assert f"until {day} 23:59:59 UTC" in connected.ok(f"support unlock acme --reason trial --until {day}")
    with connected.app.app_context():
        ends_at = db.session.scalars(select(Entitlement)).one().ends_at
    assert ends_at == datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    assert connected.json("org show acme")["jit_unlocked_until"] == f"{day}T23:59:59Z"
    connected.ok(f"support unlock acme --reason today --until {now().date()}")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("", "--reason"),
        ("--reason ' '", "Give the reason"),
        ("--reason x --until 2020-01-01", "in the past"),
        ("--reason x --until tomorrow", "--until"),
    ],
)
def test_an_unlock_is_refused_with_the_cure(acme: Operator, options: str, says: str) -> None:
    assert says in acme.refused(f"support unlock acme {options}")


def test_explain_takes_groups_into_account_where_role_rules_are_on(connected: Operator) -> None:
    connected.ok("support unlock acme --reason trial")
    connected.ok("jit on acme")
    with connected.app.app_context():
        acme = db.session.scalars(select(Organization)).one()
        acme.role_rules_on = True
        for position, (group, outcome) in enumerate((("staff", "collaborator"), ("guests", "refuse"))):
            values = {"group_name": group, "outcome": outcome, "position": position}
            db.session.add(RoleRule(organization_id=acme.id, **values))
        db.session.commit()
    eve = "jit explain acme eve@acme.example"
    assert connected.json(eve)["role"] == "viewer"
    told = connected.json(f"{eve} --group guests --group staff")
    assert (told["role"], told["role_rule"], told["groups_matter"]) == ("collaborator", "“staff” → Collaborator", True)
    assert told["groups"] == ["guests", "staff"]
    printed = connected.ok(f"{eve} --group guests")
    assert "refused_by_role_rule (rule 15)" in printed
    assert "“guests” → Refused" in printed
    with connected.app.app_context():
        db.session.scalars(select(Organization)).one().role_rules_on = False
        db.session.commit()
    assert "role rules are off" in connected.ok(f"{eve} --group guests")
    assert connected.json(f"{eve} --group guests")["groups_matter"] is False


def test_explain_says_why_and_changes_nothing(connected: Operator) -> None:
    connected.ok("support unlock acme --reason trial")
    connected.ok("jit on acme")
    before = connected.contents()
    printed = connected.ok("jit explain acme EVE@acme.example")
    assert "eve@acme.example would get an account and be signed in as Viewer." in printed
    assert "created_just_in_time (rule 14)" in printed
    assert explained(connected, "eve@acme.example.evil.example") == "domain_not_verified"
    assert explained(connected, "eve@sub.acme.example") == "domain_not_verified"
    assert explained(connected, "ana@acme.example") == "existing_account_linked"
    assert connected.json("jit explain acme ana@acme.example")["role"] == "admin"
    assert connected.contents() == before
    assert "name@company.example" in connected.refused("jit explain acme eve")
