"""An admin sets single sign-on up alone, by the pages and nothing else: from nothing to an employee's account.

Support's part is the contract: the organization is made and the feature unlocked. What the admin does elsewhere, at
the DNS provider and at SimpleSAMLphp, is done here with what the pages show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.browser import setting_up
from tests.browser.window import expect, expect_notice, expect_switch
from tests.peers.conftest import NewEmployee, Setup
from tests.peers.employee import Employee
from tests.peers.identity_provider import EMAIL, FAMILY_NAME, GIVEN_NAME
from tests.peers.product import Product

ANA, PASSWORD = "ana@acme.example", "a few words to remember"
SECURITY = "/o/acme/settings/security"


@pytest.fixture
def nothing_yet(setup: Setup) -> Setup:
    """No organization at all; the identity provider knows no application."""
    setup.product.reset("nothing")
    setup.idp.trust(
        '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
        '<md:EntityDescriptor entityID="https://another.example/"><md:SPSSODescriptor '
        'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></md:EntityDescriptor></md:EntitiesDescriptor>'
    )
    return setup


def make_organization(product: Product) -> str:
    """Support's part. Returns the link with which the admin sets a password."""
    made = product.flask("org", "create", "acme", "--name", "Acme", "--plan", "flex", "--admin", ANA, "--json")
    product.flask("support", "unlock", "acme", "--reason", "bought it")
    return str(json.loads(made)["link"])


@contextmanager
def one_round_trip(window: Employee) -> Iterator[None]:
    """A page, a fragment, or a form and the page it leads to: nothing is asked again, nothing is waited for."""
    before = len(window.answered)
    yield
    answers = [(method, status) for method, path, status in window.answered[before:] if "/static/" not in path]
    to_a_page = ([("POST", 303), ("GET", 200)], [("POST", 204), ("GET", 200)])  # the second by htmx
    assert answers in ([("GET", 200)], [("POST", 200)], *to_a_page), window.answered[before:]


def sign_in(ana: Employee, link: str) -> None:
    ana.open(link)
    for label in ("New password", "The same again"):
        ana.page.get_by_label(label).fill(PASSWORD)
    ana.button("Set the password").click()
    ana.sign_in_by_password(ANA, PASSWORD)
    ana.heading("General")


def prove_the_domain(ana: Employee, product: Product) -> None:
    with one_round_trip(ana):
        ana.page.get_by_label("Add a domain").fill("acme.example")
        ana.button("Add domain").click()
        expect_notice(ana, "acme.example is added.")
    card = ana.page.locator("#domains")
    expect(card).to_contain_text("Pending")
    product.dns.forget_all()
    name, value = (card.locator(f"[id$='-record-{part}']").inner_text() for part in ("name", "value"))
    product.dns.txt("acme.example", value, at=name)
    with one_round_trip(ana):
        ana.button("Check now").click()
        expect_notice(ana, "acme.example is verified.")
    expect(card.locator(".chip")).to_have_text("Verified")


def give_our_values(ana: Employee, setup: Setup) -> None:
    """The metadata file goes to SimpleSAMLphp, whose guide is opened on the way."""
    with one_round_trip(ana):
        setting_up.show_our_values(ana)
    with one_round_trip(ana):
        ana.page.get_by_role("link", name="SimpleSAMLphp").click()
        expect(ana.page.locator("#guide")).to_contain_text(ana.page.locator("#sso-metadata").inner_text())
    with ana.page.expect_download() as download:
        ana.page.get_by_role("link", name="Download the metadata file").click()
    setup.idp.trust(download.value.path().read_text())


def give_its_values(ana: Employee, setup: Setup) -> None:
    with one_round_trip(ana):
        setting_up.read_address(ana, setup.idp.metadata_url)
        ana.heading("Is this your identity provider?")
    understood = ana.page.get_by_role("main")
    expect(understood).to_contain_text(setup.idp.metadata_url)
    expect(understood).to_contain_text("/simplesaml/saml2/idp/SSOService.php")
    expect(understood).to_contain_text("/simplesaml/saml2/idp/SingleLogoutService.php")
    expect(understood).to_contain_text(re.compile(r"Ends in [\d,]+ days"))
    expect(understood).to_contain_text("CN=idp.acme.example")
    with one_round_trip(ana):
        setting_up.save_what_was_understood(ana, 1)


def try_it(ana: Employee) -> None:
    ana.page.locator("#next").get_by_role("link", name="Test version 1").click()
    ana.write_password("ana", "ana has a password")
    ana.heading("Test of version 1")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_nothing_to_an_employee_with_an_account(
    nothing_yet: Setup, new_employee: NewEmployee, javascript: bool
) -> None:
    product, ana = nothing_yet.product, new_employee(javascript, accept_downloads=True)
    sign_in(ana, make_organization(product))
    ana.open(SECURITY)
    expect(ana.page.locator("#missing")).to_contain_text("SSO is not set up yet.")
    expect(ana.switch).to_have_count(0)
    with one_round_trip(ana):
        ana.page.get_by_role("link", name="Set up single sign-on").click()
        ana.heading(setting_up.TITLE)
    expect(ana.page.locator("#next")).to_contain_text("Begin: add your domain")

    prove_the_domain(ana, product)
    give_our_values(ana, nothing_yet)
    give_its_values(ana, nothing_yet)

    try_it(ana)
    main = ana.page.get_by_role("main")
    expect(main).to_contain_text("Every check passed")
    assert ana.page.locator("#checks .check").count() == ana.page.locator("#checks .check-passed").count() == 13
    expect(ana.page.locator("#decision")).to_contain_text("Signed in")
    expect(ana.page.locator("#received")).to_contain_text(ANA)
    assert product.ask("SELECT (SELECT count(*) FROM user), (SELECT count(*) FROM identity)") == [1, 0]

    with one_round_trip(ana):
        ana.page.get_by_role("link", name="Go on to activation").click()
        ana.heading("Activate version 1")
    expect(main).to_contain_text("Nobody but admins has an account at acme.example yet.")
    expect(main).to_contain_text(ANA)
    with one_round_trip(ana):
        ana.button("Activate version 1").click()
        ana.heading("Security")
        expect_notice(ana, "SSO is activated with version 1.")
    with one_round_trip(ana):
        ana.switch.click()
        expect_notice(ana, "JIT Provisioning is on.")
    expect_switch(ana, "on")

    eve = new_employee(javascript)
    eve.sign_in_here()
    eve.heading("General")
    expect(eve.page.get_by_role("main")).to_contain_text("Welcome, Ève.")
    assert product.account(EMAIL) == [GIVEN_NAME, FAMILY_NAME, "viewer", "jit"]
    assert product.ask("SELECT count(*) FROM user WHERE email <> ?", ANA) == [1]
    ana.open(SECURITY)
    expect(ana.page.locator("#recently-provisioned")).to_contain_text(EMAIL)
