"""The pictures in the docs, from the running demo: `make screenshots`.

`python -m tests.browser.screenshots FOLDER` takes every page there instead: light, dark, narrow, with forced colours
and with more contrast.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.every_page import PAGES, tell_the_story
from tests.browser.running import ROOT, Demo, is_free
from tests.browser.small_png import with_256_colours
from tests.browser.window import Window, start_chromium

DOCS = ROOT / "docs"
WIDE = {"width": 1100, "height": 720}
LIGHT: dict[str, Any] = {"color_scheme": "light", "viewport": WIDE}
SMALL: dict[str, Any] = {"color_scheme": "light", "viewport": {"width": 1100, "height": 480}}
DARK: dict[str, Any] = {"color_scheme": "dark", "viewport": WIDE}
Frame = Callable[[Page], dict[str, Any]]
MARGIN = 23  # the next part begins after 24 px
EDGE = 12


def window(_page: Page) -> dict[str, Any]:
    return {}


def whole(_page: Page) -> dict[str, Any]:
    return {"full_page": True}


def scrolled_to(part: str) -> Frame:
    def frame(page: Page) -> dict[str, Any]:
        page.locator(part).evaluate("element => element.scrollIntoView()")
        return {}

    return frame


def down_to(part: str) -> Frame:
    """From the top of a wide page to the end of this part; all else below is cut off."""

    def frame(page: Page) -> dict[str, Any]:
        box = page.locator(part).bounding_box()
        assert box is not None
        height = box["y"] + box["height"] + MARGIN
        return {"full_page": True, "clip": {"x": 0, "y": 0, "width": WIDE["width"], "height": height}}

    return frame


def only(*parts: str) -> Frame:
    """These parts, which stand below each other, and a margin; of a notice that lies over them nothing."""

    def frame(page: Page) -> dict[str, Any]:
        page.locator(".notice-floating").evaluate_all("notices => notices.forEach((notice) => notice.remove())")
        boxes = [box for part in parts if (box := page.locator(part).bounding_box())]
        assert len(boxes) == len(parts), parts
        x, y = (min(box[side] for box in boxes) - EDGE for side in ("x", "y"))
        right = max(box["x"] + box["width"] for box in boxes) + EDGE
        bottom = max(box["y"] + box["height"] for box in boxes) + EDGE
        top = page.evaluate("window.scrollY")
        return {"full_page": True, "clip": {"x": x, "y": y + top, "width": right - x, "height": bottom - y}}

    return frame


# file in docs → (page, how, which part of it)
PICTURES: dict[str, tuple[str, dict[str, Any], Frame]] = {
    "images/security-light": ("security", LIGHT, down_to("#jit")),
    "images/security-dark": ("security", DARK, down_to("#jit")),
    "admins/images/values": ("set-up-values", LIGHT, scrolled_to("#values")),
    "admins/images/understood": ("set-up-understood", LIGHT, window),
    "admins/images/test": ("set-up-test-passed", LIGHT, down_to("#decision")),
    "admins/images/activate": ("set-up-activate", LIGHT, window),
    "admins/images/missing": ("security-tested", LIGHT, only("#missing")),
    "admins/images/contact-support": ("security-locked", LIGHT, only("#missing")),
    "admins/images/switch": ("security", LIGHT, only("#jit")),
    "admins/images/turn-off": ("security-dialog", SMALL, window),
    "admins/images/turned-off": ("security-notice", LIGHT, only("#jit .card-head", "#jit-role-rules")),
    "admins/images/try-an-address": ("security-tried", LIGHT, only("#try")),
    "admins/images/missed-sign-ins": ("security-missed", LIGHT, only("#missed")),
    "admins/images/sign-in": ("sign-in-receipt", LIGHT, only(".page-head", "main .card")),
    "admins/images/ask-my-admin": ("refusal", LIGHT, only("main")),
    "admins/images/undo": ("undo-accounts", LIGHT, only(".page-head", "[aria-labelledby=found-heading]", "#end")),
    "admins/images/mails": ("security", LIGHT, only("#digest")),
    "admins/images/role-rules": ("role-rules", LIGHT, only("#role_rules")),
    "admins/images/role-rules-admin": ("role-rules-admin", LIGHT, only("main")),
    "admins/images/people": ("people", LIGHT, window),
    "admins/images/person": ("person", LIGHT, only("#change")),
    "admins/images/invite": ("invite", LIGHT, only(".page-head", "[aria-label=Invitation]")),
    "admins/images/another-plan": ("people-plan", LIGHT, only("main")),
    "admins/images/connect": ("connect", LIGHT, only("main")),
}
SMALLEST = {"color_scheme": "light", "viewport": {"width": 320, "height": 640}}
VARIANTS: dict[str, dict[str, Any]] = {
    "light": LIGHT,
    "dark": DARK,
    "narrow": SMALLEST,
    "forced": LIGHT | {"forced_colors": "active"},
    "contrast": LIGHT | {"contrast": "more"},
}


def main(folder: Path | None) -> None:
    # The addresses of `make run` stand in the pictures, where nothing else uses them.
    port, idp_port = (number if is_free(number) else None for number in (8000, 8001))
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        demo, chromium = Demo(Path(scratch), port, idp_port), start_chromium(playwright)
        try:
            take = _camera(chromium, demo)
            if folder is None:
                for name, (page, how, frame) in PICTURES.items():
                    take(page, how, DOCS / f"{name}.png", frame)
                return
            for page in PAGES:
                for variant, how in VARIANTS.items():
                    take(page, how, folder / f"{page}-{variant}.png", whole)
        finally:
            chromium.close()
            demo.stop()


def _camera(chromium: Browser, demo: Demo) -> Callable[[str, dict[str, Any], Path, Frame], None]:
    """Tells the story once; then each picture begins where it ended."""

    def new_window(email: str = "") -> Window:
        new = Window(chromium, demo)
        if email:
            new.sign_in(email)
        return new

    cookies = tell_the_story(demo, new_window)
    demo.save("story")

    def take(page: str, how: dict[str, Any], path: Path, frame: Frame) -> None:
        who, steps = PAGES[page]
        demo.reset("story")
        somebody = Window(chromium, demo, storage_state=cookies[who] if who else None, **how)
        steps(somebody)
        path.parent.mkdir(parents=True, exist_ok=True)
        png = somebody.page.screenshot(animations="disabled", **frame(somebody.page))
        path.write_bytes(with_256_colours(png))
        troubles = somebody.close()
        assert not troubles, troubles
        print(f"{path} ({path.stat().st_size // 1000} kB)")

    return take


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
