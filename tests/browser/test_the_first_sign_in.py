"""The whole way of the product: refused while it is off, an account while it is on, for each plan its role."""

from __future__ import annotations

import re

from tests.browser.conftest import NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice, expect_switch

REFERENCE = re.compile(r"^[0-9A-Z]{4}-?[0-9A-Z]{2,}$")
SENTENCE = "There is no account for you yet, and your organization does not create accounts at sign-in."


def try_and_be_refused(window: Window, email: str) -> str:
    """Returns the reference code that the refused person reads."""
    window.expected = {403}
    window.write_email(email)
    window.pick(email)
    window.heading("You are not signed in")
    assert window.page.url.startswith(window.demo.url + "/"), window.page.url
    return window.page.locator("#reference").inner_text()


def test_a_new_person_is_refused_while_it_is_off(ana: Window, eve: Window, demo: Demo) -> None:
    reference = try_and_be_refused(eve, "eve@acme.example")
    main = eve.page.get_by_role("main")
    expect(main).to_contain_text(SENTENCE)
    expect(main.get_by_role("link", name="it@acme.example")).to_have_attribute("href", "mailto:it@acme.example")
    assert REFERENCE.match(reference), reference
    assert not demo.has_account("eve@acme.example")
    eve.open("/")
    eve.heading("Sign in")
    ana.open_security()
    receipt = ana.page.locator(".receipt", has_text=reference)
    receipt.locator("summary").click()
    expect(receipt).to_contain_text("Creating accounts at sign-in is off.")


def test_a_new_person_gets_an_account_when_it_is_on(ana: Window, eve: Window) -> None:
    try_and_be_refused(eve, "eve@acme.example")
    ana.open_security()
    ana.switch.click()
    expect_switch(ana, "on")
    eve.sign_in("eve@acme.example")
    main = eve.page.get_by_role("main")
    expect(main).to_contain_text("Welcome, Eve.")
    expect(main).to_contain_text("you are a Viewer here")
    expect(main.get_by_role("listitem").filter(has_text="Eve Lindqvist (you)")).to_contain_text("Viewer")
    ana.open_security()
    expect(ana.page.locator("#recently-provisioned")).to_contain_text("Eve Lindqvist")
    expect(ana.page.locator("#recently-provisioned")).to_contain_text("Viewer")
    ana.page.get_by_role("link", name="Audit log").click()
    created = ana.page.get_by_role("row").filter(has_text="Account created by JIT Provisioning")
    expect(created).to_contain_text("eve@acme.example")
    expect(ana.page.get_by_role("row").filter(has_text="JIT Provisioning turned on")).to_contain_text(
        "ana@acme.example"
    )
    ana.page.get_by_role("link", name="People").click()
    expect(ana.page.get_by_role("row").filter(has_text="Eve Lindqvist")).to_contain_text("First SSO sign-in")


def test_on_the_seat_based_plan_a_new_person_becomes_a_collaborator(new_window: NewWindow, javascript: bool) -> None:
    window = new_window(javascript)
    window.sign_in("omar@hooli.example")
    expect(window.page.get_by_role("main")).to_contain_text("you are a Collaborator here")


def test_off_again_holds_for_the_next_new_person_only(
    ana: Window, eve: Window, new_window: NewWindow, javascript: bool, demo: Demo
) -> None:
    ana.open_security()
    ana.switch.click()
    expect_switch(ana, "on")
    eve.sign_in("eve@acme.example")
    ana.turn_off()
    expect_switch(ana, "off")
    finn = new_window(javascript)
    try_and_be_refused(finn, "finn@acme.example")
    assert not demo.has_account("finn@acme.example")
    eve_elsewhere = new_window(javascript)
    eve_elsewhere.sign_in("eve@acme.example")
    expect(eve_elsewhere.page.get_by_role("main")).to_contain_text("Welcome, Eve.")


def test_support_unlocks_and_locks_one_organization(ida: Window, eve: Window, demo: Demo) -> None:
    jon = eve  # a private window, as hers
    ida.open_security("initech")
    expect(ida.switch).to_have_count(0)
    demo.flask("support", "unlock", "initech", "--reason", "asked for in ticket 7")
    ida.open_security("initech")
    expect_switch(ida, "off")
    ida.switch.click()
    expect_switch(ida, "on")
    demo.flask("support", "lock", "initech", "--reason", "the trial is over")
    assert demo.wish("initech")
    ida.open_security("initech")
    expect(ida.switch).to_have_count(0)
    expect(ida.page.locator("#missing")).to_contain_text("contact support")
    try_and_be_refused(jon, "jon@initech.example")
    assert not demo.has_account("jon@initech.example")
    ida.page.get_by_role("link", name="Audit log").click()
    expect(ida.page.get_by_role("row").filter(has_text="the trial is over")).to_contain_text("Support (Latchkey)")


def test_an_address_outside_the_domain_gets_nothing(ana: Window, eve: Window, demo: Demo) -> None:
    ana.open_security()
    ana.switch.click()
    expect_notice(ana, "JIT Provisioning is on.")
    eve.expected = {403}
    eve.write_email("eve@acme.example")
    eve.pick("mallory@acme.example.net")
    eve.heading("You are not signed in")
    expect(eve.page.get_by_role("main")).to_contain_text("not in a domain that your organization has verified")
    assert not demo.has_account("mallory@acme.example.net")
