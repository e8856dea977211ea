"""The parts of the JIT area in a browser: turning off, trying an address, who was turned away, undoing, mails."""

from __future__ import annotations

import pytest

from tests.browser.jit_pages import ask, be_refused
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice, expect_switch

EVE = "eve@acme.example"


def test_turning_off_asks_once_and_can_be_undone(ana: Window, demo: Demo) -> None:
    demo.flask("jit", "on", "acme")
    ana.open_security()
    ana.switch.click()
    expect(ana.button("Turn off")).to_be_visible()
    assert demo.wish("acme"), "nothing is changed by the question"
    if ana.javascript:
        expect(ana.page.get_by_role("dialog", name="Turn JIT Provisioning off?")).to_be_visible()
        ana.page.keyboard.press("Escape")
        expect(ana.button("Turn off")).to_be_hidden()
        expect(ana.switch).to_be_focused()
        ana.page.keyboard.press("Space")
        expect(ana.button("Keep it on")).to_be_focused()
        ana.page.keyboard.press("Space")
        expect(ana.button("Turn off")).to_be_hidden()
        expect(ana.switch).to_be_focused()
    else:
        ana.heading("Turn JIT Provisioning off?")
        ana.page.get_by_role("link", name="Keep it on").click()
    expect_switch(ana, "on")
    assert demo.wish("acme")
    ana.turn_off()
    expect_switch(ana, "off")
    expect_notice(ana, "JIT Provisioning is off.")
    ana.button("Undo").click()
    expect_switch(ana, "on")
    assert demo.wish("acme")
    assert demo.events("admin:jit:turned_off") == 1


def test_an_address_is_tried(ana: Window, demo: Demo) -> None:
    ana.open_security()
    ana.tab_to(ana.page.locator("#try summary"))
    ana.page.keyboard.press("Enter")
    ana.page.keyboard.press("Tab")
    ana.page.keyboard.type("eve")
    ana.expected = {422}
    ana.page.keyboard.press("Enter")
    field = ana.page.get_by_label("E-mail address")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    field.fill(EVE)
    ana.page.get_by_label("Groups").fill("research\nstaff")
    ana.button("Try").click()
    expect(ana.page.locator("#try-answer")).to_contain_text("eve@acme.example would be refused.")
    expect(ana.page.locator("#try-answer")).to_be_in_viewport()
    expect(ana.page.locator("#try-answer")).to_contain_text("Rule 12: Creating accounts at sign-in is off.")
    expect(ana.page.get_by_label("Groups")).to_have_value("research\nstaff")
    assert demo.events("sso:sign_in:refused") == 0


@pytest.mark.parametrize("javascript", [True])
def test_what_was_tried_stays_and_an_answer_that_may_be_wrong_goes(ana: Window, eve: Window) -> None:
    be_refused(eve, EVE)
    ana.open_security()
    ana.page.get_by_text("Try an address").click()
    field, answer = ana.page.get_by_label("E-mail address"), ana.page.locator("#try-answer")

    def try_again(said: str) -> None:
        ana.button("Try").click()
        expect(answer).to_contain_text(said)

    def expect_only_what_was_typed() -> None:
        expect(answer).to_have_count(0)
        expect(field).to_have_value(EVE)
        expect(field).to_be_visible()

    field.fill(EVE)
    try_again("would be refused")
    ana.switch.click()
    expect_switch(ana, "on")
    expect_only_what_was_typed()
    try_again("would get a Viewer account")
    ana.turn_off()
    expect_switch(ana, "off")
    expect_only_what_was_typed()
    ana.button("Undo").click()
    expect_switch(ana, "on")
    try_again("would get a Viewer account")
    ana.button("Create account").click()
    expect_notice(ana, "eve@acme.example has a Viewer account in General.")
    expect_only_what_was_typed()
    try_again("would be signed in")


