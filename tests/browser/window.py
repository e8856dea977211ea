"""Somebody's private window: its own cookies, and a watch on everything that must not happen in it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.browser.running import Demo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Playwright, Request, Response
try:
    from playwright.sync_api import expect
except ImportError:  # conftest.py skips these tests, or fails them under CI
    expect = None  # type: ignore[assignment]

MOST_TABS = 60
# A blocked style or script is also an event in the page; as an error of the console it reaches the watch below.
REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("policy violated:", event.violatedDirective, event.blockedURI, event.sourceFile));"""


def chromium_path() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def start_chromium(playwright: Playwright) -> Browser:
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return playwright.chromium.launch(
        executable_path=chromium_path(),
        args=["--no-sandbox", *quiet],
        # As in real life, going back may show the page as it was left; Playwright turns that off.
        ignore_default_args=["--disable-back-forward-cache"],
    )


def violations(page: Page) -> list[str]:
    """What axe finds by all its rules, and by the one of WCAG 2.2 that it leaves off: targets of 24 px."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_load_state()  # before its style sheet is there, a page is judged without it
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


class Window:
    """`expected`: the statuses of 400 and more that the test is about. Others fail it at its end, as any trouble."""

    def __init__(self, chromium: Browser, demo: Demo, javascript: bool = True, **options: Any) -> None:
        self.demo, self.javascript = demo, javascript
        self.expected: set[int] = set()
        self.troubles: list[str] = []
        self.answered: list[tuple[str, str, int]] = []
        self.context = chromium.new_context(
            java_script_enabled=javascript,
            base_url=demo.url,
            locale="en-GB",
            **({"timezone_id": "Europe/Lisbon", "viewport": {"width": 1100, "height": 800}} | options),
        )
        self.context.set_default_timeout(10_000)
        self.context.add_init_script(REPORT_VIOLATIONS)
        self.context.on("request", self._requested)
        self.context.on("response", self._responded)
        self.context.on("requestfailed", self._failed)
        self.context.on("console", self._wrote)
        self.context.on("weberror", lambda error: self.troubles.append(f"page error: {error.error}"))
        self.page = self.context.new_page()

    def _requested(self, request: Request) -> None:
        own = {urlsplit(self.demo.url).netloc, urlsplit(self.demo.idp_url).netloc}
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc not in own:
            self.troubles.append(f"asked another host: {request.url}")

    def _responded(self, response: Response) -> None:
        self.answered.append((response.request.method, urlsplit(response.url).path, response.status))

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # going on before the page has all its pictures
            self.troubles.append(f"no answer: {request.url} ({request.failure})")

    def _wrote(self, message: ConsoleMessage) -> None:
        # Refused requests are judged by their status, see `close`.
        if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
            self.troubles.append(f"console: {message.text}")

    def close(self) -> list[str]:
        """What went wrong here, a line each."""
        self.context.close()
        answers = [f"{method} {path} answered {status}" for method, path, status in self.answered if status >= 400]
        unexpected = [line for line in answers if int(line[-3:]) not in self.expected]
        missing = self.expected - {status for _, _, status in self.answered}
        return self.troubles + unexpected + [f"nothing was answered with {status}" for status in missing]

    def posts(self, path: str) -> int:
        return sum((method, where) == ("POST", path) for method, where, _ in self.answered)

    # ---- What a person does ----

    def open(self, path: str) -> None:
        self.page.goto(path)

    def heading(self, text: str | re.Pattern[str]) -> None:
        """Wait for the page with this heading."""
        expect(self.page.get_by_role("heading", level=1, name=text)).to_be_visible()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def write_email(self, email: str) -> None:
        self.open("/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.button("Continue").click()

    def pick(self, email: str) -> None:
        """At the identity provider, which is another site; without JavaScript its answer is sent by a button."""
        self.heading(re.compile("^Who are you at "))
        assert self.page.url.startswith(self.demo.idp_url + "/"), self.page.url
        self.button(email).click()
        if not self.javascript:
            self.heading("Back to the application")
            self.button("Continue").click()

    def sign_in(self, email: str) -> None:
        """By e-mail and single sign-on, to the General workspace."""
        self.write_email(email)
        self.pick(email)
        self.heading("General")

    def be_new_at_acme(self, email: str, first_name: str, last_name: str) -> None:
        """At the identity provider as somebody that nobody there knew; what comes of it is for the test to say."""
        self.write_email("somebody@acme.example")
        for label, text in (("E-mail address", email), ("First name", first_name), ("Last name", last_name)):
            self.page.get_by_label(label).fill(text)
        self.button("Sign in as this person").click()

    def sign_in_by_password(self, email: str, password: str) -> None:
        self.open("/sign-in/password")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.button("Sign in").click()

    def tab_to(self, wanted: Locator) -> None:
        """By the Tab key only, as somebody without a mouse."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{wanted} cannot be reached with the Tab key")

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        self.tab_to(wanted)
        self.page.keyboard.press(key)

    def sign_out(self) -> None:
        self.page.locator("summary", has_text="account menu").click()
        self.button("Sign out").click()
        self.heading("You are signed out")

    def open_security(self, slug: str = "acme") -> None:
        self.open(f"/o/{slug}/settings/security")
        self.heading("Security")

    def turn_off(self) -> None:
        """The switch asks first: in a dialog, or on a page without JavaScript."""
        self.switch.click()
        self.button("Turn off").click()

    @property
    def switch(self) -> Locator:
        return self.page.get_by_role("switch", name="JIT Provisioning")


@contextmanager
def elsewhere(window: Window) -> Iterator[Window]:
    """Somebody else's private window beside this one, who leaves at the end."""
    assert window.context.browser is not None
    other = Window(window.context.browser, window.demo, window.javascript)
    yield other
    troubles = other.close()
    assert not troubles, "\n".join(troubles)


def expect_switch(window: Window, state: str) -> None:
    """The state is said to assistive technology and by a word, and the next click asks for the other one."""
    expect(window.switch).to_have_attribute("aria-checked", {"on": "true", "off": "false"}[state])
    expect(window.switch).to_have_text({"on": "On", "off": "Off"}[state])
    expect(window.switch).to_have_attribute("value", {"on": "off", "off": "on"}[state])


def expect_notice(window: Window, text: str) -> None:
    expect(window.page.get_by_role("status").get_by_text(text)).to_be_visible()
