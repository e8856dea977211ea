"""The pages of People: the list, a person, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.window import Window, expect

PEOPLE = "/o/acme/settings/people"
Steps = Callable[[Window], None]


def _person(*then: str, name: str = "Eve Lindqvist") -> Steps:
    """The page of a person, and what is chosen there."""

    def go(window: Window) -> None:
        window.open(PEOPLE)
        window.page.get_by_role("link", name=name).click()
        window.heading(name)
        for link in then:
            window.page.get_by_role("link", name=link, exact=True).click()

    return go


def _invited(window: Window) -> None:
    window.open(f"{PEOPLE}/invite")
    window.page.get_by_label("E-mail address").fill("maximilian.featherstonehaugh@elsewhere.example")
    window.button("Invite").click()
    window.heading("Link for maximilian.featherstonehaugh@elsewhere.example")


def _invited_person(window: Window) -> None:
    _invited(window)
    window.page.get_by_role("link", name="Done").click()
    expect(window.button("Show a link")).to_be_visible()


def _withdraw(window: Window) -> None:
    _invited_person(window)
    window.page.get_by_role("link", name="Withdraw").click()


def _make_admin(window: Window) -> None:
    _person()(window)
    window.page.get_by_label("Role").select_option("Admin")
    window.button("Change role").click()
    window.heading("Make Eve Lindqvist an Admin?")


def _plan_roles(window: Window) -> None:
    window.demo.flask("support", "plan", "acme", "seat_based", "--reason", "Contract")
    window.open(PEOPLE)
    window.page.get_by_role("link", name="See what can be changed").click()


def _invite_refused(window: Window) -> None:
    window.expected = {422}
    window.open(f"{PEOPLE}/invite")
    window.page.get_by_label("E-mail address").fill("ben@acme.example")
    window.button("Invite").click()
    expect(window.page.locator(".field-error")).to_be_visible()


def _at(path: str) -> Steps:
    return lambda window: window.open(path)


# name → (who is signed in, the steps)
PEOPLE_PAGES: dict[str, tuple[str | None, Steps]] = {
    "people": ("ana", _at(PEOPLE)),
    "people-nobody": ("ana", _at(f"{PEOPLE}?q=nobody-of-this-name&role=viewer&status=active")),
    "people-plan": ("ana", _plan_roles),
    "person": ("ana", _person()),
    "person-alone": ("ana", _person(name="Ana Sousa")),
    "person-admin": ("ana", _make_admin),
    "person-deactivate": ("ana", _person("Deactivate")),
    "person-reset": ("ana", _person("Reset SSO link")),
    "invite": ("ana", _at(f"{PEOPLE}/invite")),
    "invite-refused": ("ana", _invite_refused),
    "invited": ("ana", _invited),
    "invited-person": ("ana", _invited_person),
    "invited-withdraw": ("ana", _withdraw),
}
