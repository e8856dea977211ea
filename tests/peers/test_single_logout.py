"""Signing out here signs out there, and the other way round; by redirects, and in frames of the identity provider."""

from __future__ import annotations

import re

import pytest

from tests.browser.window import expect
from tests.peers.conftest import NewEmployee, Setup
from tests.peers.employee import Employee

EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
RUNNING = "SELECT count(*) FROM sign_in_session WHERE ended_at IS NULL"
in_each_way = pytest.mark.parametrize("way", ["traditional", "iframe"])


def sign_in(eve: Employee) -> None:
    eve.sign_in_here()
    eve.heading("General")


def expect_to_be_known_there(eve: Employee, setup: Setup) -> None:
    """She comes in again without a password."""
    eve.open(setup.ours["start"])
    eve.go_on()
    eve.heading("General")


def expect_to_be_unknown_there(eve: Employee, setup: Setup) -> None:
    eve.open(setup.ours["start"])
    expect(eve.page.locator("#password")).to_be_visible()


def expect_to_be_signed_out_there(eve: Employee) -> None:
    expect(eve.page).to_have_url(f"{eve.demo.idp_url}/simplesaml/logout.php")


def expect_to_be_signed_out_here(eve: Employee) -> None:
    expect(eve.page).to_have_url(f"{eve.demo.url}/signed-out")
    eve.heading(re.compile("^You are signed out$"))
    eve.has_no_session()


@in_each_way
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_signing_out_here_signs_out_there(setup: Setup, new_employee: NewEmployee, javascript: bool, way: str) -> None:
    setup.idp.behave({"logouttype": way})
    eve = new_employee(javascript)
    sign_in(eve)
    expect_to_be_known_there(eve, setup)
    eve.sign_out_here()
    expect_to_be_signed_out_here(eve)
    expect_to_be_unknown_there(eve, setup)


def test_signing_out_here_works_when_it_was_over_there(setup: Setup, eve: Employee) -> None:
    sign_in(eve)
    eve.context.clear_cookies(domain="127.0.0.1")
    eve.sign_out_here()
    expect_to_be_signed_out_here(eve)


@in_each_way
def test_signing_out_there_signs_out_here(setup: Setup, eve: Employee, way: str) -> None:
    setup.idp.behave({"logouttype": way})
    sign_in(eve)
    eve.open(setup.idp.logout_url)
    if way == "iframe":
        eve.button("Yes, all services").click()
    expect_to_be_signed_out_there(eve)
    eve.has_no_session()
    assert setup.product.ask(RUNNING) == [0]


def test_signing_out_there_by_a_form_signs_out_here(setup: Setup, eve: Employee) -> None:
    """With an identity provider that knows our logout address for HTTP-POST only."""
    redirect = '<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"'
    assert redirect in setup.our_metadata
    setup.idp.trust(re.sub(f"{redirect}.*?/>", "", setup.our_metadata))
    sign_in(eve)
    eve.open(setup.idp.logout_url)
    expect_to_be_signed_out_there(eve)
    assert ("POST", setup.ours["logout"].removeprefix(eve.demo.url), 303) in eve.answered
    eve.has_no_session()


def test_signing_out_there_ends_the_session_of_that_browser_only(setup: Setup, new_employee: NewEmployee) -> None:
    """Both have the same NameID; the SessionIndex tells them apart."""
    name = {"class": "saml:AttributeNameID", "attribute": "mail", "Format": EMAIL_ADDRESS}
    setup.idp.behave({"authproc": {"3": name}})
    office, home = new_employee(), new_employee()
    sign_in(office)
    sign_in(home)
    assert setup.product.ask("SELECT count(*), count(DISTINCT name_id) FROM sign_in_session") == [2, 1]
    office.open(setup.idp.logout_url)
    expect_to_be_signed_out_there(office)
    office.has_no_session()
    home.open("/")
    home.heading("General")


def test_an_unsigned_logout_request_signs_nobody_out(setup: Setup, eve: Employee) -> None:
    sign_in(eve)
    setup.idp.behave({"redirect.sign": False})
    eve.expected = {403}
    eve.open(setup.idp.logout_url)
    eve.heading("Nobody was signed out")
    (details,) = setup.product.ask("SELECT details FROM audit_event WHERE action = 'sso:logout:refused'")
    assert "the address is not signed" in details
    eve.open("/")
    eve.heading("General")


def test_an_unsigned_answer_changes_nothing_about_being_signed_out(setup: Setup, eve: Employee) -> None:
    """SimpleSAMLphp signs its logout messages only where its admin says so."""
    sign_in(eve)
    setup.idp.behave({"redirect.sign": False})
    eve.expected = {403}
    eve.sign_out_here()
    eve.heading("You may still be signed in there")
    eve.has_no_session()
    expect_to_be_unknown_there(eve, setup)
