"""Role rules in a browser, and what a newcomer gets by them; and connecting SSO to an account with a password."""

from __future__ import annotations

from demo.cast import PASSWORD
from tests.browser.conftest import NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice, violations

HERE = "/o/acme/settings/security/role-rules"


def add(window: Window, group: str, outcome: str) -> None:
    window.page.get_by_label("Group").fill(group)
    window.page.get_by_label("New people in it become").select_option(label=outcome)
    window.button("Add rule").click()


def groups(window: Window) -> list[str]:
    return window.page.locator("#role_rules ol strong").all_inner_texts()


def test_from_the_area_to_a_newcomer_with_the_role_of_a_rule(ana: Window, new_window: NewWindow, demo: Demo) -> None:
    ana.open_security()
    ana.switch.click()
    expect_notice(ana, "JIT Provisioning is on.")
    expect(ana.page.locator("#jit-role-rules")).to_contain_text("Role rules are off.")
    ana.page.get_by_role("link", name="Role rules").click()
    ana.heading("Role rules")
    expect(ana.page.locator("#seen-groups option")).to_have_count(1)  # of Ana's own sign-in
    add(ana, "design", "Refused: no account")
    expect_notice(ana, "The rule for “design” is added.")
    add(ana, "research", "Collaborator")
    expect_notice(ana, "The rule for “research” is added.")
    add(ana, "it", "Admin")
    ana.heading("Let this group make admins?")
    if ana.javascript:
        assert not violations(ana.page)
    ana.button("Make them admins").click()
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
    ana.open(HERE)
    for scheme, width in (("light", 1_100), ("dark", 320)):
        ana.page.emulate_media(color_scheme=scheme)
        ana.page.set_viewport_size({"width": width, "height": 640})
        if ana.javascript:
            assert not violations(ana.page)
            assert ana.page.evaluate("document.documentElement.scrollWidth") <= width


def test_by_the_keyboard_the_focus_stays_on_the_button(ana: Window) -> None:
    ana.open(HERE)
    for group in ("a", "b"):
        add(ana, group, "Viewer")
        expect_notice(ana, f"The rule for “{group}” is added.")
    button = ana.page.get_by_role("button", name="Up").last
    ana.tab_to(button)
    ana.page.keyboard.press("Enter")
    expect_notice(ana, "“b” is number 1 now.")
    if ana.javascript:
        expect(ana.page.get_by_role("button", name="Up").first).to_be_focused()
    ana.page.get_by_role("button", name="Remove").first.click()
    expect_notice(ana, "The rule for “b” is removed.")
    assert groups(ana) == ["a"]


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
    for scheme, width in (("light", 1_100), ("dark", 320)):
        ben.page.emulate_media(color_scheme=scheme)
        ben.page.set_viewport_size({"width": width, "height": 640})
        if javascript:
            assert not violations(ben.page)
            assert ben.page.evaluate("document.documentElement.scrollWidth") <= width
    ben.page.get_by_role("link", name="Do not connect").click()
    ben.heading("Profile")
    ben.page.get_by_role("link", name="Connect SSO").click()
    ben.pick("ben@acme.example")
    ben.heading("Connect single sign-on?")
    ben.button("Connect").click()
    expect_notice(ben, "Your account is connected.")
    assert demo.events("user:sso_link:made") == 1
    again = new_window(javascript)
    again.open("/o/acme")
    again.page.get_by_role("link", name="Continue with single sign-on").click()
    again.pick("ben@acme.example")
    again.heading("General")
