"""Support changed the plan: an admin says what becomes of the role of those who came before; by keyboard."""

from __future__ import annotations

from tests.browser.running import Demo
from tests.browser.window import Window, elsewhere, expect, expect_notice

PEOPLE = "/o/acme/settings/people"


def look(ana: Window, demo: Demo) -> None:
    """Eve came before the change; Ana sees her name on the page that asks."""
    ana.open_security()
    ana.switch.click()
    expect_notice(ana, "JIT Provisioning is on.")
    with elsewhere(ana) as eve:
        eve.sign_in("eve@acme.example")
    demo.flask("support", "plan", "acme", "seat_based", "--reason", "Contract 12")
    ana.open(PEOPLE)
    ana.press(ana.page.get_by_role("link", name="See what can be changed"))
    expect(ana.page.get_by_role("main")).to_contain_text("Eve Lindqvist")


def test_they_get_the_new_role(ana: Window, demo: Demo) -> None:
    look(ana, demo)
    ana.heading("Give 1 person the role Collaborator?")
    ana.press(ana.button("Give the role Collaborator"))
    expect_notice(ana, "1 person has the role Collaborator now.")
    expect(ana.page.get_by_role("link", name="See what can be changed")).to_have_count(0)


def test_they_keep_their_role(ana: Window, demo: Demo) -> None:
    look(ana, demo)
    ana.press(ana.button("Keep their role"))
    expect_notice(ana, "1 person keeps the role of before, whatever the plan.")
    expect(ana.page.get_by_role("link", name="See what can be changed")).to_have_count(0)
    assert demo.ask("SELECT role FROM user WHERE email = 'eve@acme.example'") == "viewer"
