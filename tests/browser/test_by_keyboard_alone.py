"""Whole ways without a mouse: the Tab key to each control, the keys of that control, and a focus that is never lost."""

from __future__ import annotations

from tests.browser.conftest import COOKIES, NewWindow
from tests.browser.jit_pages import be_refused
from tests.browser.running import Demo
from tests.browser.setting_up import TITLE
from tests.browser.window import Window, expect, expect_notice, expect_switch

PEOPLE = "/o/acme/settings/people"


def keeps_the_focus(window: Window, part: str) -> None:
    """Where the pressed control is gone; without JavaScript the page is a new one."""
    if window.javascript:
        expect(window.page.locator(part)).to_be_focused()


def test_letting_in_who_was_turned_away_and_undoing_it(ana: Window, new_window: NewWindow, demo: Demo) -> None:
    page = ana.page
    for email in ("eve@acme.example", "finn@acme.example", "mallory@acme.example.net"):
        window = new_window(ana.javascript)
        be_refused(window, email)
    window.tab_to(window.page.get_by_label("What they should know"))
    window.page.keyboard.type("I work for you.")
    window.press(window.button("Ask my admin"))
    window.heading("Your admin is asked")
    ana.open_security()
    row = page.locator("#missed li").filter(has_text="“I work for you.”")
    ana.press(row.get_by_role("button", name="Dismiss"), "Space")
    expect_notice(ana, "mallory@acme.example.net is off the list.")
    keeps_the_focus(ana, "#missed")
    row = page.locator("#missed li").filter(has_text="finn@acme.example")
    ana.press(row.get_by_role("button", name="Create account"))
    expect_notice(ana, "finn@acme.example has a Viewer account in General.")
    keeps_the_focus(ana, "#missed")
    ana.press(page.get_by_role("link", name="Create all"))
    ana.heading("Create 1 account?")
    ana.press(ana.button("Create 1 account"))
    expect_notice(ana, "1 account created.")
    assert demo.has_account("eve@acme.example")
    assert not demo.has_account("mallory@acme.example.net")
    new_window(ana.javascript).sign_in("eve@acme.example")
    ana.press(page.get_by_role("navigation", name="Settings").get_by_role("link", name="Security"))
    ana.press(page.get_by_role("link", name="Undo a time window"))
    ana.heading("Undo a time window")
    ana.press(ana.button("Show accounts"))
    ana.heading("Accounts of a time window")
    ana.press(ana.button("Deactivate 2 accounts"))
    expect_notice(ana, "2 accounts deactivated.")


def test_turning_off_by_mistake_and_choosing_mails(ana: Window, demo: Demo) -> None:
    demo.flask("jit", "on", "acme")
    ana.open_security()
    ana.press(ana.switch, "Space")
    ana.press(ana.button("Turn off"))
    expect_switch(ana, "off")
    ana.press(ana.button("Undo"))
    expect_switch(ana, "on")
    keeps_the_focus(ana, "#jit")
    ana.tab_to(ana.page.get_by_label("Not at all"))
    ana.page.keyboard.press("ArrowDown")
    expect(ana.page.get_by_label("Once a day")).to_be_checked()
    save = ana.page.locator("#digest-save")
    ana.press(save)
    expect_notice(ana, "Admins are told of new accounts once a day.")
    keeps_the_focus(ana, "#digest-save")
    assert demo.ask("SELECT digest FROM organization WHERE slug = 'acme'") == "daily"


def test_from_what_is_missing_to_the_set_up(new_window: NewWindow, javascript: bool) -> None:
    cleo = new_window(javascript, storage_state=COOKIES["cleo@globex.example"])
    cleo.open_security("globex")
    missing = cleo.page.locator("#missing")
    cleo.press(missing.get_by_role("link", name="Verify a domain"))
    expect(cleo.page.locator("#domains")).to_be_in_viewport()
    cleo.press(missing.get_by_role("link", name="Enable SSO"))
    cleo.heading(TITLE)


def test_a_person_is_found_promoted_deactivated_and_back(ana: Window, demo: Demo) -> None:
    page = ana.page
    ana.open(PEOPLE)
    ana.tab_to(page.get_by_label("Name or e-mail address"))
    page.keyboard.type("okaf")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    ana.press(page.get_by_role("link", name="Ben Okafor"))
    ana.heading("Ben Okafor")
    for role in ("Collaborator", "Admin"):
        ana.tab_to(page.get_by_label("Role"))
        page.keyboard.press("ArrowDown")
        ana.press(ana.button("Change role"))
        if role == "Admin":
            ana.heading("Make Ben Okafor an Admin?")
            ana.press(ana.button("Make them an Admin"))
        expect_notice(ana, f"Ben Okafor is a{'n' if role == 'Admin' else ''} {role} now.")
    ana.press(page.get_by_role("link", name="Deactivate"))
    ana.tab_to(page.get_by_label("Why (optional)"))
    page.keyboard.type("Left in May")
    page.keyboard.press("Enter")
    expect_notice(ana, "Ben Okafor is deactivated and signed out everywhere.")
    ana.press(ana.button("Reactivate"))
    expect_notice(ana, "Ben Okafor is active again.")
    keeps_the_focus(ana, "#change")
    assert demo.ask("SELECT role FROM user WHERE email = 'ben@acme.example'") == "admin"


def test_inviting_and_withdrawing(ana: Window, demo: Demo) -> None:
    page, partner = ana.page, "partner@elsewhere.example"
    ana.open(PEOPLE)
    ana.press(page.get_by_role("link", name="Invite somebody"))
    ana.tab_to(page.get_by_label("E-mail address"))
    page.keyboard.type(partner)
    ana.tab_to(page.get_by_label("By e-mail"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    ana.heading(f"Link for {partner}")
    ana.press(page.get_by_role("link", name="Done"))
    ana.press(page.get_by_role("link", name="Withdraw"))
    ana.heading(f"Withdraw the invitation of {partner}?")
    ana.press(ana.button("Withdraw the invitation"))
    expect_notice(ana, f"The invitation of {partner} is withdrawn.")
    assert not demo.has_account(partner)
