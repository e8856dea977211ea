"""A roll-over without a gap: the next certificate is added, proves itself, and the old one is retired."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from database import db, now
from models import CertificateUse, SSOConnection
from organizations import certificates
from saml.keys import fingerprint, read_certificate
from tests.certificates import key_pair, new_key_pair
from tests.factories import Cast
from tests.flows.setup.ways import (
    IdP,
    SetUp,
    accepted,
    connection_of,
    error_of,
    events,
    idp_of,
    live_version,
    newest_version,
    next_idp,
    part,
    rolled_over,
    sign_in,
    value_of,
)
from tests.rules.test_routes import contents
from tests.saml import forge
from tests.signing_in import Browser

NEW = rolled_over()


def name_of(idp: IdP) -> str:
    return fingerprint(read_certificate(idp.signer.certificate))


@pytest.fixture(autouse=True)
def _jit_on(cast: Cast) -> None:
    cast.acme.jit_on = True
    db.session.commit()


def test_the_whole_roll_over(app: Flask, ana: SetUp, cast: Cast) -> None:
    answer = ana.send("/certificates/add", certificate=NEW.signer.certificate)
    assert (answer.status_code, answer.location) == (303, ana.path)
    assert "Version 2 is saved as a draft: test and activate it. Sign-ins with either" in ana.browser.get(ana.path).text
    version = newest_version(cast.acme)
    assert version.certificates == [idp_of().signer.certificate, NEW.signer.certificate]
    assert (live_version(), accepted(app, cast)) == (1, (True, False))
    assert f"Certificate Now: not there Then: SHA-256 {name_of(NEW)[:23]}" in part(ana.page(), "changes")
    assert ana.test(NEW).passed, "its proof is a test with it"
    ana.activate(2)
    assert accepted(app, cast) == (True, True)
    page = ana.page()
    assert part(page, "provider").count("Proved by a sign-in on") == 2
    assert ana.send("/certificates/retire", fingerprint=name_of(idp_of())).status_code == 303
    assert accepted(app, cast) == (True, True), "it waits for its activation"
    ana.activate(3)
    assert live_version() == 2, "and for its test"
    assert not ana.test(idp_of()).passed
    assert ana.test(NEW).passed
    ana.activate(3)
    assert accepted(app, cast) == (False, True)
    assert connection_of().live_configuration.certificates == [NEW.signer.certificate]
    assert [event.details["version"] for event in events("admin:sso:configured")] == [2, 3]


def test_the_only_one_stays(ana: SetUp) -> None:
    assert "Retire" not in part(ana.page(), "provider")
    before = contents()
    for name, says in {
        name_of(idp_of()): "It is the only certificate",
        name_of(NEW): "is not there any more",
        "": "is not there any more",
    }.items():
        assert says in ana.refused("/certificates/retire", 409, fingerprint=name).text
    assert contents() == before


def test_one_that_is_retired_twice_is_retired_once(ana: SetUp) -> None:
    ana.send("/certificates/add", certificate=NEW.signer.certificate)
    assert ana.send("/certificates/retire", fingerprint=name_of(idp_of())).status_code == 303
    assert "not there any more" in ana.refused("/certificates/retire", 409, fingerprint=name_of(idp_of())).text
    assert "the only certificate" in ana.refused("/certificates/retire", 409, fingerprint=name_of(NEW)).text
    assert newest_version(ana.organization).certificates == [NEW.signer.certificate]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Paste the certificate."),
        ("no certificate.", "with its lines -----BEGIN CERTIFICATE-----"),
        (key_pair("RSA-1024").pem, "key is too weak"),
        ("again", "This certificate is there already"),
    ],
)
def test_what_cannot_be_added_is_refused_and_stays_in_its_field(ana: SetUp, text: str, says: str) -> None:
    text = idp_of().signer.certificate if text == "again" else text
    before = contents()
    page = ana.refused("/certificates/add", certificate=text)
    assert says in error_of(page, "certificate")
    assert value_of(page, "certificate").replace("\r\n", "\n").strip() == text.strip()
    assert page.by_id("next-certificate").get("open") is not None
    assert contents() == before


def test_without_details_there_is_nothing_to_add_to(cleo: SetUp) -> None:
    for path, field in (("add", "certificate"), ("retire", "fingerprint")):
        answer = cleo.send(f"/certificates/{path}", **{field: key_pair().pem})
        assert answer.status_code in (409, 422)
        assert db.session.query(SSOConnection).count() == 1, "Acme's"


def test_a_proof_is_the_first_sign_in_and_is_noted_once(app: Flask, ana: SetUp, cast: Cast) -> None:
    assert "Not yet proved by a sign-in" in part(ana.page(), "provider")
    sign_in(Browser(app), cast.acme)
    [use] = db.session.query(CertificateUse)
    assert (use.fingerprint, use.connection_id) == (name_of(idp_of()), connection_of().id)
    first = use.first_used_at
    sign_in(Browser(app), cast.acme)
    db.session.rollback()
    assert [use.first_used_at for use in db.session.query(CertificateUse)] == [first]
    assert "Proved by a sign-in on" in part(ana.page(), "provider")


def test_a_refused_sign_in_proves_nothing_it_did_not_verify(app: Flask, ana: SetUp, cast: Cast) -> None:
    ana.send("/certificates/add", certificate=NEW.signer.certificate)
    assert sign_in(Browser(app), cast.acme, NEW).status_code == 403
    assert not ana.result(ana.answer(ana.begin_test(), next_idp("third"))).passed
    assert db.session.query(CertificateUse).count() == 0
    assert ana.test(NEW).passed
    assert [use.fingerprint for use in db.session.query(CertificateUse)] == [name_of(NEW)]


def test_a_proof_that_was_rolled_back_is_noted_by_the_next_try(cast: Cast) -> None:
    """The first try of a sign-in can lose a race; the same key signs the assertion and the Response around it."""
    names = (name_of(idp_of()),) * 2
    certificates.prove(connection_of().id, names)
    db.session.rollback()
    certificates.prove(connection_of().id, names)
    db.session.commit()
    assert db.session.query(CertificateUse).count() == 1


@pytest.mark.parametrize(("days", "shown"), [(75, False), (45, True), (-2, True)])
def test_the_one_that_ends_last_decides_whether_it_is_urgent(ana: SetUp, days: int, shown: bool) -> None:
    ending = forge.signer_with(new_key_pair("P-256", ends_at=now() + timedelta(days=days, hours=1)))
    older = forge.signer_with(new_key_pair("P-256", ends_at=now() - timedelta(days=9)))
    ana.send("/certificates/add", certificate=ending.certificate + older.certificate)
    assert ana.send("/certificates/retire", fingerprint=name_of(idp_of())).status_code == 303
    version = newest_version(ana.organization)
    version.tested_at = now()
    db.session.commit()
    ana.activate(version.version)
    assert live_version() == version.version
    assert ("Add the next one." in ana.page().words) == shown
