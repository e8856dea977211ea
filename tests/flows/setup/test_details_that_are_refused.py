"""Details that cannot be used: a sentence beside the field, what was typed is still there, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from tests.certificates import key_pair
from tests.flows.setup.ways import SetUp, error_of, next_idp, value_of
from tests.rules.test_routes import contents
from tests.saml.idp_metadata import describe_idp
from tests.unit.published import Server, redirect
from tests.unit.test_idp_metadata import SP, entities, entity, idp, key, service

IDP = next_idp()
WEAK = key_pair("RSA-1024")
# what it is → (the document, what the sentence says)
DOCUMENTS = {
    "no XML": ("entity ID: https://idp.example", "Download the metadata XML again, or paste it whole."),
    "half of it": (entity()[:-40], "not well-formed XML"),
    "a page": ("<html><body>Sign in</body></html>", "This is the metadata of no identity provider."),
    "of a service provider": (entity(SP), "This is the metadata of a service provider. Take the metadata that your"),
    "no signing certificate": (entity(idp(keys="")), "no signing certificate. Switch on signing at the identity"),
    "a weak key": (entity(idp(key(WEAK.base64))), "A certificate's key is too weak: RSA of at least 2048 bits"),
    "unreadable certificate": (entity(idp(key("bm8="))), "A certificate cannot be read. Copy it again"),
    "http": (entity(idp(services=service("http://idp.example/sso"))), "must be an https:// address."),
    "no entity ID": (entity(entity_id=" "), "The metadata has no entity ID. Download it again"),
    "other binding only": (entity(idp(services="")), "no sign-in URL for the HTTP-Redirect binding"),
    "a document type": (f"<!DOCTYPE a>{entity()}", "a document type, which is not allowed"),
    "too many elements": (entities(*["<a/>"] * 4_000), "more than 4000 elements"),
}
TYPED = {
    "entity ID missing": ({"entity_id": " "}, "entity_id", "Copy the entity ID (also called issuer)"),
    "entity ID too long": ({"entity_id": "https://" + "a" * 1_024}, "entity_id", "Copy the entity ID"),
    "entity ID in two lines": ({"entity_id": "https://a\nb"}, "entity_id", "Copy the entity ID"),
    "no sign-in URL": ({"sso_url": ""}, "sso_url", "The sign-in URL must be an https:// address."),
    "no address": ({"sso_url": "next.example/sso"}, "sso_url", "must be an https:// address. Switch"),
    "http": ({"sso_url": "http://next.example/sso"}, "sso_url", "must be an https:// address. Switch"),
    "script": ({"sso_url": "javascript:alert(1)"}, "sso_url", "must be an https:// address."),
    "a line break": ({"sso_url": "https://next.example/s\nso"}, "sso_url", "must be an https:// address."),
    "a space": ({"sso_url": "https://next.example/s so"}, "sso_url", "must be an https:// address."),
    "a port that is none": ({"sso_url": "https://next.example:99999/"}, "sso_url", "must be an https:// address."),
    "logout over http": ({"slo_url": "http://next.example/slo"}, "slo_url", "The logout URL must be an https://"),
    "no certificate": ({"certificates": ""}, "certificates", "with its lines -----BEGIN CERTIFICATE-----"),
    "no certificate but words": ({"certificates": "SHA-256: AB CD"}, "certificates", "with its lines -----BEGIN"),
    "half a certificate": ({"certificates": key_pair().pem[:200]}, "certificates", "with its lines -----BEGIN"),
    "not readable": ({"certificates": "bm8gY2VydGlmaWNhdGU="}, "certificates", "A certificate cannot be read."),
    "weak": ({"certificates": WEAK.pem}, "certificates", "A certificate's key is too weak"),
    "one of two weak": ({"certificates": key_pair().pem + WEAK.pem}, "certificates", "key is too weak"),
}


@pytest.fixture
def cleo(cleo: SetUp) -> Iterator[SetUp]:
    """Whatever she gives, nothing is stored."""
    before = contents()
    yield cleo
    assert contents() == before


def kept(typed: str) -> str:
    """A text area's content as a browser shows it."""
    return typed.replace("\r\n", "\n").strip()


