"""An identity provider's details as an admin gives them: metadata that may describe several, or typed by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from saml.keys import KeyRefused, read_certificate
from saml.metadata import (
    MAXIMUM_ENTITY_ID,
    IdPMetadata,
    MetadataRefused,
    as_pem,
    checked_url,
    find_providers,
    read_provider,
)

SHOWN = 50  # of the identity providers of one document
MAXIMUM_CERTIFICATES = 10
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")


class DetailRefused(MetadataRefused):
    """One of the details that were typed cannot be used; `field` says which."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Provider:
    """One identity provider of a document: its details, or why they cannot be used."""

    entity_id: str
    details: IdPMetadata | None
    problem: str | None


def read_providers(xml: bytes, allow_http: bool = False) -> list[Provider]:
    """The first SHOWN identity providers of a document, at least one.

    Raises MetadataRefused where there is none, and where the only one cannot be used.
    """
    entities = find_providers(xml)
    if len(entities) == 1:
        details = read_provider(entities[0], allow_http)
        return [Provider(details.entity_id, details, None)]
    return [_provider(entity, allow_http) for entity in entities[:SHOWN]]


def choose(xml: bytes, entity_id: str, allow_http: bool = False) -> IdPMetadata:
    """The details of this one identity provider of a document, or of the only one there, whatever it is called now.

    Raises MetadataRefused.
    """
    entities = find_providers(xml)
    named = [entity for entity in entities if entity.get("entityID", "").strip() == entity_id]
    if not named and len(entities) > 1:
        raise MetadataRefused(f"The metadata does not describe {entity_id} any more. Look at it, and choose again.")
    return read_provider((named or entities)[0], allow_http)


def by_hand(
    entity_id: str, sso_url: str, certificates: str, slo_url: str = "", slo_response_url: str = "", *, allow_http: bool
) -> IdPMetadata:
    """The details as they were typed, judged like those of a metadata document. Raises DetailRefused.

    `certificates`: one or more in PEM, or the bare base64 of one, as some identity providers show it.
    """
    entity_id = entity_id.strip()
    if not entity_id or len(entity_id) > MAXIMUM_ENTITY_ID or not entity_id.isprintable():
        raise DetailRefused("entity_id", "Copy the entity ID (also called issuer) from your identity provider.")
    return IdPMetadata(
        entity_id,
        _url("sso_url", sso_url, allow_http, "sign-in"),
        read_certificates(certificates),
        _url("slo_url", slo_url, allow_http, "logout") if slo_url.strip() else None,
        _url("slo_response_url", slo_response_url, allow_http, "logout") if slo_response_url.strip() else None,
    )


def read_certificates(text: str) -> tuple[str, ...]:
    """The certificates of a text, in PEM. Raises DetailRefused (field `certificates`)."""
    bodies = _PEM.findall(text)
    if not bodies and text.strip() and _BASE64.fullmatch(text):
        bodies = [text]
    if not bodies:
        raise DetailRefused(
            "certificates",
            "Paste the signing certificate with its lines -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----.",
        )
    if len(bodies) > MAXIMUM_CERTIFICATES:
        raise DetailRefused("certificates", f"At most {MAXIMUM_CERTIFICATES} certificates. Leave out those not in use.")
    found = []
    for body in bodies:
        pem = as_pem(body)
        try:
            read_certificate(pem)
        except KeyRefused as refused:
            raise DetailRefused("certificates", str(refused)) from refused
        found.append(pem)
    return tuple(dict.fromkeys(found))


def _url(field: str, url: str, allow_http: bool, what: str) -> str:
    try:
        return checked_url(url.strip(), allow_http, what)
    except MetadataRefused as refused:
        raise DetailRefused(field, str(refused)) from refused


def _provider(entity: etree._Element, allow_http: bool) -> Provider:
    entity_id = entity.get("entityID", "").strip()
    try:
        return Provider(entity_id, read_provider(entity, allow_http), None)
    except MetadataRefused as refused:
        return Provider(entity_id, None, str(refused))
