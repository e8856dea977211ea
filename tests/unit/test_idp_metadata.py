"""An identity provider's metadata: what is read from it, and each sentence with which it is refused."""

from __future__ import annotations

import base64

import pytest

from saml.metadata import MAXIMUM_BYTES, IdPMetadata, MetadataRefused, read_idp_metadata
from tests.certificates import key_pair, of_an_unheard_of_curve
from tests.saml.idp_metadata import describe_idp

NAMESPACES = 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SSO_URL = "https://idp.example/sso"


def key(certificate: str = "", use: str = "signing") -> str:
    certificate = certificate or key_pair("P-256").base64
    attribute = f' use="{use}"' if use else ""
    return (
        f"<md:KeyDescriptor{attribute}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


def service(location: str = SSO_URL, binding: str = REDIRECT) -> str:
    return f'<md:SingleSignOnService Binding="{binding}" Location="{location}"/>'


def idp(keys: str | None = None, services: str | None = None) -> str:
    inner = (key() if keys is None else keys) + (service() if services is None else services)
    return f'<md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">{inner}</md:IDPSSODescriptor>'


SP = f'<md:SPSSODescriptor protocolSupportEnumeration="{PROTOCOL}"/>'


def entity(inner: str | None = None, entity_id: str = "https://idp.example/metadata") -> str:
    inner = idp() if inner is None else inner
    return f'<md:EntityDescriptor {NAMESPACES} entityID="{entity_id}">{inner}</md:EntityDescriptor>'


def entities(*inner: str) -> str:
    return f"<md:EntitiesDescriptor {NAMESPACES}>{''.join(inner)}</md:EntitiesDescriptor>"


def test_entity_id_url_and_certificate_are_read() -> None:
    read = read_idp_metadata(entity().encode())
    assert read == IdPMetadata("https://idp.example/metadata", SSO_URL, (key_pair("P-256").pem,))


def test_what_is_not_needed_does_not_disturb() -> None:
    """Comments, instructions, a signature that nobody looks at, other roles, and white space in the certificate."""
    wrapped = "\n  ".join(key_pair("P-256").base64[at : at + 40] for at in range(0, 400, 40))
    rest = key_pair("P-256").base64[400:]
    text = (
        '\n<?xml version="1.0" encoding="UTF-8"?><!-- exported --><?xml-stylesheet href="x"?>'
        + entity(
            "<ds:Signature><ds:SignatureValue>bm8=</ds:SignatureValue></ds:Signature>"
            + idp(key(f"\n  {wrapped}\n{rest}\n") + "<!-- old -->", service("https://idp.example/p", POST) + service())
            + SP
        )
        + "\n"
    )
    assert read_idp_metadata(text.encode()) == read_idp_metadata(entity().encode())


def test_a_key_without_a_use_signs_an_encryption_key_does_not_and_a_repeated_one_counts_once() -> None:
    other = key_pair("P-384").base64
    keys = key(use="") + key(other, use="encryption") + key(use="signing")
    assert read_idp_metadata(entity(idp(keys)).encode()).certificates == (key_pair("P-256").pem,)
    both = read_idp_metadata(entity(idp(key() + key(other))).encode()).certificates
    assert both == (key_pair("P-256").pem, key_pair("P-384").pem)


def test_one_identity_provider_among_service_providers_is_found() -> None:
    text = entities(entity(SP, "https://sp.example"), entity())
    assert read_idp_metadata(text.encode()).entity_id == "https://idp.example/metadata"


@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "RSA-2048"])
def test_a_strong_key_is_taken(kind: str) -> None:
    text = entity(idp(key(key_pair(kind).base64)))
    assert read_idp_metadata(text.encode()).certificates == (key_pair(kind).pem,)