def test_somebody_asks_and_an_admin_creates_the_account(ana: Window, eve: Window, demo: Demo) -> None:
    be_refused(eve, EVE)
    ask(eve, "I start on Monday.")
    ana.open_security()
    expect(ana.page.get_by_role("navigation", name="Settings")).to_contain_text("1 turned away")
    part = ana.page.locator("#missed")
    for words in ("Eve Lindqvist", EVE, "Asked for help", "“I start on Monday.”", "is off. Turn it on"):
        expect(part).to_contain_text(words)
    ana.switch.click()
    expect_switch(ana, "on")
    expect(part).to_contain_text("By now they would get an account")
    ana.button("Create account").click()
    expect_notice(ana, "eve@acme.example has a Viewer account in General.")
    expect(part).to_contain_text("Nobody waits.")
    if ana.javascript:
        expect(part).to_be_focused()
    expect(ana.page.get_by_role("navigation", name="Settings")).not_to_contain_text("turned away")
    expect(ana.page.locator("#recently-provisioned")).to_contain_text("Eve Lindqvist")
    expect_switch(ana, "on")
    assert demo.has_account(EVE)
    eve.sign_in(EVE)


def test_a_whole_list_is_created_or_dismissed(ana: Window, eve: Window, demo: Demo) -> None:
    be_refused(eve, EVE)
    be_refused(eve)
    ana.open_security()
    ana.page.get_by_role("link", name="See all").click()
    ana.heading("People who were turned away")
    row = ana.page.locator("#missed li").filter(has_text="mallory@acme.example.net")
    row.get_by_role("button", name="Dismiss").click()
    expect_notice(ana, "mallory@acme.example.net is off the list.")
    expect(ana.page.locator("#missed li")).to_have_count(1)
    ana.page.get_by_role("link", name="Create all").click()
    ana.heading("Create 1 account?")
    ana.button("Create 1 account").click()
    expect_notice(ana, "1 account created.")
    assert demo.has_account(EVE)
    assert not demo.has_account("mallory@acme.example.net")


def test_where_the_area_is_gone_meanwhile_deciding_on_somebody_brings_nothing_of_it_back(
    ana: Window, eve: Window, demo: Demo
) -> None:
    be_refused(eve, EVE)
    ana.open_security()
    demo.change("DELETE FROM entitlement")
    ana.expected = {409} if ana.javascript else set()
    ana.button("Dismiss").click()
    expect_notice(ana, "eve@acme.example is off the list.")
    ana.heading("Security" if ana.javascript else "People who were turned away")
    expect(ana.switch).to_have_count(0)


def test_a_time_window_is_undone(ana: Window, eve: Window, demo: Demo) -> None:
    demo.flask("jit", "on", "acme")
    eve.sign_in(EVE)
    ana.open_security()
    expect(ana.page.locator("#recently-provisioned")).to_contain_text("role of the plan · configuration 1")
    ana.page.get_by_role("link", name="Undo a time window").click()
    ana.heading("Undo a time window")
    expect(ana.page.locator(".button-danger")).to_have_count(0)
    ana.page.get_by_label("To (UTC)").fill("2026-01-01T00:00")
    ana.page.get_by_label("From (UTC)").fill("2025-12-31T00:00")
    ana.button("Show accounts").click()
    ana.heading("Accounts of a time window")
    expect(ana.page.locator("main")).to_contain_text("No account that still works was created in this time.")
    expect(ana.page.locator(".button-danger")).to_have_count(0)
    ana.page.get_by_role("link", name="Choose another time").click()
    expect(ana.page.get_by_label("To (UTC)")).to_have_value("2026-01-01T00:00")
    ana.page.get_by_label("To (UTC)").fill("2099-01-01T00:00")
    ana.button("Show accounts").click()
    expect(ana.page.locator("#end")).to_contain_text(
        "Of those created from 31 Dec 2025, 00:00 UTC to 1 Jan 2099, 00:00 UTC: 1 account is deactivated"
    )
    expect(ana.page.locator("#found")).to_contain_text("Eve Lindqvist")
    expect(ana.page.locator("#found")).to_contain_text("1 sign-in")
    ana.button("Deactivate 1 account").click()
    expect_notice(ana, "1 account deactivated. Whoever was signed in is signed out.")
    eve.open("/")
    eve.heading("Sign in")
    assert demo.events("admin:account:deactivated") == 1


@pytest.mark.parametrize("javascript", [True])
def test_without_the_area_its_steps_stand_in_its_place(ida: Window) -> None:
    ida.open_security("initech")
    part = ida.page.locator("#missing")
    for step in ("A domain is verified", "SSO is enabled", "SSO is activated"):
        expect(part).to_contain_text(step)
    expect(part).to_contain_text("with the reference of your organization, initech")
