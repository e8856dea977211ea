"""From the initials to the Security tab, and what an admin finds there in each state of their organization."""

from __future__ import annotations

import re

import pytest

from demo.cast import PASSWORD
from tests.browser.conftest import NewWindow
from tests.browser.window import Window, expect, expect_switch

JIT = re.compile("JIT", re.IGNORECASE)


def test_an_admin_signs_in_and_comes_to_the_switch_by_keyboard(new_window: NewWindow, javascript: bool) -> None:
    ana = new_window(javascript)
    page = ana.page
    ana.sign_in("ana@acme.example")
    initials = page.locator("summary", has_text="AS, account menu")
    settings = page.get_by_role("link", name="Settings")
    expect(settings).to_be_hidden()
    ana.tab_to(initials)
    page.keyboard.press("Enter")
    ana.tab_to(settings)
    page.keyboard.press("Enter")
    ana.heading("Profile")
    ana.tab_to(page.get_by_role("link", name="Security"))
    page.keyboard.press("Enter")
    ana.heading("Security")
    expect(page.get_by_role("link", name="Security")).to_have_attribute("aria-current", "page")
    expect(page.locator("#sso-state")).to_contain_text("SSO is enabled and activated.")
    expect(page.locator("#status")).to_contain_text("SSO is activated for 1 domain.")
    expect(page.get_by_role("heading", name="JIT Provisioning", exact=True)).to_be_visible()
    expect_switch(ana, "off")


@pytest.mark.parametrize("javascript", [True])
def test_escape_closes_the_menu_and_gives_the_focus_back(ana: Window) -> None:
    window = ana
    window.open("/")
    initials = window.page.locator("summary", has_text="account menu")
    initials.click()
    window.tab_to(window.page.get_by_role("link", name="Settings"))
    window.page.keyboard.press("Escape")
    expect(window.page.get_by_role("link", name="Settings")).to_be_hidden()
    expect(initials).to_be_focused()


@pytest.mark.parametrize(
    ("email", "state", "line"),
    [
        ("cleo@globex.example", "SSO is not set up", "SSO is not set up yet."),
        ("ida@initech.example", "SSO is enabled and activated.", "contact support (support@latchkey.example)"),
    ],
    ids=["Globex without SSO", "Initech with the feature locked"],
)
def test_an_admin_without_the_option_sees_no_trace_of_it_but_what_is_missing(
    new_window: NewWindow, javascript: bool, email: str, state: str, line: str
) -> None:
    window = new_window(javascript)
    window.sign_in_by_password(email, PASSWORD)
    window.heading("General")
    window.open_security(email.partition("@")[2].partition(".")[0])
    expect(window.page.locator("#sso-state")).to_contain_text(state)
    expect(window.page.locator("#missing")).to_contain_text(line)
    expect(window.switch).to_have_count(0)
    assert not JIT.search(window.page.locator("main").inner_text())
    assert "/security/jit" not in window.page.content()