def refused(text: str | bytes, *, allow_http: bool = False) -> str:
    with pytest.raises(MetadataRefused) as caught:
        read_idp_metadata(text.encode() if isinstance(text, str) else text, allow_http=allow_http)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "This is not usable metadata: the document is not well-formed XML."),
        ("not xml", "Download the metadata XML again, or paste it whole."),
        (entity()[:-30], "not well-formed XML"),
        (f"<!DOCTYPE a>{entity()}", "a document type"),
        (f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{entity()}', "not allowed"),
        ("<html><body>Sign in</body></html>", "This is the metadata of no identity provider."),
        (entity(SP), "This is the metadata of a service provider."),
        (entities(entity(), entity(entity_id="https://two.example")), "several identity providers"),
        (entity(entity_id=""), "The metadata has no entity ID."),
        (entity(entity_id=" "), "The metadata has no entity ID."),
        (entity(entity_id="https://idp.example/" + "a" * 1_024), "The metadata has no entity ID."),
        (entity(idp(services="")), "no sign-in URL for the HTTP-Redirect binding"),
        (entity(idp(services=service(binding=POST))), "no sign-in URL for the HTTP-Redirect binding"),
        (entity(idp(services=service("http://idp.example/sso"))), "must be an https:// address"),
        (entity(idp(services=service("http://localhost/sso"))), "must be an https:// address"),
        (entity(idp(services=service("javascript:alert(1)"))), "must be an https:// address"),
        (entity(idp(services=service("//idp.example/sso"))), "must be an https:// address"),
        (entity(idp(services=service("https:///sso"))), "must be an https:// address"),
        (entity(idp(services=service("https://idp.example/sso#x"))), "must be an https:// address"),
        (entity(idp(services=service("https://acme.example@evil.example/"))), "must be an https:// address"),
        (entity(idp(services=service("https://[idp.example/sso"))), "must be an https:// address"),
        (entity(idp(services=service(""))), "must be an https:// address"),
        (entity(idp(keys="")), "The metadata has no signing certificate."),
        (entity(idp(key(use="encryption"))), "The metadata has no signing certificate."),
        (entity(idp("<md:KeyDescriptor/>")), "The metadata has no signing certificate."),
        (entity(idp(key("bm8gY2VydGlmaWNhdGU="))), "A certificate cannot be read."),
        (entity(idp(key("§§§"))), "A certificate cannot be read."),
        (entity(idp(key(key_pair("RSA-1024").base64))), "A certificate's key is too weak"),
        (entity(idp(key(key_pair("P-192").base64))), "A certificate's key is too weak"),
        (entity(idp(key() + key(key_pair("RSA-1024").base64))), "It stands in the metadata as a signing"),
        (entity().encode("utf-16"), "the document is not UTF-8"),
        (b"<" * (MAXIMUM_BYTES + 1), "The metadata is larger than 1 MB."),
    ],
)
def test_metadata_is_refused_with_the_cure(text: str | bytes, says: str) -> None:
    assert says in refused(text)


def test_a_kind_of_key_that_is_not_known_here_is_refused_like_a_weak_one() -> None:
    unheard_of = base64.b64encode(of_an_unheard_of_curve()).decode()
    assert "certificate" in refused(entity(idp(key(unheard_of))))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_in_development_http_is_for_this_machine_only(host: str) -> None:
    text = entity(idp(services=service(f"http://{host}:8001/sso")))
    assert read_idp_metadata(text.encode(), allow_http=True).sso_url == f"http://{host}:8001/sso"
    assert "https://" in refused(text)
    for elsewhere in ("idp.example", "localhost.evil.example", "127.0.0.2", "192.168.1.1"):
        assert "https://" in refused(entity(idp(services=service(f"http://{elsewhere}/sso"))), allow_http=True)


def test_the_smallest_metadata_that_the_tests_write_is_enough() -> None:
    read = read_idp_metadata(entity(idp(key() + key(key_pair("P-384").base64))).encode())
    assert read_idp_metadata(describe_idp(read.entity_id, read.certificates, read.sso_url).encode()) == read
