"""What is refused before anything is believed: forms, texts, replays, other browsers, other connections."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

import pytest
from lxml import etree
from sqlalchemy import select

from database import db
from models import AuditEvent, SignInAttempt, User
from tests import factories
from tests.pages import check_page
from tests.saml import forge
from tests.saml.conftest import Gate


def with_text(gate: Gate, before: str, after: str) -> bytes:
    return etree.tostring(gate.honest()).replace(before.encode(), after.encode(), 1)


def test_no_field(gate: Gate) -> None:
    assert gate.refused_by(gate.post()) == "form"


@pytest.mark.parametrize(
    "value",
    ["", "%%%", "not base64", "PHhtbC8+=A", "====", "PHhtbC8-", "ñ", "A" * 400_000],
    ids=lambda value: value[:12],
)
def test_a_field_that_is_not_base64_or_too_long(gate: Gate, value: str) -> None:
    assert gate.refused_by(gate.post(SAMLResponse=value)) in ("form", "text")


def test_two_fields(gate: Gate) -> None:
    packed = forge.encode(gate.honest())
    assert gate.refused_by(gate.post(SAMLResponse=[packed, packed])) == "form"
    assert gate.refused_by(gate.post(SAMLResponse=packed, RelayState=["a", "b"])) == "form"


def test_a_deflated_message_is_not_inflated(gate: Gate) -> None:
    deflated = zlib.compress(etree.tostring(gate.honest()))[2:-4]
    assert gate.refused_by(gate.post(SAMLResponse=base64.b64encode(deflated).decode())) == "text"


def test_a_body_over_the_limit_is_a_page(gate: Gate) -> None:
    response = gate.post(SAMLResponse="A" * 2_000_000)
    assert response.status_code == 413
    assert "too large" in check_page(response.text).words


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_other_methods_are_a_page(gate: Gate, method: str) -> None:
    response = getattr(gate.browser.client, method)(gate.message.acs)
    assert response.status_code == 405
    check_page(response.text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "utf-32", "latin-1"])
def test_other_encodings(gate: Gate, encoding: str) -> None:
    gate.message.attributes["firstName"] = ["Évé"]
    document = etree.tostring(gate.honest(), encoding="unicode")
    declared = f"<?xml version='1.0' encoding='{encoding}'?>{document}"
    assert gate.refused_by(gate.post(declared.encode(encoding))) == "text"


def test_huge_deep_and_many_named_documents(gate: Gate) -> None:
    head, tail = f'<p:Response xmlns:p="{forge.SAMLP}">', "</p:Response>"
    for body in ("<a/>" * 4_100, "<a>" * 41 + "</a>" * 41, "".join(f"<n{number}/>" for number in range(161))):
        assert gate.refused_by(gate.post(f"{head}{body}{tail}".encode())) == "text"


def test_a_relative_namespace(gate: Gate) -> None:
    changed = with_text(gate, "<samlp:Status>", '<samlp:Status xmlns:r="relative/uri">')
    assert gate.refused_by(gate.post(changed)) == "text"


@pytest.mark.parametrize("document", [b"", b"hello", b"<a/>", b"<html></html>", b"<?xml version='1.1'?><a/>"])
def test_something_else_altogether(gate: Gate, document: bytes) -> None:
    assert gate.refused_by(gate.post(document)) in ("form", "text", "shape")


def test_an_unknown_connection_is_a_page(gate: Gate) -> None:
    for path in ("start", "metadata", "finish"):
        response = gate.browser.client.get(f"/saml/unknown/{path}")
        assert response.status_code == 404
        check_page(response.text)
    assert gate.browser.client.post("/saml/unknown/acs", data={}).status_code == 404


def test_a_refusal_is_in_the_audit_log_with_its_reference_and_no_message(gate: Gate) -> None:
    response = gate.post(forge.signed(gate.message.xml(), "both", forge.signer()))
    assert gate.refused_by(response) == "signature"
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "sso:sign_in:refused")).one()
    attempt = db.session.scalars(select(SignInAttempt)).one()
    assert event.reference == attempt.reference
    stored = f"{event.details} {event.subject} {attempt.detail} {attempt.checks}"
    assert "eve" not in stored.lower()
    assert db.session.scalars(select(User).where(User.email.startswith("eve"))).all() == []


def test_an_unexpected_exception_is_a_refusal(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("secret document")

    for target in ("saml.service_provider.agree", "provisioning.provisioner.decide"):
        with monkeypatch.context() as patched:
            patched.setattr(target, explode)
            response = gate.post(gate.honest())
        assert gate.refused_by(response) in ("pysaml2", "unexpected")
        assert "secret" not in str(db.session.scalars(select(SignInAttempt.detail)).all())
    gate.accepted(gate.post(gate.honest()))


def test_pysaml2_has_to_agree(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second opinion reads another assertion, or another subject, than we did."""
    import saml.service_provider

    real = saml.service_provider.agree
    other = etree.fromstring('<Assertion ID="_other"/>')
    for wrong in (
        lambda c, d, e, shape, r, name_id: real(c, d, e, replace(shape, assertion=other), r, name_id),
        lambda c, d, e, shape, r, _name_id: real(c, d, e, shape, r, "somebody else"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(saml.service_provider, "agree", wrong)
            response = gate.post(gate.honest())
        assert gate.refused_by(response) == "pysaml2"


def test_factories_sign_with_the_key_the_connection_trusts(gate: Gate) -> None:
    trusted = gate.acme.connection.live_configuration.certificates
    assert [forge.signer_of("acme").certificate.strip()] == [pem.strip() for pem in trusted]
    assert factories.identity_provider("acme").entity_id == gate.message.issuer
