"""Viewers, strangers, people who left; and what a browser keeps of a sign-in."""

from __future__ import annotations

import socket
import urllib.request
from contextlib import ExitStack
from urllib.parse import urlsplit

from demo.cast import PASSWORD
from tests.browser.conftest import NewWindow
from tests.browser.running import Demo
from tests.browser.window import Window, expect

SECURITY = "/o/acme/settings/security"


def post_the_form_for(window: Window, action: str) -> None:
    """What a tampered page could send: a form of the person's own, with their own CSRF token, to another address."""
    window.page.locator("summary", has_text="account menu").click()
    window.page.locator(".menu-panel form").evaluate("(form, action) => form.setAttribute('action', action)", action)
    window.button("Sign out").evaluate("(button) => { button.name = 'enabled'; button.value = 'on'; }")
    with window.page.expect_event("framenavigated"):
        window.button("Sign out").click()
    window.page.wait_for_load_state()


def test_a_viewer_has_no_security_tab_and_is_refused(new_window: NewWindow, javascript: bool, demo: Demo) -> None:
    ben = new_window(javascript)
    ben.sign_in("ben@acme.example")
    ben.page.locator("summary", has_text="account menu").click()
    ben.page.get_by_role("link", name="Settings").click()
    ben.heading("Profile")
    tabs = ben.page.get_by_role("navigation", name="Settings").get_by_role("link")
    expect(tabs).to_have_text(["Profile"])
    ben.expected = {403}
    ben.open(SECURITY)
    ben.heading("This is not open to you")
    post_the_form_for(ben, f"{SECURITY}/jit")
    ben.heading("This is not open to you")
    assert ben.answered.count(("GET", SECURITY, 403)) == 1
    assert ben.answered.count(("POST", f"{SECURITY}/jit", 403)) == 1
    assert not demo.wish("acme")


def test_who_is_no_admin_any_more_is_led_away(ana: Window, demo: Demo) -> None:
    ana.open("/o/acme/settings/people")
    ana.page.get_by_role("link", name="Ben Okafor").click()
    demo.change("UPDATE user SET role = 'viewer' WHERE email = 'ana@acme.example'")
    ana.expected = {403}
    ana.button("Change role").click()
    ana.heading("Profile" if ana.javascript else "This is not open to you")
    expect(ana.page.get_by_role("main")).to_contain_text("This is not open to you")
    expect(ana.button("Change role")).to_have_count(0)


def test_an_admin_of_another_organization_cannot_see_that_it_exists(
    new_window: NewWindow, javascript: bool, demo: Demo
) -> None:
    cleo = new_window(javascript)
    cleo.sign_in_by_password("cleo@globex.example", PASSWORD)
    cleo.heading("General")
    cleo.expected = {404}
    cleo.open(SECURITY)
    cleo.heading("There is nothing here")
    post_the_form_for(cleo, f"{SECURITY}/jit")
    cleo.heading("There is nothing here")
    assert cleo.answered.count(("POST", f"{SECURITY}/jit", 404)) == 1
    refused = cleo.page.get_by_role("main").inner_text()
    cleo.open("/o/no-such-organization/settings/security")
    assert cleo.page.get_by_role("main").inner_text() == refused
    assert not demo.wish("acme")


def test_after_signing_out_the_back_button_shows_nothing(ana: Window) -> None:
    ana.open_security()
    ana.sign_out()
    ana.page.go_back()
    ana.heading("Sign in")
    expect(ana.page.locator("body")).not_to_contain_text("acme.example")
    expect(ana.page.locator(".avatar")).to_have_count(0)


def test_the_cookies_of_a_sign_in_have_the_attributes_that_their_jobs_need(eve: Window) -> None:
    eve.write_email("ana@acme.example")
    eve.heading("Who are you at Acme?")
    (binding,) = (cookie for cookie in eve.context.cookies() if cookie["name"] == "latchkey-binding")
    assert binding["sameSite"] == "None"
    assert binding["secure"]
    assert binding["httpOnly"]
    eve.pick("ana@acme.example")
    eve.heading("General")
    cookies = {cookie["name"]: cookie for cookie in eve.context.cookies()}
    assert "latchkey-handover" not in cookies
    assert cookies["latchkey"]["sameSite"] == "Lax"
    assert cookies["latchkey"]["httpOnly"]


def test_a_person_comes_back_to_the_page_they_asked_for(eve: Window) -> None:
    eve.open(f"{SECURITY}?from=mail")
    eve.heading("Sign in")
    eve.page.get_by_label("E-mail address").fill("ana@acme.example")
    eve.button("Continue").click()
    eve.pick("ana@acme.example")
    eve.heading("Security")
    assert eve.page.url == f"{eve.demo.url}{SECURITY}?from=mail"


def test_the_link_of_an_organization_leads_to_its_sign_in(eve: Window) -> None:
    eve.open("/o/acme")
    eve.heading("Sign in to Acme")
    eve.page.get_by_role("link", name="Continue with single sign-on").click()
    eve.pick("ana@acme.example")
    eve.heading("General")


def test_a_wrong_password_is_said_beside_the_field(new_window: NewWindow, javascript: bool) -> None:
    window = new_window(javascript)
    window.expected = {422}
    window.sign_in_by_password("cleo@globex.example", "not it at all")
    field = window.page.get_by_label("Password")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("The e-mail address or the password is not right.")
    expect(field).to_be_focused()
    expect(window.page.get_by_label("E-mail address")).to_have_value("cleo@globex.example")


def test_connections_that_a_browser_opens_ahead_hold_up_nobody(demo: Demo) -> None:
    with ExitStack() as ahead:
        for url in (f"{demo.url}/sign-in", f"{demo.idp_url}/acme/metadata"):
            for _ in range(3):  # more than there are processes; browsers open some and send nothing at first
                address = ("127.0.0.1", urlsplit(url).port or 0)
                ahead.enter_context(socket.create_connection(address))
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  our own address
                assert answer.status == 200
