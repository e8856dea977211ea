"""Ana changes what Acme uses: a draft beside the live version, certificates, an end of it; and a colleague's link."""

from __future__ import annotations

import re

from tests.browser import setting_up
from tests.browser.conftest import COOKIES, NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect, expect_notice
from tests.certificates import key_pair

ANA, LOGOUT = "ana@acme.example", "https://idp.acme.example/logout"


def live_version(demo: Demo) -> int:
    return int(
        demo.ask(
            "SELECT version FROM sso_configuration JOIN sso_connection ON live_configuration_id = sso_configuration.id"
            " JOIN organization ON organization.id = sso_connection.organization_id WHERE slug = 'acme'"
        )
    )


def add_a_logout_address(ana: Window, version: int) -> None:
    """By hand, with the certificate and the addresses that Acme uses."""
    demo = ana.demo
    certificate = demo.ask(
        "SELECT json_extract(certificates, '$[0]') FROM sso_configuration WHERE idp_entity_id LIKE '%/acme/metadata'"
    )
    form = setting_up.way(ana, setting_up.BY_HAND)
    form.get_by_label("Logout URL (optional)").fill(LOGOUT)
    setting_up.type_details(ana, f"{demo.idp_url}/acme/metadata", f"{demo.idp_url}/acme/sso", certificate)
    expect(ana.page.get_by_role("main")).to_contain_text("Saving makes a draft: sign-ins go on as before")
    setting_up.save_what_was_understood(ana, version)


def test_a_draft_waits_beside_the_live_version(ana: Window, new_window: NewWindow, demo: Demo) -> None:
    setting_up.open_set_up(ana, "acme")
    expect(ana.page.locator("#next")).to_contain_text("Nothing to do.")
    add_a_logout_address(ana, 2)
    changes = ana.page.locator("#changes")
    expect(changes).to_contain_text("What activating it changes")
    expect(changes).to_contain_text(re.compile(rf"Logout URL\s*Now: none\s*Then: {LOGOUT}"))
    expect(ana.page.locator("#activation")).to_contain_text("Possible once version 2 has passed a test sign-in.")
    ana.open(f"{setting_up.page_of('acme')}/activate")
    expect(ana.page.get_by_role("main")).to_contain_text("has not passed a test sign-in")
    expect(ana.button("Activate version 2")).to_have_count(0)
    ana.page.get_by_role("link", name="Back, change nothing").click()
    assert live_version(demo) == 1
    ben = new_window(ana.javascript)
    ben.sign_in("ben@acme.example")  # by what is live

    setting_up.test_as(ana, ANA)
    ana.page.get_by_role("link", name="Go on to activation").click()
    expect(ana.page.get_by_role("main")).to_contain_text("Version 2 takes the place of version 1 at once.")
    ana.page.get_by_role("link", name="Back, change nothing").click()
    ana.page.get_by_role("link", name="See what it showed").click()
    assert live_version(demo) == 1
    setting_up.activate(ana)
    assert live_version(demo) == 2

    setting_up.open_set_up(ana, "acme")
    form = setting_up.way(ana, "Add the next certificate")
    form.get_by_label("The next signing certificate").fill(key_pair().pem)
    form.get_by_role("button", name="Add it").click()
    expect_notice(ana, "Version 3 is saved as a draft")
    ana.button("Discard draft 3").click()
    expect_notice(ana, "Draft 3 is discarded. Sign-ins go on as before.")
    expect(ana.page.locator("#changes")).to_have_count(0)
    assert live_version(demo) == 2


def test_a_certificate_is_added_and_another_retired(ana: Window) -> None:
    ana.expected = {422}
    setting_up.open_set_up(ana, "acme")
    form = setting_up.way(ana, "Add the next certificate")
    form.get_by_label("The next signing certificate").fill("of next year")
    form.get_by_role("button", name="Add it").click()
    field = ana.page.get_by_label("The next signing certificate")
    expect(field).to_have_value("of next year")
    expect(field).to_be_focused()
    field.fill(key_pair().pem)
    ana.button("Add it").click()
    expect_notice(ana, "Sign-ins with either certificate will pass.")
    draft = ana.page.locator("#provider")
    expect(draft).to_contain_text("Certificate 2")
    expect(draft).to_contain_text("Not yet proved by a sign-in")
    ana.button("Retire certificate 2").click()
    expect_notice(ana, "Sign-ins with the retired certificate will be refused.")
    expect(draft).not_to_contain_text("Certificate 2")
    setting_up.test_as(ana, ANA)
    setting_up.activate(ana)


def test_deactivating_asks_for_the_name(ana: Window, demo: Demo) -> None:
    ana.expected = {422}
    setting_up.open_set_up(ana, "acme")
    ana.page.get_by_role("link", name="Deactivate…").click()
    ana.heading("Deactivate single sign-on")
    expect(ana.page.locator("#locked-out")).to_contain_text("Ben Okafor")
    name = ana.page.get_by_label("The name of your organization")
    name.fill("Globex")
    ana.button("Deactivate single sign-on").click()
    expect(name).to_have_value("Globex")
    expect(name).to_have_accessible_description(re.compile("Write Acme"))
    expect(name).to_be_focused()
    name.fill("Acme")
    ana.button("Deactivate single sign-on").click()
    ana.heading("Security")
    expect_notice(ana, "SSO is deactivated.")
    expect(ana.switch).to_have_count(0)
    assert demo.events("admin:sso:deactivated") == 1


def test_a_colleague_without_an_account_does_it(new_window: NewWindow, javascript: bool, demo: Demo) -> None:
    cleo = new_window(javascript, storage_state=COOKIES["cleo@globex.example"])
    setting_up.open_set_up(cleo, "globex")
    address = setting_up.make_link(cleo, "Ines in IT")

    ines = new_window(javascript)
    ines.expected = {404}
    ines.open(address)
    expect(ines.page.get_by_role("main")).to_contain_text("You need no account here.")
    ines.button("Begin").click()
    ines.heading(setting_up.TITLE)
    expect(ines.page.get_by_role("navigation", name="Settings")).to_have_count(0)
    setting_up.show_our_values(ines)
    setting_up.read_address(ines, setting_up.metadata_of(demo, "globex"))
    setting_up.save_what_was_understood(ines, 1)
    setting_up.test_as(ines, "cleo@globex.example")
    ines.page.get_by_role("link", name="Back to the set-up").click()
    expect(ines.page.locator("#activation")).to_contain_text("An admin of Globex activates it")
    expect(ines.page.get_by_role("link", name=re.compile("^Activate"))).to_have_count(0)
    ines.open(f"{setting_up.page_of('globex')}/activate")
    ines.heading("Sign in")
    ines.open(setting_up.page_of("globex"))
    ines.button("Leave").click()
    expect_notice(ines, "You have left the set-up.")
    ines.open(setting_up.page_of("globex"))
    ines.heading("Sign in")
    assert demo.ask("SELECT count(*) FROM user WHERE email LIKE 'ines%'") == 0

    setting_up.open_set_up(cleo, "globex")
    expect(cleo.page.locator("#handover")).to_contain_text("Opened on")
    cleo.button("Revoke the link for Ines in IT").click()
    expect_notice(cleo, "The link for Ines in IT does not work any more.")
    ines.open(address)
    expect(ines.page.get_by_role("main")).to_contain_text("This link was revoked")
