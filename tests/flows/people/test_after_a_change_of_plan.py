"""Support changes plan and seats; who is there keeps their role until an admin says otherwise."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from blueprints.settings.people import plan_roles
from database import db
from models import PeopleCount, User
from organizations import plans
from organizations.plans import PlanRefused
from tests.factories import EVE, Cast, make_user
from tests.flows.people.conftest import PEOPLE, events, number_of_events, page_of, person
from tests.signing_in import Browser

APPLY = f"{PEOPLE}/plan-roles"
KEEP = f"{APPLY}/keep"
NOTICE = "role of another plan"


@pytest.fixture
def provisioned(cast: Cast) -> dict[str, User]:
    """JIT accounts of the plan flex at Acme, each with what is special about it."""
    by_jit = {"origin": "jit", "created_by_configuration_id": cast.acme.connection.live_configuration_id}
    special = {
        "plain": {},
        "other": {},
        "gone": {"status": "deactivated"},
        "admin": {"role": "admin"},
        "rule": {"created_by_rule": "member of research"},
        "byhand": {},
    }
    return {name: make_user(cast.acme, f"{name}@acme.example", **by_jit, **more) for name, more in special.items()}


def change_plan(cast: Cast, plan: str = "seat_based") -> None:
    plans.set_plan(cast.acme, plan, "contract")
    db.session.commit()


def roles() -> dict[str, str]:
    db.session.rollback()
    return {user.email.partition("@")[0]: user.role for user in db.session.query(User)}


def test_nothing_is_offered_without_a_change(provisioned: dict[str, User], ana: Browser, get_page) -> None:
    assert "role of another plan" not in get_page(ana, PEOPLE).words
    assert ana.get(APPLY).location == PEOPLE
    assert ana.post(APPLY, {"role": "viewer"}).status_code == 303
    assert events("admin:plan_role:applied") == []


def test_only_who_has_the_role_from_the_plan_gets_the_new_one(
    provisioned: dict[str, User], cast: Cast, ana: Browser, get_page
) -> None:
    ana.post(f"{page_of(provisioned['byhand'])}/role", {"role": "collaborator"})
    ana.post(f"{page_of(provisioned['byhand'])}/role", {"role": "viewer"})
    before = roles()
    change_plan(cast)
    assert roles() == before
    assert "2 accounts from a first sign-in still have the role of another plan." in get_page(ana, PEOPLE).words
    asked = get_page(ana, APPLY)
    assert asked.h1 == "Give 2 people the role Collaborator?"
    number = number_of_events()
    assert ana.post(APPLY, {"role": "collaborator"}).status_code == 303
    assert roles() == before | {"plain": "collaborator", "other": "collaborator"}
    told = {"before": "viewer", "after": "collaborator"}
    assert sorted(events("admin:plan_role:applied")) == [
        ("ana@acme.example", "other@acme.example", told),
        ("ana@acme.example", "plain@acme.example", told),
    ]
    assert number_of_events() == number + 2
    plain = person("plain@acme.example")
    assert (plain.role_given_by, plain.role_since is None, plain.role_from_plan) == ("ana@acme.example", False, True)
    assert "role of another plan" not in get_page(ana, PEOPLE).words


def test_who_they_are_is_shown_before_it_is_done(
    provisioned: dict[str, User], cast: Cast, ana: Browser, get_page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those and only those who would get the role, the first by address; of many it says how many more there are."""
    provisioned["other"].display_name = "Olga Ther"
    change_plan(cast)
    page = get_page(ana, APPLY)
    words = page.words
    assert (
        "byhand@acme.example Viewer now Olga Ther other@acme.example Viewer now plain@acme.example Viewer now" in words
    )
    assert "more" not in words
    assert page.links()["Olga Ther"] == page_of(provisioned["other"])
    for left_alone in ("gone@", "admin@", "rule@", "ben@", "ana@"):
        assert left_alone not in words
    monkeypatch.setattr(plan_roles, "SHOWN", 1)
    words = get_page(ana, APPLY).words
    assert "byhand@acme.example Viewer now and 2 more" in words
    assert "plain@acme.example" not in words


def test_many_are_counted_as_elsewhere_on_the_page(
    provisioned: dict[str, User], cast: Cast, ana: Browser, get_page
) -> None:
    change_plan(cast)
    db.session.execute(
        update(PeopleCount).where(PeopleCount.role_from_plan, PeopleCount.role == "viewer").values(number=5_000)
    )
    db.session.commit()
    words = get_page(ana, PEOPLE).words
    assert "5,000 accounts from a first sign-in" in words


