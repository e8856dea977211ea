"""What holds for each page: no accessibility violation, light and wide or dark and narrow; nothing too wide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import COOKIES, NewWindow
from tests.browser.every_page import PAGES, tell_the_story
from tests.browser.running import Demo
from tests.browser.window import Window, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LONG = "maximiliana.featherstonehaugh-cholmondeley"
LONG_NAME = ("Maximiliana Wilhelmina", "Featherstonehaugh-Cholmondeley")
WIDTHS = (320, 800, 1_100)  # 1100 is the narrowest at which lists are tables
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((element) => element.outerHTML.slice(0, 120))"""

SQUASHED = """() => [...document.querySelectorAll(".button")]
  .filter((button) => button.offsetHeight > 64).map((button) => button.textContent.trim())"""

# More than two lines in a column that is hardly wider than a word, or has no width at all. The words of a row are
# looked at one by one, too: on a narrow screen those of a switch have no box around them.
CROWDED = """() => [...document.querySelectorAll(".row-words, .row-words > *, .receipt summary > span, .pair dd")]
  .filter((element) => element.offsetWidth < 130 && element.offsetHeight > 60)
  .map((element) => element.textContent.trim())"""


@pytest.fixture(scope="module")
def cookies(chromium: Browser, running: Demo) -> Iterator[dict[str, Any]]:
    running.reset()
    windows: list[Window] = []

    def new_window(email: str = "") -> Window:
        windows.append(Window(chromium, running, storage_state=COOKIES.get(email)))
        return windows[-1]

    cookies = tell_the_story(running, new_window)
    have_a_long_name(new_window(), new_window())
    running.save("story")
    yield cookies
    assert not [trouble for window in windows for trouble in window.close()]


def have_a_long_name(new: Window, refused: Window) -> None:
    new.be_new_at_acme(f"{LONG}@acme.example", *LONG_NAME)
    new.heading("General")
    refused.expected = {403}
    refused.be_new_at_acme(f"{LONG}@a-department-of.acme.example", *LONG_NAME)
    refused.heading("You are not signed in")


@pytest.fixture
def at_the_page(request: pytest.FixtureRequest, cookies: dict[str, Any], new_window: NewWindow, demo: Demo) -> Page:
    who, steps = PAGES[request.param]
    demo.reset("story")
    window = new_window(storage_state=cookies[who] if who else None)
    steps(window)
    return window.page


@pytest.mark.parametrize("at_the_page", PAGES, indirect=True)
def test_every_page_can_be_used_by_everybody(at_the_page: Page) -> None:
    assert not violations(at_the_page)
    at_the_page.emulate_media(color_scheme="dark")
    at_the_page.set_viewport_size({"width": 320, "height": 640})
    assert not violations(at_the_page)
    for width in WIDTHS:
        at_the_page.set_viewport_size({"width": width, "height": 640})
        assert at_the_page.evaluate("document.documentElement.scrollWidth") <= width, at_the_page.evaluate(TOO_WIDE)
        assert at_the_page.evaluate(SQUASHED) == [], width
        assert at_the_page.evaluate(CROWDED) == [], width
