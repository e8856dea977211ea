"""An admin adds a second factor and comes in by the emergency sign-in: by the app's code, and by a recovery code."""

from __future__ import annotations

import re
import time

import pyotp

from demo.cast import PASSWORD
from tests.browser.conftest import NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice

ANA = "ana@acme.example"
PROFILE = "/o/acme/settings/profile"
CODE = re.compile(r"^(?:[2-9A-Z]{5}-){3}[2-9A-Z]{5}$", re.MULTILINE)


def add_a_second_factor(window: Window) -> tuple[pyotp.TOTP, list[str]]:
    """Returns the telephone and the recovery codes."""
    window.open(PROFILE)
    window.button("Add a second factor").click()
    window.heading("Add a second factor")
    expect(window.page.get_by_role("img", name="QR code")).to_be_visible()
    telephone = pyotp.TOTP(window.page.locator("#secret").inner_text())
    window.page.get_by_label("Code of the app").fill(telephone.now())
    window.button("Turn the second factor on").click()
    window.heading("Your recovery codes")
    codes = CODE.findall(window.page.locator("#recovery-codes").inner_text())
    assert len(codes) == 10
    window.page.get_by_role("link", name="I have kept them").click()
    window.heading("Profile")
    expect(window.page.get_by_text("10 recovery codes are left")).to_be_visible()
    return telephone, codes


def write_password(window: Window) -> None:
    window.open("/sign-in")
    window.page.get_by_role("link", name="Emergency sign-in for admins").click()
    window.heading("Emergency sign-in")
    window.page.get_by_label("E-mail address").fill(ANA)
    window.page.get_by_label("Password").fill(PASSWORD)
    window.button("Continue").click()
    window.heading("Write your code")


def write_code(window: Window, code: str) -> None:
    window.page.get_by_label("Code").fill(code)
    window.button("Sign in").click()


def test_from_adding_it_to_coming_in_by_it(ana: Window, demo: Demo) -> None:
    telephone, codes = add_a_second_factor(ana)
    ana.context.clear_cookies()

    write_password(ana)
    ana.expected = {422}
    write_code(ana, "000000")
    expect(ana.page.get_by_label("Code")).to_have_accessible_description(re.compile("The code is not right"))
    write_code(ana, telephone.at(int(time.time()) + 30))  # the next one: each counts once
    ana.heading("General")
    ana.sign_out()

    write_password(ana)
    write_code(ana, codes[0])
    ana.heading("General")
    expect_notice(ana, "You have 9 left")
    assert demo.events("password:sign_in:emergency") == 2
    assert demo.events("password:sign_in:refused") == 1

    ana.open(PROFILE)
    ana.page.get_by_role("link", name="Change the second factor").click()
    ana.heading("Second factor")
    ana.page.get_by_label("Your password or a current code").nth(1).fill(PASSWORD)
    ana.button("Remove the second factor").click()
    ana.heading("Profile")
    expect_notice(ana, "The second factor is off.")


def test_a_colleague_has_no_such_card(new_window: NewWindow, javascript: bool) -> None:
    ben = new_window(javascript)
    ben.sign_in("ben@acme.example")
    ben.open(PROFILE)
    expect(ben.page.get_by_role("heading", name="Emergency sign-in")).to_have_count(0)