@pytest.mark.both_databases
def test_no_is_an_answer_that_lasts(provisioned: dict[str, User], cast: Cast, ana: Browser, get_page) -> None:
    """One event for the decision; who comes with the new plan is asked about again when that one is changed."""
    change_plan(cast)
    before, number = roles(), number_of_events()
    page = get_page(ana, APPLY)
    assert "Keep their roles : they stay as they are, whatever the plan" in page.words
    assert page.links()["Decide later"] == PEOPLE
    assert ana.post(KEEP, {"role": "collaborator"}).location == PEOPLE
    words = get_page(ana, PEOPLE).words
    assert "3 people keep the role of before, whatever the plan." in words
    assert NOTICE not in words
    assert roles() == before
    told = {"accounts": 3, "instead_of": "collaborator"}
    assert events("admin:plan_role:kept") == [("ana@acme.example", "acme", told)]
    assert "Accounts: 3 Instead of: Collaborator" in get_page(ana, "/o/acme/settings/audit-log").words
    ana.post(KEEP, {"role": "collaborator"})
    assert number_of_events() == number + 1, "there was nothing left to decide"
    configuration = cast.acme.connection.live_configuration_id
    make_user(
        cast.acme, "late@acme.example", role="collaborator", origin="jit", created_by_configuration_id=configuration
    )
    for plan in ("flex", "seat_based"):
        change_plan(cast, plan)
        assert ("1 account from a first sign-in" in get_page(ana, PEOPLE).words) == (plan == "flex")


def test_whoever_is_not_asked_about_is_not_touched_by_the_answer(
    provisioned: dict[str, User], cast: Cast, ana: Browser
) -> None:
    """A deactivated account that comes back is asked about then."""
    change_plan(cast)
    ana.post(KEEP, {"role": "collaborator"})
    kept = {user.email.partition("@")[0]: user.role_from_plan for user in provisioned.values()}
    assert [name for name, from_plan in kept.items() if from_plan] == ["gone", "admin"]
    ana.post(f"{page_of(provisioned['gone'])}/reactivate", {})
    assert plans.with_another_plans_role(cast.acme) == 1


@pytest.mark.parametrize("answer", [APPLY, KEEP])
def test_another_plan_meanwhile_is_noticed(
    provisioned: dict[str, User], cast: Cast, ana: Browser, get_page, answer: str
) -> None:
    before, asked = roles(), [user.role_from_plan for user in provisioned.values()]
    for plan in ("seat_based", "flex"):
        change_plan(cast, plan)
        wrong = "viewer" if plan == "seat_based" else "collaborator"
        for role in (wrong, "admin", ""):
            ana.post(answer, {"role": role})
            assert ("The plan was changed meanwhile." in get_page(ana, PEOPLE).words) == bool(role)
            assert roles() == before
            assert [user.role_from_plan for user in provisioned.values()] == asked
    assert events("admin:plan_role:applied") == events("admin:plan_role:kept") == []


def test_a_new_account_gets_the_role_of_the_new_plan(app: Flask, cast: Cast, browser: Browser) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    change_plan(cast)
    browser.sso(cast.acme, EVE)
    assert person(EVE.email).role == "collaborator"


def test_what_happened_elsewhere_does_not_count(provisioned: dict[str, User], cast: Cast, app: Flask) -> None:
    """A change by hand of the same address in another organization."""
    twin = make_user(cast.globex, "plain@acme.example")
    Browser(app).sign_in_as(cast.cleo).post(f"/o/globex/settings/people/{twin.id}/role", {"role": "collaborator"})
    change_plan(cast)
    assert plans.with_another_plans_role(cast.acme) == 3


def test_seats_and_plan_need_a_reason_and_are_told_to_the_customer(cast: Cast) -> None:
    for reason in ("", "  "):
        with pytest.raises(PlanRefused, match="reason"):
            plans.set_plan(cast.acme, "seat_based", reason)
        with pytest.raises(PlanRefused, match="reason"):
            plans.set_seats(cast.acme, 5, reason)
    assert plans.set_seats(cast.acme, 5, "more")
    assert not plans.set_seats(cast.acme, 5, "more")
    assert plans.set_seats(cast.acme, None, "all")
    assert plans.set_plan(cast.acme, "seat_based", "up")
    assert not plans.set_plan(cast.acme, "seat_based", "up")
    db.session.commit()
    assert [details for _, _, details in events("support:seats:changed")] == [
        {"before": None, "after": 5, "reason": "more"},
        {"before": 5, "after": None, "reason": "all"},
    ]
    assert [actor for actor, *_ in events("support:plan:changed")] == ["support"]
