"""A real mail server on loopback, and an outbox to send to it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from commands import job_certificates, job_clean_up, job_mail
from database import db, now
from models import OutboxMessage
from organizations import outbox
from tests.mail_box import MailBox, MailServer

Later = Callable[..., None]


@pytest.fixture
def mail_box() -> MailBox:
    return MailBox()


@pytest.fixture
def mail_server(app: Flask, mail_box: MailBox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Controller]:
    server = MailServer(mail_box, hostname="127.0.0.1", port=0)
    server.start()
    monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{server.port}")
    yield server
    server.stop()


@pytest.fixture
def put(app: Flask) -> Callable[..., int]:
    def put_(recipient: str = "ana@acme.example", subject: str = "Something", body: str = "A line.\n") -> int:
        message = outbox.put(recipient, subject, body)
        assert message is not None
        db.session.commit()
        return message.id

    return put_


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`later(hours=1)`: the jobs' clock goes on."""
    offset = timedelta()

    def go_on(**by: float) -> None:
        nonlocal offset
        offset += timedelta(**by)

    for module in (job_mail, job_certificates, job_clean_up):
        monkeypatch.setattr(module, "now", lambda: now() + offset)
    return go_on


def stored(number: int) -> OutboxMessage:
    db.session.rollback()
    return db.session.get_one(OutboxMessage, number)


@pytest.fixture
def server_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """TLS for `localhost`, with a certificate that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail-server.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
