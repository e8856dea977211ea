"""An operator creates organizations, and gives their admins a link to set a password."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from database import db
from models import Organization
from organizations import creation, passwords
from tests.flows.operators.typing_commands import Operator


def test_creating_an_organization_gives_the_admin_a_link_that_works_once(operator: Operator) -> None:
    printed = operator.ok(
        "org create acme --name 'Acme Research' --plan flex --seats 10 --it-contact it@acme.example "
        "--admin Ana@Acme.Example"
    )
    base = re.escape(operator.app.config["PUBLIC_BASE_URL"])
    token = re.search(rf"^{base}/set-password/(\S+)$", printed, re.MULTILINE)
    assert token, printed
    with operator.app.app_context():
        link = passwords.find_link(token[1])
        assert link
        assert link.user.email == "ana@acme.example"
        assert link.user.role == "admin"
        organization = db.session.scalars(select(Organization)).one()
        assert (organization.plan, organization.seats, organization.it_contact) == ("flex", 10, "it@acme.example")
        assert creation.general_workspace(organization.id).name == "General"
    assert operator.actions() == ["operator:admin:created", "operator:organization:created"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("acme --name Other --plan flex --admin bo@acme.example", "already an organization acme"),
        ("'Acme Two' --name Acme --plan flex --admin bo@acme.example", "a-z, 0-9 and hyphens"),
        ("two --name Two --plan gold --admin bo@acme.example", "'flex', 'seat_based'"),
        ("two --name Two --plan flex --admin bo", "name@company.example"),
        ("two --name Two --plan flex --admin bo@two.example --seats 0", "--seats"),
        ("two --name Two --plan flex", "--admin"),
    ],
)
def test_an_organization_that_cannot_be_created_leaves_nothing(acme: Operator, arguments: str, says: str) -> None:
    assert says in acme.refused(f"org create {arguments}")


def test_a_new_link_replaces_the_old_one_and_the_customer_can_see_it(acme: Operator) -> None:
    first = acme.json("org link acme ana@acme.example")
    second = acme.json("org link acme ' ANA@acme.example'")
    assert second["admin"] == "ana@acme.example"
    assert second["good_for_days"] == 7
    with acme.app.app_context():
        assert passwords.find_link(first["link"].rpartition("/")[2]) is None
        assert passwords.find_link(second["link"].rpartition("/")[2]) is not None
    assert acme.actions().count("operator:password_link:created") == 2
    assert second["link"].rpartition("/")[2] not in json.dumps(acme.json("audit list acme"))


def test_a_link_is_for_an_active_admin_of_that_organization(acme: Operator) -> None:
    acme.ok("org create globex --name Globex --plan seat_based --admin cleo@globex.example")
    with acme.app.app_context():
        organization = creation.find("acme")
        assert organization
        creation.add_user(organization, "ben@acme.example", role="viewer", origin="setup")
        creation.add_user(organization, "old@acme.example", role="admin", origin="setup", status="deactivated")
        db.session.commit()
    for somebody in ("nobody@acme.example", "ben@acme.example", "old@acme.example", "cleo@globex.example"):
        assert "flask people list acme" in acme.refused(f"org link acme {somebody}")


def test_the_list_and_the_details_of_organizations(connected: Operator) -> None:
    connected.ok("org create globex --name Globex --plan seat_based --admin cleo@globex.example")
    assert connected.json("org list") == [
        {"slug": "acme", "name": "Acme Research", "plan": "flex", "people": 1, "seats": 10, "sso": "activated"},
        {"slug": "globex", "name": "Globex", "plan": "seat_based", "people": 1, "seats": None, "sso": "not_set_up"},
    ]
    table = connected.ok("org list").splitlines()
    assert table[0].split() == ["SLUG", "NAME", "PLAN", "PEOPLE", "SEATS", "SSO"]
    assert "no limit" in table[2]
    assert "not set up" in table[2]
    shown = connected.json("org show acme")
    assert shown["domains"] == [{"name": "acme.example", "state": "verified"}]
    assert (shown["role_for_new_people"], shown["jit_unlocked"], shown["jit_wish"]) == ("viewer", False, "off")
    assert re.search(r"^JIT Provisioning +locked; the switch is off$", connected.ok("org show acme"), re.MULTILINE)


def test_an_empty_list_says_how_to_begin(operator: Operator) -> None:
    assert "flask org create" in operator.ok("org list")
    assert operator.json("org list") == []
