"""`flask support plan` and `flask support seats`."""

from __future__ import annotations

import pytest

from database import db
from models import PeopleCount
from organizations import creation
from tests.factories import make_user
from tests.flows.operators.typing_commands import Operator


def test_the_plan_is_changed_and_said_once(acme: Operator) -> None:
    said = acme.ok("support plan acme seat_based --reason 'contract 12'")
    assert said == "Acme Research is on the plan seat_based. New people become Collaborators.\n"
    assert acme.json("org show acme")["role_for_new_people"] == "collaborator"
    assert "nothing was changed" in acme.ok("support plan acme seat_based --reason again")
    assert acme.actions().count("support:plan:changed") == 1


def test_many_are_told_with_commas(acme: Operator) -> None:
    kind = {"status": "active", "role": "viewer", "origin": "jit", "role_from_plan": True}
    with acme.app.app_context():
        db.session.add(PeopleCount(organization_id=creation.find("acme").id, **kind, number=5_000))
        db.session.commit()
    told = acme.ok("support plan acme seat_based --reason 'contract 12'")
    assert "5,000 JIT accounts of before keep their role" in told
    assert acme.ok("support seats acme 1200 --reason less") == "Acme Research has 1,200 seats.\n"
    assert "There are 3,801 people more than seats." in acme.warnings


def test_seats_are_a_number_or_none(acme: Operator) -> None:
    assert acme.ok("support seats acme 40 --reason more") == "Acme Research has 40 seats.\n"
    assert acme.json("org show acme")["seats"] == 40
    assert acme.ok("support seats acme none --reason all") == "Acme Research has no limit of seats.\n"
    assert acme.json("org show acme")["seats"] is None
    assert "nothing was changed" in acme.ok("support seats acme none --reason all")
    assert acme.actions().count("support:seats:changed") == 2


def test_fewer_seats_than_people_are_set_with_a_warning(acme: Operator) -> None:
    assert acme.ok("support seats acme 1 --reason less") == "Acme Research has 1 seat.\n"
    assert acme.warnings == ""
    acme.ok("support seats acme 2 --reason more")
    with acme.app.app_context():
        for name in ("ben", "dora"):
            make_user(creation.find("acme"), f"{name}@acme.example")
    acme.ok("support seats acme 1 --reason less")
    assert acme.warnings == (
        "Warning: There are 2 people more than seats. They keep their accounts; nobody new gets one.\n"
    )


@pytest.mark.parametrize("seats", ["0", "-- -1", "many", "1.5", "٣", "99999999999"])
def test_anything_else_is_refused(acme: Operator, seats: str) -> None:
    assert "Seats is a number from 1, or none for no limit." in acme.refused(f"support seats --reason x acme {seats}")


def test_no_reason_no_change(acme: Operator) -> None:
    assert "Give the reason" in acme.refused("support plan acme seat_based --reason ' '")
    assert "Give the reason" in acme.refused("support seats acme 3 --reason ' '")
    assert "Invalid value" in acme.refused("support plan acme gold --reason x")
