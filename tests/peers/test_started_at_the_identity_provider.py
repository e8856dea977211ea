"""The tile in the identity provider's portal: refused, until the connection allows it."""

from __future__ import annotations

import pytest

from tests.peers.conftest import Setup
from tests.peers.employee import Employee
from tests.peers.identity_provider import EMAIL
from tests.peers.visitor import Visitor

PROFILE = "/o/acme/settings/profile"


def test_a_browser_is_refused_until_it_is_allowed(setup: Setup, eve: Employee) -> None:
    tile = setup.idp.starting_with(setup.ours["entity_id"], PROFILE)
    eve.expected = {403}
    eve.open(tile)
    eve.write_password()
    eve.is_refused("Sign in again.")
    eve.has_no_session()
    setup.product.flask("sso", "idp-initiated", "acme", "on")
    eve.open(tile)
    eve.heading("Profile")
    assert eve.page.url == eve.demo.url + PROFILE


def test_it_is_refused_by_default(setup: Setup, visitor: Visitor) -> None:
    visitor.open(setup.idp.starting_with(setup.ours["entity_id"], PROFILE))
    visitor.write_password()
    visitor.is_at("You are not signed in", 403)
    assert setup.product.last_receipt()[0] == "request"
    assert not setup.product.account(EMAIL)
    visitor.has_no_session()


def test_from_the_refusal_one_click_leads_in(setup: Setup, visitor: Visitor) -> None:
    visitor.open(setup.idp.starting_with(setup.ours["entity_id"]))
    visitor.write_password()
    (again,) = visitor.page.xpath("//a[normalize-space()='Try again']/@href")
    visitor.open(again)
    visitor.is_at("General")


@pytest.mark.parametrize(
    ("relay_state", "heading"),
    [
        (PROFILE, "Profile"),
        (None, "General"),
        ("https://elsewhere.example/", "General"),
        ("//elsewhere.example/", "General"),
    ],
    ids=["a page of ours", "none", "another site", "another site without a scheme"],
)
def test_where_it_is_allowed_it_leads_to_a_page_of_ours(
    setup: Setup, visitor: Visitor, relay_state: str | None, heading: str
) -> None:
    setup.product.flask("sso", "idp-initiated", "acme", "on")
    visitor.open(setup.idp.starting_with(setup.ours["entity_id"], relay_state))
    visitor.write_password()
    visitor.is_at(heading)
    assert not visitor.carried("//@InResponseTo")
    assert setup.product.last_receipt()[0] == "created_just_in_time"


def test_off_again_holds_at_once(setup: Setup, visitor: Visitor) -> None:
    setup.product.flask("sso", "idp-initiated", "acme", "on")
    setup.product.flask("sso", "idp-initiated", "acme", "off")
    visitor.open(setup.idp.starting_with(setup.ours["entity_id"], PROFILE))
    visitor.write_password()
    visitor.is_at("You are not signed in", 403)
    assert not setup.product.account(EMAIL)
