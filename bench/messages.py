"""The Responses that are measured: RSA-2048/SHA-256, six attributes, as an identity provider of today sends them."""

from __future__ import annotations

import secrets

from lxml import etree

from bench.world import Customer
from tests.saml import forge

VARIANTS = ("assertion signed", "both signed", "encrypted")


def response(
    customer: Customer,
    variant: str,
    request_id: str,
    encryption_certificate: str,
    person: str | None = None,
) -> str:
    """A fresh Response in base64 for the first or the given person of this customer."""
    email = f"{person or 'eve'}@{customer.domain}"
    message = forge.Message(
        customer.idp_entity_id,
        customer.ours.acs,
        customer.ours.entity_id,
        request_id,
        name_id=email,
        attributes={
            "email": [email],
            "firstName": ["Eve"],
            "lastName": ["Lindqvist"],
            "displayName": ["Eve Lindqvist"],
            "groups": ["research", "reading", "writing"],
            "department": ["Linguistics"],
        },
        assertion_id=f"_{secrets.token_hex(16)}",
        response_id=f"_{secrets.token_hex(16)}",
    )
    root = message.xml()
    # The namespaces stand on the assertion itself, as everybody writes them who signs or encrypts it alone.
    forge.signed(root, "both" if variant == "both signed" else "assertion", customer.signer)
    if variant == "encrypted":
        plaintext = etree.tostring(forge.xpath(root, "a:Assertion"), with_tail=False)
        forge.encrypt(root, encryption_certificate)
        forge.put_ciphertext(root, encryption_certificate, plaintext)
    return forge.encode(root)
