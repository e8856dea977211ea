"""Metadata in both directions (SAML metadata 2.4): an identity provider's into a description, and our own out.

Trust comes from the admin who handed the document over, or from HTTPS; a signature on metadata is not looked at.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree
from lxml.builder import ElementMaker

from saml.document import parse_text
from saml.encryption import CBC, GCM, OAEP, OAEP_MGF1P
from saml.endpoints import Endpoints
from saml.keys import KeyRefused, read_certificate
from saml.receipt import Refused
from saml.rules import EMAIL_ADDRESS, PERSISTENT
from saml.shape import DS

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_PREFIXES = {"md": MD[1:-1], "ds": DS[1:-1]}
_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
MAXIMUM_BYTES = 1_000_000
MAXIMUM_ENTITY_ID = 1_024

_md = ElementMaker(namespace=_PREFIXES["md"], nsmap=_PREFIXES)
_ds = ElementMaker(namespace=_PREFIXES["ds"], nsmap=_PREFIXES)


class MetadataRefused(ValueError):
    """The metadata cannot be used; the text names the cure."""


@dataclass(frozen=True, slots=True)
class IdPMetadata:
    """What a connection needs to know of an identity provider; `certificates` are PEM."""

    entity_id: str
    sso_url: str
    certificates: tuple[str, ...]
    slo_url: str | None = None
    slo_response_url: str | None = None


def read_idp_metadata(xml: bytes, allow_http: bool = False) -> IdPMetadata:
    """Of the one identity provider that the document describes; see `providers.py` for several.

    Raises MetadataRefused. `allow_http` admits http endpoints on this machine, for development.
    """
    providers = find_providers(xml)
    if len(providers) > 1:
        raise MetadataRefused("The metadata describes several identity providers. Take the metadata of one of them.")
    return read_provider(providers[0], allow_http)


def find_providers(xml: bytes) -> list[etree._Element]:
    """The entity descriptors of identity providers in a document, at least one. Raises MetadataRefused."""
    if len(xml) > MAXIMUM_BYTES:
        raise MetadataRefused("The metadata is larger than 1 MB. Ask the identity provider for that of one entity.")
    try:
        root = parse_text(xml.strip(), comments=True)
    except Refused as refused:
        raise MetadataRefused(
            f"This is not usable metadata: {refused.detail}. Download the metadata XML again, or paste it whole."
        ) from refused
    entities = list(root.iter(f"{MD}EntityDescriptor"))
    providers = [entity for entity in entities if entity.find(f"{MD}IDPSSODescriptor") is not None]
    if not providers:
        what = (
            "of a service provider" if root.find(f".//{MD}SPSSODescriptor") is not None else "of no identity provider"
        )
        raise MetadataRefused(f"This is the metadata {what}. Take the metadata that your identity provider publishes.")
    return providers


def read_provider(entity: etree._Element, allow_http: bool = False) -> IdPMetadata:
    """What one entity descriptor says. Raises MetadataRefused."""
    entity_id = entity.get("entityID", "").strip()
    if not entity_id or len(entity_id) > MAXIMUM_ENTITY_ID:
        raise MetadataRefused("The metadata has no entity ID. Download it again from the identity provider.")
    descriptor = entity.find(f"{MD}IDPSSODescriptor")
    assert descriptor is not None
    slo_url, slo_response_url = _slo_urls(descriptor, allow_http)
    return IdPMetadata(
        entity_id, _sso_url(descriptor, allow_http), _signing_certificates(descriptor), slo_url, slo_response_url
    )


def _sso_url(descriptor: etree._Element, allow_http: bool) -> str:
    services = descriptor.findall(f"{MD}SingleSignOnService")
    locations = [service.get("Location", "") for service in services if service.get("Binding") == _REDIRECT]
    if not locations:
        raise MetadataRefused(
            "The identity provider offers no sign-in URL for the HTTP-Redirect binding. Switch that binding on there."
        )
    return checked_url(locations[0], allow_http, "sign-in")


def _slo_urls(descriptor: etree._Element, allow_http: bool) -> tuple[str | None, str | None]:
    """Where single logout goes, and its answers if they go elsewhere; (None, None) where there is none for Redirect."""
    services = descriptor.findall(f"{MD}SingleLogoutService")
    service = next((node for node in services if node.get("Binding") == _REDIRECT), None)
    if service is None:
        return None, None
    answers = service.get("ResponseLocation")
    return (
        checked_url(service.get("Location", ""), allow_http, "logout"),
        checked_url(answers, allow_http, "logout") if answers else None,
    )


def checked_url(url: str, allow_http: bool, what: str) -> str:
    # A browser is sent there in a header: no line breaks, no spaces. urlsplit overlooks them.
    plain = url.isprintable() and " " not in url
    try:
        parts = urlsplit(url if plain else "")
        _ = parts.port
    except ValueError:  # such as an IPv6 address without its end, or a port that is none
        parts = urlsplit("")
    local = allow_http and parts.scheme == "http" and parts.hostname in _LOOPBACK
    if (parts.scheme != "https" and not local) or not parts.hostname or parts.fragment or parts.username:
        raise MetadataRefused(f"The {what} URL must be an https:// address. Switch the identity provider to HTTPS.")
    return url


def _signing_certificates(descriptor: etree._Element) -> tuple[str, ...]:
    found: list[str] = []
    for key in descriptor.findall(f"{MD}KeyDescriptor"):
        if key.get("use", "signing") != "signing":
            continue
        for node in key.iter(f"{DS}X509Certificate"):
            pem = as_pem(node.text or "")
            try:
                read_certificate(pem)
            except KeyRefused as refused:
                raise MetadataRefused(f"{refused} It stands in the metadata as a signing certificate.") from refused
            found.append(pem)
    if not found:
        raise MetadataRefused("The metadata has no signing certificate. Switch on signing at the identity provider.")
    return tuple(dict.fromkeys(found))


def as_pem(base64_text: str) -> str:
    body = "\n".join(textwrap.wrap("".join(base64_text.split()), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def _key_descriptor(pem: str, use: str = "signing") -> etree._Element:
    body = "".join(line for line in pem.splitlines() if "-----" not in line)
    return _md.KeyDescriptor(_ds.KeyInfo(_ds.X509Data(_ds.X509Certificate(body))), use=use)


def _encryption_descriptor(pem: str) -> etree._Element:
    """With the algorithms in the order we like them, the authenticated ones first (Metadata 2.4.1.1)."""
    descriptor = _key_descriptor(pem, "encryption")
    descriptor.extend(_md.EncryptionMethod(Algorithm=algorithm) for algorithm in (*GCM, *CBC, OAEP, OAEP_MGF1P))
    return descriptor


def our_metadata(endpoints: Endpoints, signing_certificate: str, encryption_certificates: Sequence[str] = ()) -> bytes:
    """The service provider's metadata of one connection, to hand to its identity provider; the newest key first."""
    descriptor = _md.SPSSODescriptor(
        _key_descriptor(signing_certificate),
        *(_encryption_descriptor(pem) for pem in encryption_certificates),
        *(_md.SingleLogoutService(Binding=binding, Location=endpoints.logout) for binding in (_REDIRECT, _POST)),
        _md.NameIDFormat(EMAIL_ADDRESS),
        _md.NameIDFormat(PERSISTENT),
        _md.AssertionConsumerService(Binding=_POST, Location=endpoints.acs, index="0", isDefault="true"),
        protocolSupportEnumeration=_PROTOCOL,
        AuthnRequestsSigned="true",
        # Asks for the stronger form; a signed Response around the assertion is accepted as well.
        WantAssertionsSigned="true",
    )
    entity = _md.EntityDescriptor(descriptor, entityID=endpoints.entity_id)
    return bytes(etree.tostring(entity, xml_declaration=True, encoding="UTF-8", pretty_print=True))
