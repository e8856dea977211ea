"""The switch itself: without a reload, by keyboard, twice, from a stale tab, and with the database away."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.browser.conftest import NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice, expect_switch, violations

POST = "/o/acme/settings/security/jit"


@pytest.fixture
def at_the_switch(ana: Window) -> Window:
    ana.open_security()
    return ana


@pytest.mark.parametrize("javascript", [True])
def test_the_page_is_not_loaded_again_and_the_focus_stays(at_the_switch: Window) -> None:
    window = at_the_switch
    window.page.evaluate("window.isTheSame = true")
    documents: list[str] = []
    window.page.on("framenavigated", lambda frame: documents.append(frame.url))
    for state, turn in (("on", window.switch.click), ("off", window.turn_off)):
        turn()
        expect_switch(window, state)
        expect(window.switch).to_be_focused()
        expect_notice(window, f"JIT Provisioning is {state}.")
    assert window.page.evaluate("window.isTheSame") is True
    assert not documents
    window.page.reload()
    expect_switch(window, "off")


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_it_is_turned_on_and_off_by_keyboard_alone(at_the_switch: Window, demo: Demo, key: str) -> None:
    for state in ("on", "off"):
        at_the_switch.tab_to(at_the_switch.switch)
        at_the_switch.page.keyboard.press(key)
        if state == "off":
            at_the_switch.tab_to(at_the_switch.button("Turn off"))
            at_the_switch.page.keyboard.press(key)
        expect_switch(at_the_switch, state)
        assert demo.wish("acme") is (state == "on")


def test_what_it_does_is_said_in_a_sentence_that_follows_the_state(at_the_switch: Window) -> None:
    expect(at_the_switch.switch).to_have_accessible_description(
        "New people are turned away until you turn this on. Existing accounts keep working."
    )
    at_the_switch.switch.click()
    expect(at_the_switch.switch).to_have_accessible_description(
        "New people at acme.example will get a Viewer account in General. 23 seats are left. "
        "Existing accounts do not change."
    )


def test_a_double_click_is_harmless(at_the_switch: Window, demo: Demo) -> None:
    at_the_switch.switch.dblclick()
    expect_switch(at_the_switch, "on")
    expect_notice(at_the_switch, "JIT Provisioning is on.")
    assert demo.wish("acme")
    assert demo.events("admin:jit:turned_on") == 1
    assert demo.events("admin:jit:turned_off") == 0
    if at_the_switch.javascript:
        assert at_the_switch.posts(POST) == 1


def test_a_stale_tab_changes_nothing_and_is_brought_up_to_date(at_the_switch: Window, demo: Demo) -> None:
    demo.flask("sso", "deactivate", "acme", "--reason", "a new identity provider")
    at_the_switch.expected = {409}
    at_the_switch.switch.click()
    expect_notice(at_the_switch, "Nothing was changed: SSO is not activated")
    at_the_switch.heading("Security")
    expect(at_the_switch.switch).to_have_count(0)
    expect(at_the_switch.page.locator("#missing")).to_be_visible()
    assert not demo.wish("acme")
    assert demo.events("admin:jit:refused") == 1


def test_somebody_whose_session_was_ended_elsewhere_is_sent_to_sign_in(at_the_switch: Window, demo: Demo) -> None:
    demo.change("UPDATE sign_in_session SET ended_at = created_at")
    at_the_switch.expected = {401} if at_the_switch.javascript else set()
    at_the_switch.switch.click()
    at_the_switch.heading("Sign in")
    expect_notice(at_the_switch, "Your session has ended. Nothing was changed.")
    assert not demo.wish("acme")
    at_the_switch.page.get_by_label("E-mail address").fill("ana@acme.example")
    at_the_switch.button("Continue").click()
    at_the_switch.pick("ana@acme.example")
    at_the_switch.heading("Security")
    expect_switch(at_the_switch, "off")


@pytest.mark.parametrize("javascript", [True])
def test_somebody_signed_out_in_another_tab_is_sent_to_sign_in(at_the_switch: Window) -> None:
    other = at_the_switch.context.new_page()
    other.goto("/")
    other.locator("summary", has_text="account menu").click()
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("You are signed out")
    at_the_switch.expected = {401}
    at_the_switch.switch.click()
    at_the_switch.heading("Sign in")


@pytest.mark.parametrize("javascript", [True])
def test_a_locked_database_leaves_the_page_as_it_is_and_says_so(
    at_the_switch: Window, new_window: NewWindow, demo: Demo
) -> None:
    plain = new_window(storage_state=at_the_switch.context.storage_state())
    plain.open_security()
    plain.expected = at_the_switch.expected = {503}
    with closing(sqlite3.connect(demo.database, isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        at_the_switch.switch.click()
        plain.page.locator("#jit form").evaluate("form => form.submit()")  # as without JavaScript
        expect(at_the_switch.page.get_by_role("status").get_by_text("We are busy")).to_be_visible(timeout=15_000)
        expect(at_the_switch.page.get_by_text("Nothing was changed. Try again in a moment.")).to_be_visible()
        expect(plain.page.get_by_role("heading", level=1)).to_have_text("We are busy at the moment", timeout=15_000)
        another.execute("ROLLBACK")
    assert not demo.wish("acme")
    assert not violations(plain.page)
    expect_switch(at_the_switch, "off")
    expect(at_the_switch.switch).to_be_focused()
    at_the_switch.switch.click()
    expect_switch(at_the_switch, "on")
