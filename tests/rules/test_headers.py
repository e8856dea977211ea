"""The security headers stand on every answer: pages, redirects, refusals, errors, fragments, files."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.factories import Cast
from tests.signing_in import Browser

EXPECTED = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def raising(error: Exception) -> Callable[..., NoReturn]:
    def view(**_: object) -> NoReturn:
        raise error

    return view


@pytest.fixture
def ana(app: Flask, cast: Cast) -> Browser:
    return Browser(app).sign_in_as(cast.ana)


def ask(app: Flask, browser: Browser, what: str) -> TestResponse:
    """One answer of each kind; the name of it begins with its status."""
    away = OperationalError("SELECT 1", {}, Exception("locked"))
    asked: dict[str, Callable[[], TestResponse]] = {
        "200 page": lambda: browser.get("/o/acme/settings/security"),
        "200 public page": lambda: Browser(app).get("/sign-in"),
        "200 metadata": lambda: browser.get("/saml/acme-connection/metadata"),
        "200 fragment": lambda: browser.post("/o/acme/settings/security/jit", {"enabled": "on"}, htmx=True),
        "200 file": lambda: browser.get("/static/app.css"),
        "303 to sign-in": lambda: Browser(app).get("/"),
        "303 after a form": lambda: browser.post("/o/acme/settings/security/jit", {"enabled": "on"}),
        "303 to the identity provider": lambda: browser.get("/saml/acme-connection/start"),
        "304 file": lambda: browser.get("/static/app.css", headers={"If-None-Match": etag(browser)}),
        "308 slashes": lambda: browser.get("/sign-in//password"),
        "400 form": lambda: browser.client.post("/sign-in"),
        "401 htmx": lambda: Browser(app).post("/o/acme/settings/security/jit", {}, htmx=True, page="/sign-in"),
        "403 ACS": lambda: browser.client.post("/saml/acme-connection/acs"),
        "404 page": lambda: browser.get("/nothing/here"),
        "404 organization": lambda: browser.get("/o/globex/settings/security"),
        "404 file": lambda: browser.get("/static/nothing.css"),
        "405 page": lambda: browser.get("/sign-out"),
        "413 too large": lambda: browser.client.post(
            "/saml/acme-connection/acs", data={"SAMLResponse": "A" * 2_000_000}
        ),
        "422 form": lambda: browser.post("/o/acme/settings/security/jit", {"enabled": "flip"}),
        "500 page": lambda: failing(app, browser, RuntimeError("a bug")),
        "503 page": lambda: failing(app, browser, away),
    }
    return asked[what]()


def etag(browser: Browser) -> str:
    with browser.get("/static/app.css") as answer:
        return answer.headers["ETag"]


def failing(app: Flask, browser: Browser, error: Exception) -> TestResponse:
    view = app.view_functions["auth.signed_out"]
    app.view_functions["auth.signed_out"] = raising(error)
    try:
        return browser.get("/signed-out")
    finally:
        app.view_functions["auth.signed_out"] = view


KINDS = (
    "200 page",
    "200 public page",
    "200 metadata",
    "200 fragment",
    "200 file",
    "303 to sign-in",
    "303 after a form",
    "303 to the identity provider",
    "304 file",
    "308 slashes",
    "400 form",
    "401 htmx",
    "403 ACS",
    "404 page",
    "404 organization",
    "404 file",
    "405 page",
    "413 too large",
    "422 form",
    "500 page",
    "503 page",
)


@pytest.mark.parametrize("what", KINDS)
def test_the_security_headers_stand_on_every_answer(app: Flask, ana: Browser, what: str) -> None:
    with ask(app, ana, what) as answer:
        assert f"{answer.status_code}" == what[:3]
        assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
        for name in EXPECTED:
            assert len(answer.headers.getlist(name)) == 1
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("what", KINDS)
def test_nothing_is_stored_but_files(app: Flask, ana: Browser, what: str) -> None:
    """The page that says that a file is not there is a page, too: it shows who is signed in."""
    with ask(app, ana, what) as answer:
        if what in ("200 file", "304 file"):
            assert "no-store" not in answer.headers["Cache-Control"]
            assert "Set-Cookie" not in answer.headers
            assert "HX-Request" not in answer.headers.get("Vary", "")
        else:
            assert answer.headers["Cache-Control"] == "no-store"
            assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/static/app.css"])
def test_over_https_the_browser_is_told_to_stay_there(app: Flask, path: str) -> None:
    expected = "max-age=31536000; includeSubDomains"
    with app.test_client().get(path, base_url="https://localhost") as answer:
        assert answer.headers["Strict-Transport-Security"] == expected
    with app.test_client().get(path) as answer:
        assert "Strict-Transport-Security" not in answer.headers


def test_the_policy_allows_nothing_inline_and_nothing_of_others() -> None:
    policy = EXPECTED["Content-Security-Policy"]
    for loose in ("unsafe", "http", "*", "data:", "blob:", "nonce"):
        assert loose not in policy


def test_no_cookie_can_be_read_by_a_script_or_goes_to_other_sites_unless_it_has_to(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in_as(cast.ana)
    seen = {}
    for path in ("/", "/saml/acme-connection/start"):
        for cookie in browser.get(path).headers.getlist("Set-Cookie"):
            seen[cookie.split("=")[0]] = cookie
    assert set(seen) == {"latchkey", "latchkey-binding"}
    assert all("HttpOnly" in cookie and "Path=/" in cookie and "Domain" not in cookie for cookie in seen.values())
    assert "SameSite=Lax" in seen["latchkey"]
    assert "SameSite=None" in seen["latchkey-binding"]
    assert "Secure" in seen["latchkey-binding"]
