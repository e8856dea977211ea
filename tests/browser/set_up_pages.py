"""The pages of setting single sign-on up, and of the emergency sign-in, each in the states that it has.

They begin at moments of the story that `live_through_the_set_up` saved: Globex from "not set up" to "tested".
"""

from __future__ import annotations

from collections.abc import Callable

import pyotp

from demo.cast import PASSWORD
from tests.browser import setting_up
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice
from tests.certificates import key_pair
from tests.saml.idp_metadata import describe_idp

Steps = Callable[[Window], None]
ANA, CLEO = "ana@acme.example", "cleo@globex.example"
PROFILE = "/o/acme/settings/profile"


def live_through_the_set_up(demo: Demo, cleo: Window) -> None:
    """Cleo is signed in. At the end everything is again as it was."""
    demo.save("before-set-up")
    setting_up.open_set_up(cleo, "globex")
    setting_up.show_our_values(cleo)
    demo.save("values")
    setting_up.read_address(cleo, setting_up.metadata_of(demo, "globex"))
    setting_up.save_what_was_understood(cleo, 1)
    prove_globex(demo, cleo)
    setting_up.test_as(cleo, CLEO)
    demo.save("tested")
    demo.reset("before-set-up")


def prove_globex(demo: Demo, cleo: Window) -> None:
    demo.dns.txt("globex.example", cleo.page.locator("[id$='-record-value']").inner_text())
    cleo.button("Check now").click()
    expect_notice(cleo, "globex.example is verified.")
    demo.dns.forget_all()


def _from(moment: str, steps: Steps) -> Steps:
    def go(window: Window) -> None:
        window.demo.reset(moment)
        steps(window)

    return go


def _set_up(slug: str, query: str = "") -> Steps:
    def go(window: Window) -> None:
        window.open(setting_up.page_of(slug) + query)
        window.heading(setting_up.TITLE)

    return go


def _at(slug: str, page: str) -> Steps:
    return lambda window: window.open(f"{setting_up.page_of(slug)}/{page}")


def _understood(window: Window) -> None:
    _set_up("globex")(window)
    setting_up.read_address(window, setting_up.metadata_of(window.demo, "globex"))
    window.heading("Is this your identity provider?")


def _details_refused(window: Window) -> None:
    window.expected = {422}
    _set_up("globex")(window)
    setting_up.type_details(window, "https://idp.globex.example/metadata", "https://idp.globex.example/sso", "MIIC…")
    expect(window.page.locator(".field-error")).to_be_visible()


def _choose(window: Window) -> None:
    entities = [
        describe_idp(f"https://{name}.globex.example/metadata", certificates)
        for name, certificates in (("zurich", (key_pair().pem,)), ("boston", (key_pair().pem,)), ("old", ()))
    ]
    inside = "".join(entities)
    _set_up("globex")(window)
    form = setting_up.way(window, setting_up.DOCUMENT)
    form.get_by_label("Or paste the metadata XML").fill(
        f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{inside}</md:EntitiesDescriptor>'
    )
    form.get_by_role("button", name="Read it").click()
    window.heading("Choose your identity provider")


def _test_passed(window: Window) -> None:
    _set_up("globex")(window)
    window.page.get_by_role("link", name="See what it showed").click()
    window.heading("Test of version 1")


def _test_failed(window: Window) -> None:
    """By hand, with a certificate that the identity provider does not sign with."""
    _set_up("globex")(window)
    idp = window.demo.idp_url
    setting_up.type_details(window, f"{idp}/globex/metadata", f"{idp}/globex/sso", key_pair().pem)
    setting_up.save_what_was_understood(window, 2)
    setting_up.test_as(window, CLEO)
    expect(window.page.locator(".check-failed")).to_be_visible()


