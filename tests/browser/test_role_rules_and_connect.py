"""Role rules in a browser, and what a newcomer gets by them; and connecting SSO to an account with a password."""

from __future__ import annotations

from demo.cast import PASSWORD
from tests.browser.conftest import NewWindow
from tests.browser.jit_pages import RULES as HERE
from tests.browser.jit_pages import add_rule as add
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice


def groups(window: Window) -> list[str]:
    return window.page.locator("#role_rules ol strong").all_inner_texts()


def test_from_the_area_to_a_newcomer_with_the_role_of_a_rule(ana: Window, new_window: NewWindow, demo: Demo) -> None:
    ana.open_security()
    ana.switch.click()
    expect_notice(ana, "JIT Provisioning is on.")
    expect(ana.page.locator("#jit-role-rules")).to_contain_text("Role rules are off.")
    ana.page.get_by_role("link", name="Role rules").click()
    ana.heading("Role rules")
    expect(ana.page.locator("#seen_groups option")).to_have_count(1)  # of Ana's own sign-in
    add(ana, "design", "Refused: no account")
    expect_notice(ana, "The rule for “design” is added.")
    add(ana, "research", "Collaborator")
    expect_notice(ana, "The rule for “research” is added.")
    add(ana, "it", "Admin")
    ana.heading("Let this group make admins?")
    ana.button("Add the rule").click()
    expect_notice(ana, "The rule for “it” is added. It makes admins.")
    assert groups(ana) == ["design", "research", "it"]
    row = ana.page.locator("#role_rules li", has_text="it")
    row.get_by_role("button", name="Up").last.click()
    expect_notice(ana, "“it” is number 2 now.")
    assert groups(ana) == ["design", "it", "research"]
    ana.page.get_by_role("switch", name="Use role rules for new accounts").click()
    expect_notice(ana, "Role rules are on.")
    eve = new_window(ana.javascript)
    eve.sign_in("eve@acme.example")
    assert demo.ask("SELECT role FROM user WHERE email = 'eve@acme.example'") == "collaborator"
    finn = new_window(ana.javascript)
    finn.expected = {403}
    finn.write_email("finn@acme.example")
    finn.pick("finn@acme.example")
    finn.heading("You are not signed in")
    assert not demo.has_account("finn@acme.example")
    ana.open_security()
    expect(ana.page.locator("#recently-provisioned")).to_contain_text("“research” → Collaborator")


def test_by_the_keyboard_alone_the_focus_stays(ana: Window, demo: Demo) -> None:
    ana.open(HERE)
    for group in ("a", "b"):
        ana.tab_to(ana.page.get_by_label("Group"))
        ana.page.keyboard.type(group)
        ana.page.keyboard.press("Enter")
        expect_notice(ana, f"The rule for “{group}” is added.")
    ana.press(ana.page.get_by_role("button", name="Up").last)
    expect_notice(ana, "“b” is number 1 now.")
    if ana.javascript:
        expect(ana.page.get_by_role("button", name="Up").first).to_be_focused()
        ana.page.keyboard.press("Enter")
        expect_notice(ana, "“b” is number 1 already.")
    ana.page.get_by_label("Group").fill("half of a na")
    ana.press(ana.page.get_by_role("button", name="Remove").first)
    expect_notice(ana, "The rule for “b” is removed.")
    assert groups(ana) == ["a"]
    if ana.javascript:
        expect(ana.page.locator("#role_rules")).to_be_focused()
        expect(ana.page.get_by_label("Group")).to_have_value("half of a na")
    ana.press(ana.page.get_by_role("switch", name="Also at each sign-in"), "Space")
    expect_notice(ana, "Role rules at each sign-in are on.")
    assert demo.ask("SELECT role_rules_each_time FROM organization WHERE slug = 'acme'")


def test_somebody_with_a_password_connects_their_own_identity(
    new_window: NewWindow, javascript: bool, demo: Demo
) -> None:
    """Ben's domain is verified no more, so his password opens, and his identity is not linked by itself."""
    demo.change("UPDATE domain SET verified_at = NULL WHERE name = 'acme.example'")
    hers = demo.ask("SELECT password_hash FROM user WHERE email = 'ana@acme.example'")
    demo.change("UPDATE user SET password_hash = ? WHERE email = 'ben@acme.example'", hers)
    ben = new_window(javascript)
    ben.sign_in_by_password("ben@acme.example", PASSWORD)
    ben.open("/o/acme/settings/profile")
    ben.page.get_by_role("link", name="Connect SSO").click()
    ben.pick("finn@acme.example")
    ben.heading("Connect single sign-on?")
    expect(ben.page.get_by_role("main")).to_contain_text("different e-mail addresses")
    ben.page.get_by_role("link", name="Do not connect").click()
    ben.heading("Profile")
    ben.press(ben.page.get_by_role("link", name="Connect SSO"))
    ben.pick("ben@acme.example")
    ben.heading("Connect single sign-on?")
    ben.press(ben.button("Connect"))
    expect_notice(ben, "Your account is connected.")
    assert demo.events("user:sso_link:made") == 1
    again = new_window(javascript)
    again.open("/o/acme")
    again.page.get_by_role("link", name="Continue with single sign-on").click()
    again.pick("ben@acme.example")
    again.heading("General")
