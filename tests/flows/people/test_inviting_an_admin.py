"""To invite somebody as an Admin is confirmed on a page that says what it means, like making somebody one."""

from __future__ import annotations

import pytest

from database import db
from models import Organization
from tests.factories import Cast
from tests.flows.people.conftest import PEOPLE, events, number_of_events, page_of, person
from tests.pages import check_page
from tests.signing_in import Browser

INVITE = f"{PEOPLE}/invite"
OUTSIDE = "partner@elsewhere.example"
FORM = {"email": f" {OUTSIDE.title()}", "role": "admin", "by": "link"}


@pytest.mark.parametrize("by", ["link", "mail"])
def test_it_is_asked_first_and_done_only_then(cast: Cast, ana: Browser, mail, by: str) -> None:
    form, number = FORM | {"by": by}, number_of_events()
    for _ in range(2):  # to load the question again only asks again
        answer = ana.post(INVITE, form)
        asked = check_page(answer.text)
        assert (answer.status_code, asked.h1) == (200, f"Invite {OUTSIDE} as an Admin?")
        assert "Admins can change everything in Acme" in asked.words
        assert (person(OUTSIDE), number_of_events(), mail()) == (None, number, [])
    [confirm] = [form for form in asked.forms() if form.get("action") == INVITE]
    sent = {item.get("name"): item.get("value") for item in confirm.iter() if item.get("name") not in (None, "change")}
    assert ana.post(INVITE, sent).status_code == 303
    partner = person(OUTSIDE)
    assert (partner.role, partner.status) == ("admin", "invited")
    told = {"role": "admin", "by": "e-mail" if by == "mail" else "link"}
    assert events("admin:invitation:sent") == [("ana@acme.example", OUTSIDE, told)]
    assert len(mail()) == (by == "mail")


@pytest.mark.parametrize("by", ["link", "mail"])
def test_another_role_is_chosen_without_writing_the_address_again(cast: Cast, ana: Browser, mail, by: str) -> None:
    asked, number = check_page(ana.post(INVITE, FORM | {"by": by}).text), number_of_events()
    [confirm] = [form for form in asked.forms() if form.get("action") == INVITE]
    carried = {item.get("name"): item.get("value") for item in confirm.iter("input")}
    answer = ana.post(INVITE, carried | {"change": "y"})
    page = check_page(answer.text)
    assert (answer.status_code, page.h1) == (200, "Invite somebody")
    assert page.by_id("email").get("value") == FORM["email"]
    assert [option.get("value") for option in page.root.iter("option") if option.get("selected") is not None] == [
        "admin"
    ]
    assert [radio.get("value") for radio in page.root.iter("input") if radio.get("checked") is not None] == [by]
    assert (person(OUTSIDE), number_of_events(), mail()) == (None, number, [])


@pytest.mark.parametrize("role", ["viewer", "collaborator"])
def test_another_role_is_not_asked_about(cast: Cast, ana: Browser, role: str) -> None:
    assert ana.post(INVITE, FORM | {"role": role}).status_code == 303
    assert person(OUTSIDE).role == role


@pytest.mark.parametrize(
    ("email", "seats", "words"),
    [
        ("ben@acme.example", None, "has an account here already"),
        ("nobody", None, "Write your whole e-mail address"),
        (OUTSIDE, 3, "No seat is left"),
    ],
)
def test_what_cannot_be_is_said_instead_of_asked(
    cast: Cast, ana: Browser, email: str, seats: int | None, words: str
) -> None:
    db.session.get_one(Organization, cast.acme.id).seats = seats
    db.session.commit()
    answer = ana.post(INVITE, FORM | {"email": email})
    page = check_page(answer.text)
    assert (answer.status_code, page.h1) == (422, "Invite somebody")
    assert words in page.words


def test_what_happened_meanwhile_counts_at_the_confirmation(cast: Cast, ana: Browser) -> None:
    assert ana.post(INVITE, FORM).status_code == 200
    assert ana.post(INVITE, FORM | {"role": "viewer"}).status_code == 303
    assert ana.post(INVITE, FORM | {"confirmed": "y"}).status_code == 422
    assert person(OUTSIDE).role == "viewer"
    assert ana.get(page_of(person(OUTSIDE))).status_code == 200
