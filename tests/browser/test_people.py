"""An admin looks after people in a browser: finds, invites, changes, deactivates; with and without JavaScript."""

from __future__ import annotations

from tests.browser.conftest import COOKIES, NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice, violations

PEOPLE = "/o/acme/settings/people"
PASSWORD = "a long password of the partner"


def open_person(window: Window, name: str) -> None:
    window.open(PEOPLE)
    window.page.get_by_role("link", name=name).click()
    window.heading(name)


def choose_role(window: Window, role: str) -> None:
    window.page.get_by_label("Role").select_option(role)
    window.button("Change role").click()


def test_finding_somebody(ana: Window) -> None:
    ana.open(PEOPLE)
    ana.page.get_by_label("Name or e-mail address").fill("okaf")
    ana.page.get_by_label("Status").select_option("Active")
    ana.button("Search").click()
    rows = ana.page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Ben Okafor")
    expect(ana.page.get_by_label("Status")).to_have_value("active")
    with ana.page.expect_download() as download:
        ana.page.get_by_role("link", name="Export as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert [line.partition(",")[0] for line in lines] == ["email", "ben@acme.example"]
    ana.page.get_by_role("link", name="Clear").click()
    expect(rows).not_to_have_count(1)


def test_a_role_and_the_way_to_admin(ana: Window, demo: Demo) -> None:
    open_person(ana, "Ben Okafor")
    choose_role(ana, "Collaborator")
    expect_notice(ana, "Ben Okafor is a Collaborator now.")
    if ana.javascript:
        expect(ana.button("Change role")).to_be_focused()
    expect(ana.page.locator("#person")).to_contain_text("Role changed")
    choose_role(ana, "Admin")
    ana.heading("Make Ben Okafor an Admin?")
    ana.button("Make them an Admin").click()
    ana.heading("Ben Okafor")
    expect_notice(ana, "Ben Okafor is an Admin now.")
    assert demo.events("admin:role:changed") == 2


def test_deactivated_and_back(ana: Window, demo: Demo) -> None:
    open_person(ana, "Ben Okafor")
    ana.page.get_by_role("link", name="Deactivate").click()
    ana.page.get_by_label("Why (optional)").fill("Left in May")
    ana.button("Deactivate").click()
    expect_notice(ana, "Ben Okafor is deactivated and signed out everywhere.")
    expect(ana.page.locator("#person")).to_contain_text("Because: Left in May")
    ana.button("Reactivate").click()
    expect_notice(ana, "Ben Okafor can sign in again.")
    expect(ana.page.get_by_role("link", name="Deactivate")).to_be_visible()
    assert (demo.events("admin:account:deactivated"), demo.events("admin:account:reactivated")) == (1, 1)


def test_the_only_admin_reads_why_nothing_can_be_changed(ana: Window) -> None:
    open_person(ana, "Ana Sousa")
    expect(ana.page.locator("#change")).to_contain_text("You are the only active admin.")
    expect(ana.button("Change role")).to_have_count(0)


def test_signing_oneself_out_everywhere_leads_to_sign_in(ana: Window) -> None:
    open_person(ana, "Ana Sousa")
    ana.button("Sign out everywhere").click()
    ana.heading("Sign in")


def test_inviting_a_partner_who_sets_a_password(ana: Window, new_window: NewWindow) -> None:
    ana.open(PEOPLE)
    ana.page.get_by_role("link", name="Invite somebody").click()
    ana.page.get_by_label("E-mail address").fill("partner@elsewhere.example")
    ana.page.get_by_label("Role").select_option("Collaborator")
    ana.button("Invite").click()
    ana.heading("Link for partner@elsewhere.example")
    address = ana.page.locator("#invitation-address").inner_text()
    partner = new_window(ana.javascript)
    partner.open(address)
    for label in ("New password", "The same again"):
        partner.page.get_by_label(label).fill(PASSWORD)
    partner.button("Set the password").click()
    expect_notice(partner, "Your invitation is accepted")
    partner.sign_in_by_password("partner@elsewhere.example", PASSWORD)
    partner.heading("General")
    ana.page.get_by_role("link", name="Done").click()
    expect(ana.page.locator("#person")).to_contain_text("Invited by")


def test_withdrawing_by_the_keyboard_alone(ana: Window, demo: Demo) -> None:
    ana.open(f"{PEOPLE}/invite")
    ana.tab_to(ana.page.get_by_label("E-mail address"))
    ana.page.keyboard.type("partner@elsewhere.example")
    ana.page.keyboard.press("Enter")
    ana.heading("Link for partner@elsewhere.example")
    for name in ("Done", "Withdraw"):
        link = ana.page.get_by_role("link", name=name)
        ana.tab_to(link)
        ana.page.keyboard.press("Enter")
    ana.heading("Withdraw the invitation of partner@elsewhere.example?")
    ana.tab_to(ana.button("Withdraw the invitation"))
    ana.page.keyboard.press("Enter")
    ana.heading("People")
    expect_notice(ana, "The invitation of partner@elsewhere.example is withdrawn.")
    assert not demo.has_account("partner@elsewhere.example")


def test_after_a_change_of_plan(ana: Window, new_window: NewWindow, demo: Demo) -> None:
    ana.open_security()
    ana.switch.click()
    expect_notice(ana, "JIT Provisioning is on.")
    new_window(ana.javascript).sign_in("eve@acme.example")
    demo.flask("support", "plan", "acme", "seat_based", "--reason", "Contract 12")
    ana.open(PEOPLE)
    ana.page.get_by_role("link", name="See what can be changed").click()
    ana.heading("Give 1 person the role Collaborator?")
    ana.button("Give the role Collaborator").click()
    expect_notice(ana, "1 person has the role Collaborator now.")
    expect(ana.page.get_by_role("link", name="See what can be changed")).to_have_count(0)


def test_the_list_and_a_person_can_be_used_by_everybody(new_window: NewWindow) -> None:
    """The other pages are among those of every_page.py."""
    ana = new_window(storage_state=COOKIES["ana@acme.example"])
    open_person(ana, "Ben Okafor")
    for scheme, width in (("light", 1_100), ("dark", 320)):
        ana.page.emulate_media(color_scheme=scheme)
        ana.page.set_viewport_size({"width": width, "height": 640})
        assert not violations(ana.page)
        assert ana.page.evaluate("document.documentElement.scrollWidth") <= width
