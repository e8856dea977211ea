"""Cleo sets single sign-on up for Globex, which has none: every way, what is refused, and by the keyboard alone."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

import pytest

from tests.browser import setting_up
from tests.browser.conftest import COOKIES, NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice, violations
from tests.certificates import key_pair
from tests.saml.idp_metadata import describe_idp

CLEO = "cleo@globex.example"
UNDERSTOOD = "Is this your identity provider?"
IN_VIEW = """element => { const box = element.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= window.innerHeight && element === document.activeElement; }"""


@pytest.fixture
def cleo(new_window: NewWindow, javascript: bool) -> Window:
    window = new_window(javascript, storage_state=COOKIES[CLEO])
    setting_up.open_set_up(window, "globex")
    return window


def metadata(demo: Demo) -> str:
    with urllib.request.urlopen(setting_up.metadata_of(demo, "globex"), timeout=10) as answer:  # noqa: S310  our own
        return str(answer.read().decode())


def back(window: Window) -> None:
    window.page.get_by_role("link", name="Back, save nothing").click()
    window.heading(setting_up.TITLE)


def expect_understood(window: Window, source: str) -> None:
    window.heading(UNDERSTOOD)
    main = window.page.get_by_role("main")
    for words in (
        f"{window.demo.idp_url}/globex/metadata",
        f"{window.demo.idp_url}/globex/sso",
        "HTTP-Redirect",
        "None: signing out here does not sign out there",
        "CN=Demo identity provider of globex",
        source,
    ):
        expect(main).to_contain_text(words)
    expect(main).to_contain_text(re.compile(r"Ends in \d+ days.*SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}", re.DOTALL))


def expect_kept(window: Window, label: str, value: str, reason: str) -> None:
    """The field has what was written, says why it was refused, and is where the reader looks."""
    field = window.page.get_by_label(label, exact=True)
    expect(field).to_have_value(value)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(reason))
    expect(field).to_be_focused()
    assert field.evaluate(IN_VIEW)
    expect(window.page).to_have_title(re.compile(f"^{setting_up.TITLE}: not accepted yet "))


def test_a_newcomer_sees_what_to_do_first(cleo: Window, demo: Demo) -> None:
    words = ["1. Domains", "2. Our values", "3. Identity provider", "4. Test", "5. Activation"]
    expect(cleo.page.locator(".step")).to_have_text([f"{word}: not yet" for word in words])
    expect(cleo.page.locator(".step-done")).to_have_count(0)
    cleo.button("Go on: see our values").click()
    expect(cleo.page.locator("#sso-acs")).to_be_visible()
    expect(cleo.page.locator(".step-done")).to_have_text("2. Our values: done")
    expect(cleo.page.locator("#next")).to_contain_text("Enter our values at your identity provider")
    cleo.page.get_by_role("link", name="Google Workspace").click()
    expect(cleo.page.locator("#guide")).to_contain_text(cleo.page.locator("#sso-acs").inner_text())


def test_all_three_ways_lead_to_what_was_understood(cleo: Window, demo: Demo, tmp_path: Path) -> None:
    url, xml = setting_up.metadata_of(demo, "globex"), metadata(demo)
    file = tmp_path / "globex-idp.xml"
    file.write_text(xml)
    setting_up.read_address(cleo, url)
    expect_understood(cleo, url)
    back(cleo)
    form = setting_up.way(cleo, setting_up.DOCUMENT)
    form.get_by_label("Metadata file").set_input_files(file)
    form.get_by_role("button", name="Read it").click()
    expect_understood(cleo, "globex-idp.xml")
    back(cleo)
    form = setting_up.way(cleo, setting_up.DOCUMENT)
    form.get_by_label("Or paste the metadata XML").fill(xml)
    form.get_by_role("button", name="Read it").click()
    expect_understood(cleo, "pasted XML")
    back(cleo)
    certificate = re.sub(r"\s", "", re.split("<[^<>]*X509Certificate>", xml)[1])
    setting_up.type_details(cleo, url, f"{demo.idp_url}/globex/sso", certificate)
    expect_understood(cleo, "by hand")
    assert not demo.ask("SELECT count(*) FROM sso_configuration WHERE metadata_source = 'by hand'")
    setting_up.save_what_was_understood(cleo, 1)
    expect(cleo.page.locator("#next").get_by_role("link", name="Test version 1")).to_be_visible()


def test_what_is_refused_is_kept(cleo: Window, demo: Demo, tmp_path: Path) -> None:
    cleo.expected = {422}
    setting_up.show_our_values(cleo)
    ours = cleo.page.locator("#sso-metadata").inner_text()
    setting_up.read_address(cleo, ours)
    expect_kept(cleo, "Metadata URL", ours, "service provider")
    setting_up.type_details(cleo, "https://idp.globex.example", "https://idp.globex.example/sso", "not a certificate")
    expect_kept(cleo, "Signing certificate", "not a certificate", "A certificate cannot be read")
    expect(cleo.page.get_by_label("Entity ID", exact=True)).to_have_value("https://idp.globex.example")
    expect(cleo.page.get_by_label("Sign-in URL", exact=True)).to_have_value("https://idp.globex.example/sso")
    form = setting_up.way(cleo, setting_up.DOCUMENT)
    form.get_by_label("Or paste the metadata XML").fill("<html>a page of theirs</html>")
    form.get_by_role("button", name="Read it").click()
    expect_kept(cleo, "Or paste the metadata XML", "<html>a page of theirs</html>", "metadata")
    (tmp_path / "page.xml").write_text("no XML")
    form.get_by_label("Metadata file").set_input_files(tmp_path / "page.xml")
    form.get_by_role("button", name="Read it").click()
    field = cleo.page.get_by_label("Metadata file")
    expect(field).to_have_accessible_description(re.compile("XML"))
    expect(field).to_be_focused()
    if cleo.javascript:  # axe is a script, too
        assert not violations(cleo.page)


def test_one_of_several_is_chosen(cleo: Window) -> None:
    names = ("https://zurich.globex.example", "https://boston.globex.example")
    inside = "".join(describe_idp(name, (key_pair().pem,), f"{name}/sso") for name in names)
    both = f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{inside}</md:EntitiesDescriptor>'
    form = setting_up.way(cleo, setting_up.DOCUMENT)
    form.get_by_label("Or paste the metadata XML").fill(both)
    form.get_by_role("button", name="Read it").click()
    cleo.heading("Choose your identity provider")
    cleo.button(f"Choose {names[1]}").click()
    cleo.heading(UNDERSTOOD)
    expect(cleo.page.get_by_role("main")).to_contain_text(f"{names[1]}/sso")
    setting_up.save_what_was_understood(cleo, 1)


def test_attributes_are_chosen_among_those_received(cleo: Window, demo: Demo) -> None:
    setting_up.read_address(cleo, setting_up.metadata_of(demo, "globex"))
    setting_up.save_what_was_understood(cleo, 1)
    setting_up.test_as(cleo, CLEO)
    expect(cleo.page.get_by_role("main")).to_contain_text("Every check passed")
    expect(cleo.page.locator("#understood")).to_contain_text("Marchetti")
    form = setting_up.way(cleo, "Choose the attributes yourself")
    given = form.get_by_label("Given name")
    assert given.locator("option").all_inner_texts() == ["By its usual names", "email", "firstName", "lastName"]
    given.select_option("lastName")
    form.get_by_role("button", name="Save the mapping").click()
    expect_notice(cleo, "The mapping is saved as version 2. Now test it.")
    expect(cleo.page.locator("#provider")).to_contain_text("from lastName")
    setting_up.test_as(cleo, CLEO)
    cleo.heading("Test of version 2")
    expect(cleo.page.locator("#understood .pair", has_text="Given name")).to_contain_text("Marchetti")


@pytest.mark.parametrize("javascript", [True])
def test_the_main_way_by_the_keyboard_alone(cleo: Window, demo: Demo) -> None:
    demo.flask("domain", "verify", "globex", "globex.example", "--reason", "contract 2291")
    page, press = cleo.page, cleo.page.keyboard.press
    cleo.tab_to(page.get_by_role("button", name="Go on: see our values"))
    press("Enter")
    expect(page.locator("#sso-acs")).to_be_visible()
    cleo.tab_to(page.get_by_role("link", name="Then give its details"))
    press("Enter")
    cleo.tab_to(page.get_by_label("Metadata URL"))
    page.keyboard.type(setting_up.metadata_of(demo, "globex"))
    press("Enter")
    cleo.heading(UNDERSTOOD)
    cleo.tab_to(cleo.button("Save these details"))
    press("Enter")
    expect_notice(cleo, "Version 1 is saved.")
    cleo.tab_to(page.locator("#next").get_by_role("link"))
    press("Enter")
    cleo.pick(CLEO)
    cleo.heading("Test of version 1")
    cleo.tab_to(page.get_by_role("link", name="Go on to activation"))
    press("Enter")
    cleo.heading("Activate version 1")
    cleo.tab_to(cleo.button("Activate version 1"))
    press("Enter")
    expect_notice(cleo, "SSO is activated with version 1.")
