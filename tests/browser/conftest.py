"""The running product, a Chromium for it, and private windows. Every test begins with the seeded database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from demo.cast import PASSWORD
from tests.browser.running import Demo
from tests.browser.window import Window, chromium_path, start_chromium
from tests.conftest import unavailable

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NewWindow = Callable[..., Window]
SIGNED_IN_BEFORE = ("ana@acme.example", "ida@initech.example")
BY_PASSWORD = ("cleo@globex.example",)
COOKIES: dict[str, Any] = {}


# Playwright keeps an event loop running, which tests elsewhere must not find: these end with the last test here.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        unavailable("no browser tests: Playwright is not installed")
    if chromium_path() is None:
        unavailable("no browser tests: there is no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def running(chromium: Browser, fast_folder: Path) -> Iterator[Demo]:
    """Each test begins with the seeded database, in which three people have signed in already."""
    (folder := fast_folder / "demo").mkdir()
    demo = Demo(folder)
    try:
        for email in (*SIGNED_IN_BEFORE, *BY_PASSWORD):
            window = Window(chromium, demo)
            if email in BY_PASSWORD:
                window.sign_in_by_password(email, PASSWORD)
                window.heading("General")
            else:
                window.sign_in(email)
            COOKIES[email] = window.context.storage_state()
            troubles = window.close()
            assert not troubles, "\n".join(troubles)
        demo.save()
        yield demo
    finally:
        demo.stop()


@pytest.fixture
def demo(running: Demo) -> Demo:
    running.reset()
    return running


@pytest.fixture
def new_window(chromium: Browser, demo: Demo) -> Iterator[NewWindow]:
    """`new_window(javascript)`: somebody else's browser. At the end each one tells its troubles."""
    windows: list[Window] = []

    def make(javascript: bool = True, **options: Any) -> Window:
        windows.append(Window(chromium, demo, javascript, **options))
        return windows[-1]

    yield make
    troubles = [trouble for window in windows for trouble in window.close()]
    assert not troubles, "\n".join(troubles)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def ana(new_window: NewWindow, javascript: bool) -> Window:
    """The window of Acme's admin, who is signed in."""
    return new_window(javascript, storage_state=COOKIES["ana@acme.example"])


@pytest.fixture
def ida(new_window: NewWindow, javascript: bool) -> Window:
    """The window of Initech's admin, who is signed in; the feature is locked for Initech."""
    return new_window(javascript, storage_state=COOKIES["ida@initech.example"])


@pytest.fixture
def eve(new_window: NewWindow, javascript: bool) -> Window:
    """A private window of somebody without an account at Acme."""
    return new_window(javascript)