def _draft(window: Window) -> None:
    """A certificate is added to what Acme uses."""
    _set_up("acme")(window)
    form = setting_up.way(window, "Add the next certificate")
    form.get_by_label("The next signing certificate").fill(key_pair().pem)
    form.get_by_role("button", name="Add it").click()
    expect_notice(window, "saved as a draft")


def _deactivate_refused(window: Window) -> None:
    window.expected = {422}
    window.open(f"{setting_up.page_of('acme')}/deactivate")
    window.page.get_by_label("The name of your organization").fill("Globex")
    window.button("Deactivate single sign-on").click()
    expect(window.page.locator(".field-error")).to_be_visible()


def _handover_made(window: Window) -> None:
    _set_up("globex")(window)
    setting_up.make_link(window, "Ines in IT")


def _handover_open(window: Window) -> None:
    _set_up("globex")(window)
    address = setting_up.make_link(window, "Ines in IT")
    window.context.clear_cookies()
    window.open(address)
    window.heading(setting_up.TITLE)


def _handover(window: Window) -> None:
    _handover_open(window)
    window.button("Begin").click()
    expect(window.button("Leave")).to_be_visible()


def _emergency(window: Window) -> None:
    window.open("/sign-in/emergency")
    window.heading("Emergency sign-in")


def _second_factor(window: Window) -> None:
    window.open(PROFILE)
    window.button("Add a second factor").click()
    window.heading("Add a second factor")


def _recovery_codes(window: Window) -> None:
    _second_factor(window)
    window.page.get_by_label("Code of the app").fill(pyotp.TOTP(window.page.locator("#secret").inner_text()).now())
    window.button("Turn the second factor on").click()
    window.heading("Your recovery codes")


def _second_factor_changed(window: Window) -> None:
    _recovery_codes(window)
    window.page.get_by_role("link", name="I have kept them").click()
    window.page.get_by_role("link", name="Change the second factor").click()
    window.heading("Second factor")


def _emergency_code(window: Window) -> None:
    _recovery_codes(window)
    window.context.clear_cookies()
    _emergency(window)
    window.page.get_by_label("E-mail address").fill(ANA)
    window.page.get_by_label("Password").fill(PASSWORD)
    window.button("Continue").click()
    window.heading("Write your code")
    window.expected = {422}
    window.page.get_by_label("Code").fill("000000")
    window.button("Sign in").click()
    expect(window.page.locator(".field-error")).to_be_visible()


# name → (who is signed in, the steps)
SET_UP_PAGES: dict[str, tuple[str | None, Steps]] = {
    "set-up-new": ("cleo", _set_up("globex")),
    "set-up-values": ("cleo", _from("values", _set_up("globex", "?idp=entra"))),
    "set-up-details-refused": ("cleo", _from("values", _details_refused)),
    "set-up-understood": ("cleo", _from("values", _understood)),
    "set-up-choose": ("cleo", _from("values", _choose)),
    "set-up-test-passed": ("cleo", _from("tested", _test_passed)),
    "set-up-test-failed": ("cleo", _from("tested", _test_failed)),
    "set-up-tested": ("cleo", _from("tested", _set_up("globex"))),
    "security-tested": ("cleo", _from("tested", lambda window: window.open("/o/globex/settings/security"))),
    "set-up-activate": (
        "cleo",
        _from("tested", _at("globex", "activate")),
    ),
    "set-up-draft": ("ana", _draft),
    "set-up-deactivate-refused": ("ana", _deactivate_refused),
    "hand-over-made": ("cleo", _from("values", _handover_made)),
    "hand-over-open": ("cleo", _from("values", _handover_open)),
    "hand-over": ("cleo", _from("values", _handover)),
    "emergency": (None, _emergency),
    "emergency-code": ("ana", _emergency_code),
    "second-factor-add": ("ana", _second_factor),
    "profile-of-an-admin": ("ana", lambda window: window.open(PROFILE)),
    "second-factor": ("ana", _second_factor_changed),
    "recovery-codes": ("ana", _recovery_codes),
}
