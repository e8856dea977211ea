"""Admins hear in time that a certificate ends: 60, 30, 7 and 1 days ahead, once each, and not after a roll-over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select

from commands import job_certificates
from database import db, now
from models import AuditEvent, CertificateNotice, CertificateUse, OutboxMessage, SSOConfiguration
from saml.keys import fingerprint
from tests.factories import Cast, make_connection
from tests.flows.jobs.conftest import Later

NOTHING = "nothing to say"


def make_certificate(days: float) -> x509.Certificate:
    """One that ends so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=800))
        .not_valid_after(now() + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )


def configured(cast: Cast, *days: float) -> list[str]:
    """Acme's live configuration has certificates that end so many days from now. Returns their fingerprints."""
    certificates = [make_certificate(number) for number in days]
    configuration = db.session.get_one(SSOConfiguration, cast.acme.connection.live_configuration_id)
    configuration.certificates = [
        certificate.public_bytes(serialization.Encoding.PEM).decode() for certificate in certificates
    ]
    db.session.commit()
    return [fingerprint(certificate) for certificate in certificates]


def prove(cast: Cast, print_: str) -> None:
    db.session.add(CertificateUse(connection_id=cast.acme.connection.id, fingerprint=print_))
    db.session.commit()


def said() -> list[tuple[str, int]]:
    db.session.rollback()
    rows = db.session.scalars(select(CertificateNotice).order_by(CertificateNotice.id))
    return [(row.fingerprint, row.days) for row in rows]


def test_it_is_said_four_times_to_every_admin(cast: Cast, later: Later) -> None:
    [print_] = configured(cast, 100)
    lines = []
    for _ in range(105):
        lines.append(job_certificates.run())
        assert job_certificates.run() == NOTHING
        later(days=1)
    assert [day for day, line in enumerate(lines) if line != NOTHING] == [40, 70, 93, 99]
    assert said() == [(print_, 60), (print_, 30), (print_, 7), (print_, 1)]
    recipients = db.session.scalars(select(OutboxMessage.recipient)).all()
    assert sorted(recipients) == ["ana@acme.example"] * 4 + ["root@acme.example"] * 4
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "system:certificate:ending")).all()
    assert [(event.subject, event.details["days"]) for event in events] == [(print_, days) for days in (60, 30, 7, 1)]
    assert datetime.fromisoformat(events[0].details["ends_at"]).tzinfo is not None


@pytest.mark.parametrize(("days", "nearest"), [(59, 60), (29, 30), (6, 7), (0.5, 1), (8, 30)])
def test_of_several_that_have_passed_at_once_only_the_nearest_is_said(
    cast: Cast, later: Later, days: float, nearest: int
) -> None:
    [print_] = configured(cast, days)
    assert job_certificates.run() == "1 notice"
    assert said() == [(print_, nearest)]


@pytest.mark.parametrize("days", [61, 4000, -1, -700])
def test_nothing_is_said_before_or_after(cast: Cast, later: Later, days: float) -> None:
    configured(cast, days)
    assert job_certificates.run() == NOTHING


def test_the_mail_says_which_when_and_what_to_do(cast: Cast, later: Later) -> None:
    [print_] = configured(cast, 6.5)
    job_certificates.run()
    message = db.session.scalars(select(OutboxMessage)).first()
    assert message is not None
    assert message.subject == "Single sign-on of Acme: a certificate ends in 6 days"
    for words in (print_, "UTC", "What to do", "http://localhost/o/acme/settings/security"):
        assert words in message.body


def test_beside_a_longer_lasting_one_that_is_proved_nothing_is_said(cast: Cast, later: Later) -> None:
    _old, new = configured(cast, 20, 900)
    prove(cast, new)
    assert job_certificates.run() == NOTHING


@pytest.mark.parametrize("what", ["not proved", "the old one is proved", "proved elsewhere", "shorter"])
def test_a_roll_over_that_is_not_done_is_no_reason_to_be_silent(cast: Cast, later: Later, what: str) -> None:
    old, new = configured(cast, 20, 5 if what == "shorter" else 900)
    if what == "the old one is proved":
        prove(cast, old)
    elif what == "proved elsewhere":
        connection = make_connection(cast.globex, activated=False)
        db.session.add(CertificateUse(connection_id=connection.id, fingerprint=new))
        db.session.commit()
    elif what == "shorter":
        prove(cast, new)
    job_certificates.run()
    assert (old, 30) in said()


def test_only_the_live_configuration_of_an_activated_connection_counts(cast: Cast, later: Later) -> None:
    configured(cast, 20)
    cast.acme.connection.activated_at = None
    db.session.commit()
    assert job_certificates.run() == NOTHING
    cast.acme.connection.activated_at = now()
    live = db.session.get_one(SSOConfiguration, cast.acme.connection.live_configuration_id)
    draft = {column: getattr(live, column) for column in ("organization_id", "connection_id", "idp_entity_id")}
    draft |= {"sso_url": live.sso_url, "metadata_source": "test", "version": 2, "certificates": live.certificates}
    db.session.add(SSOConfiguration(**draft))
    db.session.commit()
    configured(cast, 400)
    assert job_certificates.run() == NOTHING


def test_a_certificate_that_cannot_be_read_does_not_stop_the_others(cast: Cast, later: Later) -> None:
    [print_] = configured(cast, 20)
    live = db.session.get_one(SSOConfiguration, cast.acme.connection.live_configuration_id)
    live.certificates = ["no certificate", *live.certificates]
    db.session.commit()
    assert job_certificates.run() == "1 notice"
    assert said() == [(print_, 30)]


@pytest.mark.both_databases
def test_two_runs_at_once_say_it_once(app: Flask, cast: Cast) -> None:
    configured(cast, 20, 25, 28)
    db.session.remove()
    barrier = Barrier(3)

    def run(_: int) -> None:
        with app.app_context():
            barrier.wait(10)
            job_certificates.run()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(run, range(3)))
    assert len(said()) == 3
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 6
    assert len(db.session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("system:"))).all()) == 3
