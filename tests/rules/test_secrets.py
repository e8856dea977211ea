"""What is logged, down to the last detail a logger can be asked for, holds nothing that opens anything."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from flask import Flask
from sqlalchemy.exc import IntegrityError

from database import db
from models import Organization, SignInAttempt, User
from organizations import sessions
from saml.keys import open_key
from tests.factories import EVE, PASSWORD, Cast, make_password_link
from tests.signing_in import Browser

NEW_PASSWORD = "four quite ordinary words"


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """From here on, from every logger there is."""
    caplog.set_level(logging.DEBUG)
    return caplog


def text_of(caplog: pytest.LogCaptureFixture) -> str:
    """Every record as it would be written, and its arguments as they are."""
    logging.getLogger("tests").debug("the log is being read")
    formatter = logging.Formatter("%(message)s")
    lines = [f"{formatter.format(record)} {record.args!r}" for record in caplog.records]
    assert "the log is being read" in lines[-1]
    return "\n".join(lines)


def assert_none_of(secrets: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    text = text_of(caplog)
    for what, secret in secrets.items():
        assert len(secret) > 7, what
        assert secret not in text, f"the log holds {what}"


def cookies_of(browser: Browser) -> dict[str, str]:
    found = {f"the cookie {name}": cookie.value for (*_, name), cookie in browser.client._cookies.items()}
    with browser.client.session_transaction() as session:
        return found | {"the token of the session": session["_user_id"], "the CSRF secret": session["csrf_token"]}


def test_signing_in_with_a_password(app: Flask, cast: Cast, everything_logged: pytest.LogCaptureFixture) -> None:
    browser = Browser(app)
    form = {"email": "cleo@globex.example"}
    assert (
        browser.post("/sign-in/password", {**form, "password": "a wrong password"}, page="/sign-in").status_code == 422
    )
    assert browser.post("/sign-in/password", {**form, "password": PASSWORD}, page="/sign-in").status_code == 303
    assert browser.signed_in
    secrets = {"the password": PASSWORD, "the wrong password": "a wrong password", **cookies_of(browser)}
    assert_none_of(secrets, everything_logged)


def test_signing_in_over_sso(app: Flask, cast: Cast, everything_logged: pytest.LogCaptureFixture) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    browser = Browser(app)
    answer = browser.answer_for(cast.acme, EVE)
    posted = browser.post_answer(answer)
    handover = browser.client.get_cookie("latchkey-handover")
    assert handover is not None
    assert browser.get(posted.headers["Location"], follow_redirects=True).status_code == 200
    document = base64.b64decode(answer.saml_response).decode()
    middle = len(document) // 2
    secrets = {
        "the SAMLResponse": answer.saml_response[:200],
        "the document in it": document[middle : middle + 60],
        "the code of the handover": handover.value,
        "a signing key": part_of_the_key(app, cast.acme),
        "the key-encryption key": app.config["KEY_ENCRYPTION_KEYS"][0],
        "the secret key": app.config["SECRET_KEY"],
        **cookies_of(browser),
    }
    assert_none_of(secrets, everything_logged)


def part_of_the_key(app: Flask, organization: Organization) -> str:
    """From the middle of the private key, where no two keys are alike, as every encoding of it holds it."""
    assert organization.connection is not None
    key = open_key(organization.connection.signing_key, app.config["KEY_ENCRYPTION_KEYS"])
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return pem.splitlines()[20]


def test_a_message_that_is_refused(app: Flask, cast: Cast, everything_logged: pytest.LogCaptureFixture) -> None:
    browser = Browser(app)
    answer = browser.answer_for(cast.acme, EVE)
    document = base64.b64decode(answer.saml_response)
    forged = base64.b64encode(document.replace(b"eve@acme.example", b"mal@acme.example")).decode()
    assert browser.post_answer(answer, SAMLResponse=forged).status_code == 403
    assert_none_of({"the SAMLResponse": forged[:200], "the address in it": "mal@acme.example"}, everything_logged)


def test_setting_a_password(app: Flask, cast: Cast, everything_logged: pytest.LogCaptureFixture) -> None:
    browser, path = Browser(app), make_password_link(cast.cleo)
    token = path.removeprefix("/set-password/")
    form = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert browser.post(path, {**form, "again": "something else entirely"}, page=path).status_code == 422
    assert browser.post(path, form, page=path).status_code == 303
    assert_none_of({"the one-time token": token, "the new password": NEW_PASSWORD}, everything_logged)


def test_the_link_of_an_invitation(app: Flask, cast: Cast, everything_logged: pytest.LogCaptureFixture) -> None:
    ana = Browser(app).sign_in_as(cast.ana)
    form = {"email": "partner@elsewhere.example", "role": "viewer", "by": "link"}
    made = ana.post("/o/acme/settings/people/invite", form)
    sealed = cookies_of(ana)
    page = ana.get(made.headers["Location"]).text
    token = page.partition("/set-password/")[2].partition("<")[0]
    assert token not in made.headers["Location"]
    assert_none_of({"the one-time token": token, **sealed}, everything_logged)


def break_view(app: Flask, monkeypatch: pytest.MonkeyPatch, endpoint: str, view: Callable[..., object]) -> None:
    monkeypatch.setitem(app.view_functions, endpoint, view)


def test_an_unexpected_error_names_the_place_and_not_the_token_in_the_path(
    app: Flask, cast: Cast, everything_logged: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("a bug")

    break_view(app, monkeypatch, "auth.set_password", broken)
    token = sessions.new_token()
    assert app.test_client().get(f"/set-password/{token}").status_code == 500
    assert "unexpected error at /set-password/<token>" in text_of(everything_logged)
    assert_none_of({"the one-time token": token}, everything_logged)


def test_an_error_of_the_database_is_logged_without_what_was_to_be_stored(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLAlchemy puts the values of a failed statement into its exceptions, unless it is told not to."""
    stored = cast.ana.password_hash or ""

    def broken(**_: object) -> None:
        user = User(organization_id=1, email="ana@acme.example", role="admin", origin="setup", password_hash=stored)
        db.session.add(user)
        db.session.flush()

    break_view(app, monkeypatch, "auth.signed_out", broken)
    assert app.test_client().get("/signed-out").status_code == 500
    [record] = [record for record in caplog.records if record.exc_info and record.exc_info[1]]
    assert isinstance((record.exc_info or (None, None))[1], IntegrityError)
    assert stored not in caplog.text, "the log holds the hash of a password"
    assert "ana@acme.example" not in caplog.text, "the log holds the address of a person"


def test_no_receipt_holds_a_document(app: Flask, cast: Cast) -> None:
    browser = Browser(app)
    answer = browser.answer_for(cast.acme, EVE)
    browser.post_answer(answer, SAMLResponse=answer.saml_response[:-40] + "A" * 40)
    [attempt] = db.session.query(SignInAttempt).all()
    told = f"{attempt.detail} {attempt.checks}"
    assert "<" not in told
    assert EVE.email not in told
