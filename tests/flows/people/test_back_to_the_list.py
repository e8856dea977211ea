"""Who opened a person from a search finds back to it: from the person's page, and after what was done there."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from sqlalchemy import insert

from database import db
from models import Identity, User
from tests.factories import Cast, make_user
from tests.flows.people.conftest import PEOPLE, page_of, person
from tests.pages import check_page, parse
from tests.signing_in import Browser

BACK = "Back to the list"
WANTED = {"q": "acme & co", "role": "viewer", "status": "active", "origin": "setup"}
LIST = f"{PEOPLE}?q=acme+%26+co&role=viewer&status=active&origin=setup&after=a"


def asked(address: str) -> dict[str, str]:
    parts = urlsplit(address)
    assert parts.path == PEOPLE
    return {name: value for name, [value] in parse_qs(parts.query).items()}


@pytest.fixture
def ben(cast: Cast, ana: Browser, get_page) -> str:
    """The address of Ben's page, as the second page of a search links it."""
    cast.ben.display_name = "Ben & Co"
    db.session.commit()
    address = get_page(ana, LIST).links()["Ben & Co"]
    assert asked(get_page(ana, address).links()[BACK]) == WANTED | {"after": "a"}
    return address


def beside(ben: str, what: str) -> str:
    return ben.replace("?", f"/{what}?")


def test_each_way_from_the_page_of_a_person_knows_it(cast: Cast, ana: Browser, ben: str, get_page) -> None:
    values = {"connection_id": cast.acme.connection.id, "idp_entity_id": "https://idp.example", "subject": "s"}
    db.session.add(Identity(organization_id=cast.acme.id, user_id=cast.ben.id, **values))
    db.session.commit()
    mark = ben.partition("?")[2]
    for what in ("", "deactivate", "reset-sso-link"):
        page = get_page(ana, beside(ben, what) if what else ben)
        here = [*page.links().values(), *(form.get("action", "") for form in page.forms())]
        about_ben = [address for address in here if address.startswith(page_of(cast.ben))]
        assert about_ben
        assert all(address.endswith(f"?{mark}") for address in about_ben), about_ben


@pytest.mark.parametrize("htmx", [True, False])
def test_it_outlives_what_is_done_there(cast: Cast, ana: Browser, ben: str, get_page, htmx: bool) -> None:
    for what, fields in (
        ("role", {"role": "collaborator"}),
        ("deactivate", {"because": "x"}),
        ("reactivate", {}),
        ("role", {"role": "admin", "confirmed": "y"}),
    ):
        answer = ana.post(beside(ben, what), fields, htmx=htmx)
        if htmx:
            fragment = parse(f"<!doctype html><title>x</title><main>{answer.text}</main>")
            assert beside(ben, "role") in [form.get("hx-post") for form in fragment.forms()]
        else:
            assert answer.location == ben
    refused = check_page(ana.post(beside(ben, "role"), {"role": "x"}).text)
    assert asked(refused.links()[BACK]) == WANTED | {"after": "a"}


def test_the_page_that_asks_about_a_role_knows_it(ana: Browser, ben: str, get_page) -> None:
    asks = ana.post(beside(ben, "role"), {"role": "admin"}).location
    assert parse_qs(urlsplit(asks).query)["role"] == ["admin"]
    assert get_page(ana, asks).links()["Back, change nothing"] == ben


def test_a_withdrawn_invitation_leads_to_it(cast: Cast, ana: Browser, get_page) -> None:
    make_user(cast.acme, "new@elsewhere.example", status="invited", origin="invitation")
    address = get_page(ana, f"{PEOPLE}?status=invited").links()["new@elsewhere.example"]
    link = ana.post(beside(address, "invite-again"), {"by": "link"}).location
    assert get_page(ana, link).links()["Done"] == address
    assert asked(ana.post(beside(address, "withdraw"), {}).location) == {"status": "invited"}


def test_without_a_search_it_is_the_list_from_its_beginning(cast: Cast, ana: Browser, get_page) -> None:
    assert get_page(ana, PEOPLE).links()["Ben Okafor"] == page_of(cast.ben)
    assert get_page(ana, page_of(cast.ben)).links()["All people"] == PEOPLE


def test_the_second_page_is_found_again(cast: Cast, ana: Browser, get_page) -> None:
    rows = [
        {"organization_id": cast.acme.id, "email": f"p{n:03}@acme.example", "role": "viewer", "origin": "setup"}
        for n in range(60)
    ]
    db.session.execute(insert(User), rows)
    db.session.commit()
    second = get_page(ana, get_page(ana, PEOPLE).links()["Next page"])
    third = get_page(ana, second.links()["Next page"])
    back = get_page(ana, third.links()["Previous page"])
    assert back.words == second.words
    for page in (second, back):
        opened = get_page(ana, page.links()["p030@acme.example"])
        assert get_page(ana, opened.links()[BACK]).words == page.words


@pytest.mark.parametrize(
    ("carried", "left"),
    [
        ("", {}),
        ("role=owner&status=x&origin=%00&evil=1", {}),
        ("https://evil.example/", {}),
        ("q=x&slug=globex&_external=1&_anchor=a&person=1", {"q": "x"}),
        ("q=%00x%00&after=%20a&role=admin&role=viewer", {"q": "x", "after": "a", "role": "viewer"}),
        ("q=<script>&before='", {"q": "<script>", "before": "'"}),
    ],
)
def test_only_what_the_list_knows_is_taken_over(
    cast: Cast, ana: Browser, get_page, carried: str, left: dict[str, str]
) -> None:
    page = get_page(ana, f"{page_of(cast.ben)}?list={quote(carried)}")
    assert asked(page.links()[BACK if left else "All people"]) == left


def test_a_search_that_is_too_long_to_carry_is_left_behind(cast: Cast, ana: Browser, get_page) -> None:
    cast.ben.display_name = "ö" * 300
    db.session.commit()
    assert get_page(ana, f"{PEOPLE}?q={'ö' * 300}").links()["ö" * 300] == page_of(person("ben@acme.example"))
