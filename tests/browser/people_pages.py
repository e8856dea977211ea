"""The pages of People: the list, a person, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable

from demo.cast import PASSWORD
from tests.browser.window import Window, expect

PEOPLE = "/o/acme/settings/people"
PARTNER = "maximilian.featherstonehaugh@elsewhere.example"
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


def _invite(window: Window, by: str) -> None:
    window.open(f"{PEOPLE}/invite")
    window.page.get_by_label("E-mail address").fill(PARTNER)
    window.page.get_by_label(by).check()
    window.button("Invite").click()


def _invited(window: Window) -> None:
    _invite(window, "By a link")
    window.heading(f"Link for {PARTNER}")


def _invited_person(window: Window) -> None:
    _invite(window, "By e-mail")
    expect(window.button("Send again")).to_be_visible()


def _withdraw(window: Window) -> None:
    _invited_person(window)
    window.page.get_by_role("link", name="Withdraw").click()


def _make_admin(window: Window) -> None:
    _person()(window)
    window.page.get_by_label("Role").select_option("Admin")
    window.button("Change role").click()
    window.heading("Make Eve Lindqvist an Admin?")


def _another_plan(window: Window) -> None:
    window.demo.flask("support", "plan", "acme", "seat_based", "--reason", "Contract")
    window.open(PEOPLE)


def _plan_roles(window: Window) -> None:
    _another_plan(window)
    window.page.get_by_role("link", name="See what can be changed").click()


def _no_seat(window: Window) -> None:
    """Support has lowered their number to two; there are more people than that."""
    window.demo.change("UPDATE organization SET seats = 2 WHERE slug = 'acme'")
    window.open(PEOPLE)


def _invite_without_a_seat(window: Window) -> None:
    _no_seat(window)
    window.page.get_by_role("link", name="Invite somebody").click()
    window.heading("Invite somebody")


def _deactivated(window: Window) -> None:
    """Of somebody who has left, where no seat is free for them any more."""
    _person("Deactivate")(window)
    window.page.get_by_label("Why (optional)").fill("Left in May")
    window.button("Deactivate").click()
    _no_seat(window)
    _person()(window)


def _outside(window: Window) -> None:
    """Acme's domain is verified no more: SSO covers nobody's address."""
    window.demo.change("UPDATE domain SET verified_at = NULL WHERE name = 'acme.example'")


def _person_outside(window: Window) -> None:
    _outside(window)
    _person(name="Ben Okafor")(window)


def _password_link(window: Window) -> None:
    _person_outside(window)
    window.button("Show a link").click()
    window.heading("Link for ben@acme.example")


def _link_required(window: Window) -> None:
    _outside(window)
    window.expected = {403}
    window.open("/o/acme")
    window.page.get_by_role("link", name="Continue with single sign-on").click()
    window.pick("ben@acme.example")
    window.heading("You are not signed in")
    expect(window.page.get_by_role("link", name="Sign in with a password")).to_be_visible()


def _by_password(window: Window) -> None:
    """Ben's password opens, and his identity is not linked by itself."""
    _outside(window)
    hers = window.demo.ask("SELECT password_hash FROM user WHERE email = 'ana@acme.example'")
    window.demo.change("UPDATE user SET password_hash = ? WHERE email = 'ben@acme.example'", hers)
    window.sign_in_by_password("ben@acme.example", PASSWORD)
    window.heading("General")
    window.open("/o/acme/settings/profile")


def _connect(window: Window) -> None:
    _by_password(window)
    window.page.get_by_role("link", name="Connect SSO").click()
    window.pick("finn@acme.example")
    window.heading("Connect single sign-on?")


def _invite_refused(window: Window) -> None:
    window.expected = {422}
    window.open(f"{PEOPLE}/invite")
    window.page.get_by_label("E-mail address").fill("ben@acme.example")
    window.button("Invite").click()
    expect(window.page.locator(".field-error")).to_be_visible()


def _invite_admin(window: Window) -> None:
    window.open(f"{PEOPLE}/invite")
    window.page.get_by_label("E-mail address").fill(PARTNER)
    window.page.get_by_label("Role").select_option("Admin")
    window.button("Invite").click()
    window.heading(f"Invite {PARTNER} as an Admin?")


def _at(path: str) -> Steps:
    return lambda window: window.open(path)


# name → (who is signed in, the steps)
PEOPLE_PAGES: dict[str, tuple[str | None, Steps]] = {
    "people": ("ana", _at(PEOPLE)),
    "people-nobody": ("ana", _at(f"{PEOPLE}?q=nobody-of-this-name&role=viewer&status=active")),
    "people-no-seat": ("ana", _no_seat),
    "people-another-plan": ("ana", _another_plan),
    "people-plan": ("ana", _plan_roles),
    "person": ("ana", _person()),
    "person-alone": ("ana", _person(name="Ana Sousa")),
    "person-admin": ("ana", _make_admin),
    "person-deactivate": ("ana", _person("Deactivate")),
    "person-deactivated": ("ana", _deactivated),
    "person-reset": ("ana", _person("Reset SSO link")),
    "person-outside": ("ana", _person_outside),
    "password-link": ("ana", _password_link),
    "link-required": (None, _link_required),
    "invite": ("ana", _at(f"{PEOPLE}/invite")),
    "invite-refused": ("ana", _invite_refused),
    "invite-no-seat": ("ana", _invite_without_a_seat),
    "person-in-the-log": ("ana", _at("/o/acme/settings/audit-log?person=eve@acme.example&q=account")),
    "invite-admin": ("ana", _invite_admin),
    "invited": ("ana", _invited),
    "invited-person": ("ana", _invited_person),
    "invited-withdraw": ("ana", _withdraw),
    "profile-by-password": (None, _by_password),
    "connect": (None, _connect),
}
