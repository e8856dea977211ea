"""An admin looks after people in a browser: finds, invites, changes, deactivates; with and without JavaScript."""

from __future__ import annotations

import re

from tests.browser.conftest import NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice

PEOPLE = "/o/acme/settings/people"
PARTNER, PASSWORD = "partner@elsewhere.example", "a long password of the partner"


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
    lines = download.value.path().read_text("utf-8-sig").splitlines()
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
    expect_notice(ana, "Ben Okafor is active again.")
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
    ana.page.get_by_label("E-mail address").fill(PARTNER)
    ana.page.get_by_label("Role").select_option("Collaborator")
    ana.page.get_by_label("By a link").check()
    ana.button("Invite").click()
    ana.heading(f"Link for {PARTNER}")
    accept(new_window(ana.javascript), ana.page.locator("#invitation-address").inner_text())
    ana.page.get_by_role("link", name="Done").click()
    expect(ana.page.locator("#person")).to_contain_text("Invited by")


def test_inviting_an_admin_is_confirmed(ana: Window, demo: Demo) -> None:
    ana.open(f"{PEOPLE}/invite")
    ana.page.get_by_label("E-mail address").fill(PARTNER)
    ana.page.get_by_label("Role").select_option("Admin")
    ana.button("Invite").click()
    ana.heading(f"Invite {PARTNER} as an Admin?")
    ana.button("Choose another role").click()
    ana.heading("Invite somebody")
    expect(ana.page.get_by_label("E-mail address")).to_have_value(PARTNER)
    ana.button("Invite").click()
    ana.heading(f"Invite {PARTNER} as an Admin?")
    assert not demo.has_account(PARTNER)
    ana.button("Invite as an Admin").click()
    expect_notice(ana, f"The invitation of {PARTNER} is on its way.")
    assert demo.ask("SELECT role FROM user WHERE email = ?", PARTNER) == "admin"


def test_inviting_a_partner_by_e_mail(ana: Window, new_window: NewWindow, demo: Demo) -> None:
    """Where mail is sent it is the first choice; the link in the latest letter counts."""
    ana.expected = {422}
    ana.open(f"{PEOPLE}/invite")
    ana.page.get_by_label("E-mail address").fill("ben@acme.example")
    ana.button("Invite").click()
    field = ana.page.get_by_label("E-mail address")
    expect(field).to_have_accessible_description("ben@acme.example has an account here already.")
    field.fill(PARTNER)
    ana.button("Invite").click()
    ana.heading(PARTNER)
    expect_notice(ana, f"The invitation of {PARTNER} is on its way.")
    ana.button("Send again").click()
    expect_notice(ana, f"The invitation of {PARTNER} is on its way.")
    found = re.search(r"^http://\S+", demo.letter(PARTNER), re.MULTILINE)
    assert found
    accept(new_window(ana.javascript), found[0])
    ana.page.reload()
    expect(ana.page.locator("#person")).to_contain_text("Active")
    expect(ana.button("Send again")).to_have_count(0)


def accept(partner: Window, address: str) -> None:
    partner.open(address)
    for label in ("New password", "The same again"):
        partner.page.get_by_label(label).fill(PASSWORD)
    partner.button("Set the password").click()
    expect_notice(partner, "Your invitation is accepted")
    partner.sign_in_by_password(PARTNER, PASSWORD)
    partner.heading("General")


def test_a_long_list_is_read_page_by_page_and_keeps_what_was_asked_for(ana: Window, demo: Demo) -> None:
    demo.change(
        """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 35)
        INSERT INTO user (organization_id, email, given_name, role, status, origin, created_at)
        SELECT organization_id, printf('guest-%02d@acme.example', i), 'Guest', 'viewer', 'active', 'setup', created_at
        FROM n, user WHERE email = 'ben@acme.example'"""
    )
    rows = ana.page.locator("tbody tr")
    ana.open(f"{PEOPLE}?q=guest")
    expect(rows).to_have_count(25)
    ana.page.get_by_role("link", name="Next page").click()
    expect(rows).to_have_count(10)
    expect(rows.last).to_contain_text("guest-35@acme.example")
    expect(ana.page.get_by_text("35 people match.")).to_be_visible()
    ana.page.get_by_role("link", name="Guest", exact=True).last.click()
    choose_role(ana, "Collaborator")
    expect_notice(ana, "Guest is a Collaborator now.")
    ana.page.get_by_role("link", name="Back to the list").click()
    expect(rows).to_have_count(10)
    expect(rows.last).to_contain_text("Collaborator")
    ana.page.get_by_role("link", name="Previous page").click()
    expect(rows.first).to_contain_text("guest-01@acme.example")
    expect(ana.page.get_by_role("link", name="First page")).to_have_count(0)


def test_without_a_seat_nobody_new_gets_in(ana: Window, demo: Demo) -> None:
    """Two people, two seats, the second taken meanwhile; then one is deactivated, and somebody else takes the seat."""
    ana.open(f"{PEOPLE}/invite")
    demo.flask("support", "seats", "acme", "2", "--reason", "Contract 12")
    ana.expected = {422}
    ana.page.get_by_label("E-mail address").fill(PARTNER)
    ana.button("Invite").click()
    expect(ana.page.locator(".field-error")).to_contain_text("No seat is left.")
    assert not demo.has_account(PARTNER)
    ana.open(PEOPLE)
    expect(ana.page.get_by_text("2 of 2 seats are taken, none is left.")).to_be_visible()
    ana.page.get_by_role("link", name="Invite somebody").click()
    expect(ana.page.locator(".text-warning")).to_contain_text("No seat is left.")
    expect(ana.button("Invite")).to_have_count(0)
    open_person(ana, "Ben Okafor")
    ana.page.get_by_role("link", name="Deactivate").click()
    ana.button("Deactivate").click()
    ana.open(f"{PEOPLE}/invite")
    ana.page.get_by_label("E-mail address").fill(PARTNER)
    ana.button("Invite").click()
    ana.heading(PARTNER)
    open_person(ana, "Ben Okafor")
    expect(ana.page.locator("#change")).to_contain_text("No seat is left. Deactivate somebody who has left")
    expect(ana.button("Reactivate")).to_have_count(0)


def test_signing_somebody_out_and_resetting_their_link(ana: Window, new_window: NewWindow, demo: Demo) -> None:
    ben = new_window(ana.javascript)
    ben.sign_in("ben@acme.example")
    open_person(ana, "Ben Okafor")
    ana.button("Sign out everywhere").click()
    expect_notice(ana, "Ben Okafor is signed out everywhere.")
    ben.open("/")
    ben.heading("Sign in")
    ben.sign_in("ben@acme.example")
    linked = demo.events("sso:account:linked")
    ana.page.get_by_role("link", name="Reset SSO link").click()
    ana.heading("Reset the SSO link of Ben Okafor?")
    ana.button("Reset SSO link").click()
    expect_notice(ana, "The SSO link is reset.")
    expect(ana.page.get_by_role("link", name="Reset SSO link")).to_have_count(0)
    ben.open("/")
    ben.heading("Sign in")
    ben.sign_in("ben@acme.example")
    assert demo.events("admin:sso_link:reset") == 1
    assert demo.events("sso:account:linked") == linked + 1
