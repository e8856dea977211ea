"""What is said to a mail server beyond this machine is encrypted first, and no error repeats a password."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from flask import Flask

from commands import job_mail
from organizations import mail_server as conversation
from organizations.mail_server import is_loopback
from tests.flows.jobs.conftest import stored
from tests.mail_box import MailBox, MailServer

PASSWORD = "s3cret/of the@server"
Put = Callable[..., int]
Start = Callable[..., int]


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the test counts as one on another machine."""
    monkeypatch.setattr(conversation, "is_loopback", lambda _host: False)


@pytest.fixture
def start(app: Flask, mail_box: MailBox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """`start(scheme, user_info, …)`: a server on `localhost` with these options of aiosmtpd."""
    servers = []

    def start_(scheme: str = "smtp", user_info: str = "", **options: Any) -> int:
        server = MailServer(mail_box, hostname="127.0.0.1", port=0, **options)
        servers.append(server)
        server.start()
        monkeypatch.setitem(app.config, "SMTP_URL", f"{scheme}://{user_info}localhost:{server.port}")
        return server.port

    yield start_
    for server in servers:
        server.stop()


def test_starttls_comes_before_anything_else(
    far_away: None, start: Start, server_context: ssl.SSLContext, mail_box: MailBox, put: Put
) -> None:
    start(tls_context=server_context, require_starttls=True)
    put()
    assert job_mail.run() == "1 sent"
    assert mail_box.encrypted == [True]


def test_a_server_without_starttls_gets_nothing(far_away: None, start: Start, mail_box: MailBox, put: Put) -> None:
    start(user_info="user:secret-password@")
    number = put()
    with pytest.raises(job_mail.MailNotSent, match="it offers no STARTTLS"):
        job_mail.run()
    assert mail_box.messages == []
    assert stored(number).next_try_at is not None


def test_a_certificate_that_is_not_trusted_gets_nothing(
    far_away: None,
    start: Start,
    server_context: ssl.SSLContext,
    mail_box: MailBox,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    start(tls_context=server_context)
    put()
    with pytest.raises(job_mail.MailNotSent, match="SSLCertVerificationError"):
        job_mail.run()
    assert mail_box.messages == []


def test_smtps_is_encrypted_from_the_first_byte(
    start: Start, server_context: ssl.SSLContext, mail_box: MailBox, put: Put
) -> None:
    start("smtps", ssl_context=server_context)
    put()
    assert job_mail.run() == "1 sent"
    assert len(mail_box.messages) == 1


def test_the_password_is_used_and_never_repeated(
    far_away: None, start: Start, server_context: ssl.SSLContext, mail_box: MailBox, put: Put
) -> None:
    seen = []

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        seen.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.login == b"la@tch", handled=False)

    options = {"tls_context": server_context, "authenticator": authenticate, "auth_required": True}
    start(user_info="la%40tch:s3cret%2Fof%20the%40server@", **options)
    put()
    assert job_mail.run() == "1 sent"
    assert seen == [("la@tch", PASSWORD)]
    start(user_info="other:s3cret%2Fof%20the%40server@", **options)
    number = put()
    with pytest.raises(job_mail.MailNotSent, match=r"refuses our user name or password \(535\)"):
        job_mail.run()
    assert "s3cret" not in (stored(number).error or "")


def test_a_server_that_repeats_the_password_is_not_repeated(
    start: Start, mail_box: MailBox, put: Put, app: Flask
) -> None:
    port = start()
    app.config["SMTP_URL"] = f"smtp://:s3cret%2Fof%20the%40server@localhost:{port}"
    mail_box.refused = {"ana@acme.example": f"550 you said {PASSWORD} and s3cret%2Fof%20the%40server " + "x" * 400}
    number = put()
    job_mail.run()
    error = stored(number).error or ""
    assert error.startswith("550 you said … and … xxx")
    assert len(error) == 300


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost.acme.example", False),
        ("10.0.0.1", False),
        ("mail.acme.example", False),
        ("0.0.0.0", False),  # noqa: S104  an address to compare with
    ],
)
def test_only_this_machine_goes_without(host: str, here: bool) -> None:
    assert is_loopback(host) is here
