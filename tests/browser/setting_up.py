"""Setting single sign-on up, as an admin does it in the browser: one step a function, from any page of the set-up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice

if TYPE_CHECKING:
    from playwright.sync_api import Locator

TITLE = "Set up single sign-on"
ADDRESS, DOCUMENT, BY_HAND = (
    re.compile("the metadata from its address$"),
    re.compile("paste the metadata XML$"),
    re.compile("the details by hand$"),
)


def page_of(slug: str) -> str:
    return f"/o/{slug}/settings/security/sso"


def open_set_up(window: Window, slug: str) -> None:
    window.open(page_of(slug))
    window.heading(TITLE)


def show_our_values(window: Window) -> None:
    window.button("Show our values").click()
    window.heading(TITLE)
    expect(window.page.locator("#sso-acs")).to_be_visible()


def way(window: Window, summary: re.Pattern[str] | str) -> Locator:
    """One of the ways to give details, unfolded."""
    details = window.page.locator("details.more").filter(has=window.page.locator("summary", has_text=summary))
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    return details


def read_address(window: Window, url: str) -> None:
    form = way(window, ADDRESS)
    form.get_by_label("Metadata URL").fill(url)
    form.get_by_role("button", name="Read it").click()


def type_details(window: Window, entity_id: str, sso_url: str, certificate: str) -> None:
    form = way(window, BY_HAND)
    form.get_by_label("Entity ID").fill(entity_id)
    form.get_by_label("Sign-in URL").fill(sso_url)
    form.get_by_label("Signing certificate").fill(certificate)
    form.get_by_role("button", name="Look at them").click()


def save_what_was_understood(window: Window, version: int) -> None:
    window.heading("Is this your identity provider?")
    window.button("Save these details").click()
    window.heading(TITLE)
    expect_notice(window, f"Version {version} is saved")


def test_as(window: Window, email: str) -> None:
    """At the demo's identity provider, and back to what the test showed."""
    window.page.locator("#test").get_by_role("link", name=re.compile("^Test version ")).click()
    window.pick(email)
    window.heading(re.compile("^Test of version "))


def activate(window: Window) -> None:
    """From the test's page, past the page that says whom it concerns."""
    window.page.get_by_role("link", name="Go on to activation").click()
    window.heading(re.compile("^Activate version "))
    window.page.get_by_role("button", name=re.compile("^Activate version ")).click()
    window.heading("Security")
    expect_notice(window, "SSO is activated")


def metadata_of(demo: Demo, slug: str) -> str:
    return f"{demo.idp_url}/{slug}/metadata"


def make_link(window: Window, colleague: str) -> str:
    """The address of a hand-over link, which is shown once."""
    window.page.get_by_label("Who is it for").fill(colleague)
    window.button("Make a link").click()
    window.heading(f"Link for {colleague}")
    return window.page.locator("#handover-address").inner_text()
