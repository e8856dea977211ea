"""Each page of the product, as somebody comes to it; for the tests that hold for all of them, and for pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from demo.cast import PASSWORD
from tests.browser.jit_pages import JIT_PAGES, SECURITY, be_refused
from tests.browser.people_pages import PEOPLE_PAGES
from tests.browser.running import Demo
from tests.browser.set_up_pages import SET_UP_PAGES, live_through_the_set_up
from tests.browser.window import Window, expect, expect_notice

CLEO = "cleo@globex.example"
Steps = Callable[[Window], None]


def tell_the_story(demo: Demo, new_window: Callable[..., Window]) -> dict[str, Any]:
    """Eve gets her account, Mallory is refused, Cleo has a second organization. Returns the cookies of each.

    `new_window` makes one in which the person with the e-mail address it is given is signed in, or nobody.
    """
    signed_in = {"ana": "ana@acme.example", "ida": "ida@initech.example"}
    windows = {name: new_window(signed_in.get(name, "")) for name in ("ana", "eve", "mallory", "ida", "cleo")}
    windows["ana"].open_security()
    windows["ana"].switch.click()
    expect_notice(windows["ana"], "JIT Provisioning is on.")
    windows["eve"].sign_in("eve@acme.example")
    be_refused(windows["mallory"])
    windows["cleo"].sign_in_by_password(CLEO, PASSWORD)
    windows["cleo"].heading("General")
    set_up = new_window()
    set_up.open(link_of(demo, "create", "umbrella", "--name", "Umbrella", "--plan", "flex", "--admin", CLEO))
    for label in ("New password", "The same again"):
        set_up.page.get_by_label(label).fill(PASSWORD)
    set_up.button("Set the password").click()
    set_up.heading("Sign in with a password")
    live_through_the_set_up(demo, windows["cleo"])
    return {name: window.context.storage_state() for name, window in windows.items()}


def link_of(demo: Demo, *command: str) -> str:
    """The one-time link to set a password that an operator is given."""
    return str(json.loads(demo.flask("org", *command, "--json"))["link"])


def _continue(window: Window) -> None:
    # The page goes on at once; a 204 lets it stay.
    window.context.route(re.compile("/saml/.*/start"), lambda route: route.fulfill(status=204))
    window.write_email("eve@acme.example")
    window.heading("Continue to Acme's sign-in")


def _wrong_address(window: Window) -> None:
    window.expected = {422}
    window.open("/sign-in")
    window.page.get_by_label("E-mail address").fill("eve at acme")
    window.button("Continue").click()
    expect(window.page.locator(".field-error")).to_be_visible()


def _wrong_password(window: Window) -> None:
    window.expected = {422}
    window.sign_in_by_password(CLEO, "not it at all")
    expect(window.page.locator(".field-error")).to_be_visible()


def _choose(window: Window) -> None:
    window.sign_in_by_password(CLEO, PASSWORD)
    window.heading("Choose an organization")


def _set_password(window: Window) -> None:
    window.open(link_of(window.demo, "link", "umbrella", CLEO))


def _identity_provider(window: Window) -> None:
    window.write_email("eve@acme.example")
    window.heading("Who are you at Acme?")


def _menu(window: Window) -> None:
    window.open("/")
    window.page.locator("summary", has_text="account menu").click()
    expect(window.button("Sign out")).to_be_visible()


def _at(path: str, status: int = 200) -> Steps:
    def go(window: Window) -> None:
        window.expected = {status} - {200}
        window.open(path)

    return go


# name → (who is signed in, the steps)
PAGES: dict[str, tuple[str | None, Steps]] = {
    "sign-in": (None, _at("/sign-in")),
    "sign-in-wrong-address": (None, _wrong_address),
    "continue": (None, _continue),
    "identity-provider": (None, _identity_provider),
    "organization": (None, _at("/o/acme")),
    "organization-without-sso": (None, _at("/o/globex")),
    "password": (None, _at("/sign-in/password")),
    "password-wrong": (None, _wrong_password),
    "choose": (None, _choose),
    "set-password": (None, _set_password),
    "signed-out": (None, _at("/signed-out")),
    "not-found": (None, _at("/nothing", 404)),
    "home": ("eve", _at("/")),
    "home-alone": ("ida", _at("/")),
    "menu": ("ana", _menu),
    "profile": ("eve", _at("/o/acme/settings/profile")),
    "forbidden": ("eve", _at(SECURITY, 403)),
    "stranger": ("cleo", _at(SECURITY, 404)),
    "remove-domain": ("ana", _at("/o/acme/settings/domains/acme.example/remove")),
    "audit-log": ("ana", _at("/o/acme/settings/audit-log")),
    "audit-log-search": ("ana", _at("/o/acme/settings/audit-log?q=nothing-of-the-kind")),
    **JIT_PAGES,
    **PEOPLE_PAGES,
    **SET_UP_PAGES,
}