@pytest.mark.parametrize(("document", "says"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_pasted_xml(cleo: SetUp, document: str, says: str) -> None:
    page = cleo.refused("/read-document", xml=document)
    assert says in error_of(page, "xml")
    assert kept(value_of(page, "xml")) == document.strip()


@pytest.mark.parametrize("what", ["no XML", "of a service provider", "a weak key"])
def test_a_file_and_what_was_pasted_beside_it_stays(cleo: SetUp, what: str) -> None:
    document, says = DOCUMENTS[what]
    page = cleo.refused("/read-document", file=(BytesIO(document.encode()), "idp.xml"), xml="<mine/>")
    assert says in error_of(page, "file")
    assert kept(value_of(page, "xml")) == "<mine/>"


@pytest.mark.parametrize("what", DOCUMENTS)
def test_what_an_address_answers(cleo: SetUp, server: Server, what: str) -> None:
    document, says = DOCUMENTS[what]
    server.answers["/idp"] = (200, {}, document.encode())
    page = cleo.refused("/read-address", url=f"{server.url}/idp")
    assert says in error_of(page, "url")
    assert value_of(page, "url") == f"{server.url}/idp"


@pytest.mark.parametrize("where", ["/details", "/save"])
@pytest.mark.parametrize(("typed", "field", "says"), TYPED.values(), ids=TYPED)
def test_what_was_typed(cleo: SetUp, where: str, typed: dict[str, str], field: str, says: str) -> None:
    sent = {**IDP.typed, "slo_url": "https://next.example/slo", **typed}
    page = cleo.refused(where, **sent)
    assert says in error_of(page, field)
    for name, value in sent.items():
        if "\n" not in value.strip():
            assert kept(value_of(page, name)) == value.strip()
    assert page.by_id("by-hand").get("open") is not None


def test_nothing_at_all(cleo: SetUp) -> None:
    assert error_of(cleo.refused("/read-address"), "url") == "Write the address."
    assert "Write the address" in error_of(cleo.refused("/read-address", url=" "), "url")
    assert "Choose the metadata file, or paste" in error_of(cleo.refused("/read-document", xml=" "), "xml")
    assert "Copy the entity ID" in error_of(cleo.refused("/details"), "entity_id")


def test_an_address_that_does_not_answer(cleo: SetUp, server: Server) -> None:
    for path, says in {"/none": "answered 404 instead of metadata", "/round": "redirects more than 2 times"}.items():
        server.answers["/round"] = redirect("/round")
        page = cleo.refused("/read-address", url=server.url + path)
        assert says in error_of(page, "url")
        assert value_of(page, "url") == server.url + path
    for url in ("http://127.0.0.1:9/idp", "http://127.0.0.1:9"):
        assert "No safe connection to 127.0.0.1" in error_of(cleo.refused("/read-address", url=url), "url")


@pytest.mark.parametrize("size", [1_000_001, 5_000_000])
def test_too_large(cleo: SetUp, server: Server, size: int) -> None:
    server.answers["/idp"] = (200, {}, b" " * size)
    assert "larger than 1 MB" in error_of(cleo.refused("/read-address", url=f"{server.url}/idp"), "url")
    header = b'--x\r\nContent-Disposition: form-data; name="file"; filename="idp.xml"\r\n\r\n'
    body = header + b" " * size + b"\r\n--x--\r\n"
    where = f"{cleo.path}/read-document"
    answer = cleo.browser.client.post(where, data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "This is too large" in answer.text


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://idp.example/", "idp.example/metadata", "https://", "https://a:b@idp.example/", "/x"],
)
def test_what_is_no_address_of_metadata(cleo: SetUp, no_connection: None, url: str) -> None:
    page = cleo.refused("/read-address", url=url)
    assert "address" in error_of(page, "url")
    assert value_of(page, "url") == url


PRIVATE = {
    "https://127.0.0.1/": "private network",
    "https://[::1]/": "private network",
    "https://[::ffff:127.0.0.1]/": "private network",
    "https://10.0.0.1/": "private network",
    "https://192.168.1.1/": "private network",
    "https://169.254.169.254/latest/meta-data/": "private network",
    "https://[fe80::1]/": "private network",
    "https://[fd00::1]/": "private network",
    "https://localhost/": "private network",
    "http://localhost/": "private network",
    "http://8.8.8.8/": "must begin with https://",
}


@pytest.mark.parametrize(("url", "says"), PRIVATE.items())
def test_in_production_no_address_of_our_own_network(
    app: Flask, cleo: SetUp, no_connection: None, monkeypatch: pytest.MonkeyPatch, url: str, says: str
) -> None:
    monkeypatch.setitem(app.config, "LATCHKEY_ENV", "production")
    assert says in error_of(cleo.refused("/read-address", url=url), "url")


def test_in_production_no_http_not_even_on_this_machine(
    app: Flask, cleo: SetUp, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = IDP.but(sso_url="http://127.0.0.1:8001/sso")
    for where, sent in {"/read-document": {"xml": local.metadata}, "/details": local.typed}.items():
        assert cleo.send(where, **sent).status_code == 200, "on this machine, in development"
    monkeypatch.setitem(app.config, "LATCHKEY_ENV", "production")
    sent: dict[str, Any]
    for where, field, sent in (
        ("/read-document", "xml", {"xml": local.metadata}),
        ("/details", "sso_url", local.typed),
        ("/save", "sso_url", local.typed),
        ("/details", "slo_url", {**IDP.typed, "slo_url": "http://localhost/slo"}),
    ):
        assert "must be an https:// address" in error_of(cleo.refused(where, **sent), field)
    assert "private network" in error_of(cleo.refused("/read-address", url=f"{server.url}/idp"), "url")
    assert server.asked == []


def test_eleven_certificates(cleo: SetUp) -> None:
    page = cleo.refused("/details", **{**IDP.typed, "certificates": key_pair().pem * 11})
    assert "At most 10 certificates." in error_of(page, "certificates")
    document = describe_idp(IDP.entity_id, (key_pair().pem,) * 11)
    assert cleo.send("/read-document", xml=document).status_code == 200, "repeated ones count once"
