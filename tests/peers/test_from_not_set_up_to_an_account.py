"""From the operator's first command to a new employee in the General workspace; SimpleSAMLphp as it comes."""

from __future__ import annotations

import json

import pytest

from tests.browser.window import expect
from tests.peers.conftest import NewEmployee, Setup
from tests.peers.employee import Employee
from tests.peers.identity_provider import EMAIL, FAMILY_NAME, GIVEN_NAME


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_new_employee_gets_an_account(setup: Setup, new_employee: NewEmployee, javascript: bool) -> None:
    assert not setup.product.account(EMAIL)
    eve = new_employee(javascript)
    eve.sign_in_here()
    eve.heading("General")
    main = eve.page.get_by_role("main")
    expect(main).to_contain_text("Welcome, Ève.")
    expect(main).to_contain_text("you are a Viewer here")
    people = json.loads(setup.product.flask("people", "list", "acme", "--json"))
    (person,) = (person for person in people if person["email"] == EMAIL)
    assert (person["name"], person["role"], person["origin"]) == (f"{GIVEN_NAME} {FAMILY_NAME}", "viewer", "jit")


def test_nobody_gets_an_account_while_it_is_off(setup: Setup, eve: Employee) -> None:
    setup.product.flask("jit", "off", "acme")
    eve.expected = {403}
    eve.sign_in_here()
    eve.is_refused("your organization does not create accounts at sign-in")
    eve.has_no_session()
    assert not setup.product.account(EMAIL)


def test_the_page_that_was_asked_for_is_the_one_that_comes(eve: Employee) -> None:
    eve.open("/o/acme/settings/profile?from=mail")
    eve.page.get_by_label("E-mail address").fill(EMAIL)
    eve.button("Continue").click()
    eve.write_password()
    eve.heading("Profile")
    assert eve.page.url == f"{eve.demo.url}/o/acme/settings/profile?from=mail"
