"""An admin proves a domain in a browser: add it, put the record in place, check it, remove it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.conftest import COOKIES, NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice, violations

if TYPE_CHECKING:
    from playwright.sync_api import Locator

NEW = "research.example"
SECURITY = "/o/acme/settings/security"


def add(window: Window, name: str) -> None:
    window.page.get_by_label("Add a domain").fill(name)
    window.button("Add domain").click()


def item(window: Window, name: str = NEW) -> Locator:
    heading = window.page.get_by_role("heading", level=3, name=name)
    return window.page.locator("#domains li").filter(has=heading)


def check(window: Window, demo: Demo, name: str = NEW) -> None:
    """As somebody who waits a little between two tries, which the product asks for."""
    demo.change("UPDATE domain SET checked_at = NULL WHERE name = ?", name)
    item(window, name).get_by_role("button", name="Check now").click()


def value_of(demo: Demo, name: str = NEW) -> str:
    challenge = demo.ask("SELECT challenge FROM domain WHERE name = ?", name)
    return f"latchkey-verification={challenge}"


def test_from_adding_to_verified_and_removed(ana: Window, demo: Demo) -> None:
    demo.dns.forget_all()
    ana.open_security()
    add(ana, NEW)
    expect_notice(ana, f"{NEW} is added.")
    expect(item(ana)).to_contain_text("Pending")
    expect(item(ana)).to_contain_text(f"_latchkey-challenge.{NEW}")
    expect(item(ana)).to_contain_text(value_of(demo))
    expect(item(ana).get_by_role("button", name="Copy Value")).to_be_visible(visible=ana.javascript)
    check(ana, demo)
    expect(item(ana)).to_contain_text("Failed")
    expect(item(ana)).to_contain_text(f"The DNS knows no domain {NEW}.")
    demo.dns.txt(NEW, "latchkey-verification=of-before")
    check(ana, demo)
    expect(item(ana)).to_contain_text("latchkey-verification=of-before")
    demo.dns.txt(NEW, value_of(demo))
    check(ana, demo)
    expect_notice(ana, f"{NEW} is verified.")
    expect(item(ana)).to_contain_text("Verified by its TXT record")
    expect(ana.page.locator("#status")).to_contain_text("SSO is activated for 2 domains.")
    item(ana).get_by_role("link", name="Remove").click()
    ana.heading(f"Remove {NEW}?")
    ana.page.get_by_role("link", name="Keep it").click()
    item(ana).get_by_role("link", name="Remove").click()
    ana.button("Remove domain").click()
    ana.heading("Security")
    expect_notice(ana, f"{NEW} is removed.")
    expect(item(ana)).to_have_count(0)
    assert demo.events("admin:domain:removed") == 1


def test_a_refused_domain_stays_in_its_field(ana: Window) -> None:
    ana.expected = {422}
    ana.open_security()
    add(ana, "gmail.com")
    field = ana.page.get_by_label("Add a domain")
    expect(field).to_have_value("gmail.com")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "The part of your addresses behind the @. Each sub-domain is a domain of its own. gmail.com is a public mail "
        "domain, where anybody can have an address. Use your own domain."
    )
    expect(field).to_be_focused()
    if ana.javascript:  # axe is a script, too
        assert not violations(ana.page)


def test_by_the_keyboard_alone_the_focus_stays_on_the_button(ana: Window, demo: Demo) -> None:
    demo.dns.forget_all()
    demo.dns.domain(NEW)
    ana.open_security()
    field = ana.page.get_by_label("Add a domain")
    ana.tab_to(field)
    ana.page.keyboard.type(NEW)
    ana.page.keyboard.press("Enter")
    expect(item(ana)).to_contain_text("Pending")
    button = item(ana).get_by_role("button", name="Check now")
    button.focus()
    ana.page.keyboard.press("Enter")
    expect(item(ana)).to_contain_text("There is no TXT record")
    if ana.javascript:
        expect(button).to_be_focused()
        assert ana.posts(f"/o/acme/settings/domains/{NEW}/check") == 1
        assert ("GET", SECURITY, 200) not in ana.answered[-1:], "one round trip"


def test_every_state_can_be_used_by_everybody(new_window: NewWindow, demo: Demo) -> None:
    ana = new_window(storage_state=COOKIES["ana@acme.example"])
    states_for_pictures(demo)
    ana.open_security()
    for word in ("Pending", "Failed", "Verified", "Attention"):
        expect(ana.page.locator("#domains .chip", has_text=word).first).to_be_visible()
    for scheme, width in (("light", 1_100), ("dark", 320)):
        ana.page.emulate_media(color_scheme=scheme)
        ana.page.set_viewport_size({"width": width, "height": 640})
        assert not violations(ana.page)
        assert ana.page.evaluate("document.documentElement.scrollWidth") <= width


def states_for_pictures(demo: Demo) -> None:
    """One domain in each state, at Acme."""
    demo.dns.forget_all()
    for name in ("attention", "failed", "other", "pending", "verified"):
        demo.flask("domain", "add", "acme", f"{name}.example")
    demo.dns.domain("failed.example")
    demo.dns.txt("other.example", "latchkey-verification=0000", "v=spf1 include:_spf.mail.example -all")
    for name in ("attention", "verified"):
        demo.dns.txt(f"{name}.example", value_of(demo, f"{name}.example"))
    for name in ("attention", "failed", "other", "verified"):
        demo.flask("domain", "check", "acme", f"{name}.example")
    demo.dns.forget("attention.example")
    demo.change("UPDATE domain SET checked_at = NULL")
    demo.flask("domain", "check", "acme", "attention.example")
