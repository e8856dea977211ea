"""The groups that sign-ins brought are offered when role rules are made: whose, how many, and what that costs."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db
from models import SeenGroup
from organizations import seen_groups
from tests.factories import EVE, Cast
from tests.flows.test_constant_number_of_queries import counted
from tests.flows.test_role_rules import acme, have_rules, last_attempt, person, user
from tests.signing_in import Browser

__all__ = ["acme"]  # a fixture
pytestmark = pytest.mark.both_databases


def test_groups_of_sign_ins_are_remembered_up_to_a_bound(
    acme: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_groups, "AT_MOST", 3)
    browser.sso(acme.acme, person("b", "a", "a", "x" * 201))
    browser.sso(acme.acme, person("c", "d"))
    browser.sso(acme.acme, person("contractors", email="finn@acme.example"))  # refused
    assert seen_groups.names(acme.acme) == ["a", "b", "c"]
    assert {row.organization_id for row in db.session.scalars(select(SeenGroup))} == {acme.acme.id}
    assert seen_groups.names(acme.globex) == []


@pytest.mark.parametrize("because", ["jit_off", "domain_not_verified", "refused_by_role_rule", "account_deactivated"])
def test_groups_of_people_who_were_turned_away_are_remembered_too(acme: Cast, browser: Browser, because: str) -> None:
    acme.acme.jit_on = because != "jit_off"
    acme.ben.status = "deactivated"
    db.session.commit()
    emails = {"domain_not_verified": "eve@elsewhere.example", "account_deactivated": "ben@acme.example"}
    groups = ("contractors", "new") if because == "refused_by_role_rule" else ("new",)
    assert browser.sso(acme.acme, person(*groups, email=emails.get(because, EVE.email))).status_code == 403
    assert last_attempt().reason == because
    assert seen_groups.names(acme.acme) == sorted(groups)
    assert seen_groups.names(acme.globex) == []


def test_groups_of_a_message_that_failed_a_check_are_not(
    acme: Cast, browser: Browser, another_browser: Browser
) -> None:
    answer = browser.answer_for(acme.acme, person("made-up"))
    assert another_browser.post_answer(answer).status_code == 403
    assert seen_groups.names(acme.acme) == []


@pytest.mark.parametrize("name", ["مدیر\u200cها", "Équipe\u00a0A", "研究\u3000開発", "क्\u200dष"])
def test_a_name_is_taken_letter_by_letter_with_what_is_not_seen_in_it(acme: Cast, browser: Browser, name: str) -> None:
    have_rules(acme, (name, "collaborator"))
    looks_alike = name.translate({0x200C: None, 0x200D: None, 0xA0: " ", 0x3000: " "})
    browser.sso(acme.acme, person(looks_alike, email="finn@acme.example"))
    browser.sso(acme.acme, person(f" {name} ", "a\u202eb", "a\u2028b"))
    assert (user("finn@acme.example").role, user().role) == ("viewer", "collaborator")
    assert set(seen_groups.names(acme.acme)) == {name, looks_alike}


def test_what_they_cost_somebody_who_is_turned_away(acme: Cast, browser: Browser) -> None:
    """New ones cost one statement each up to a bound, and two together; what is known costs nothing."""
    acme.acme.jit_on = False
    db.session.commit()
    numbers = []
    for groups in (0, *[seen_groups.AT_ONCE + 10] * 4):
        names = [f"group {number}" for number in range(groups)]
        answer = browser.answer_for(acme.acme, person(*names))
        with counted() as statements:
            assert browser.post_answer(answer).status_code == 403
        numbers.append(len([statement for statement in statements if "seen_group" in statement]))
    assert numbers == [0, seen_groups.AT_ONCE + 2, 10 + 2, 1, 0]
