"""The ways in which an identity provider signs and encrypts one and the same Response, and what they are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from saml.receipt import CHECKS
from tests.saml import forge
from tests.saml.conftest import Gate, open_gate
from tests.saml.forge import SAML, Change

ACCEPTED = "accepted"
# A shape that only the plaintext has is not told apart from a failed decryption.
INNER_SHAPE = "shape, or decrypt where it is encrypted"


@dataclass(frozen=True)
class Variant:
    assertion_signed: bool
    response_signed: bool
    encrypted: bool = False


VARIANTS = {
    "response": Variant(False, True),
    "assertion": Variant(True, False),
    "both": Variant(True, True),
    "encrypted": Variant(True, False, encrypted=True),
    "encrypted in a signed response": Variant(False, True, encrypted=True),
    "encrypted, both signed": Variant(True, True, encrypted=True),
}
SIGNED_RESPONSE = [name for name, variant in VARIANTS.items() if variant.response_signed]
UNSIGNED_RESPONSE = [name for name, variant in VARIANTS.items() if not variant.response_signed]
ENCRYPTED = [name for name, variant in VARIANTS.items() if variant.encrypted]
# Each signature that there may be, alone or beside another one: (variant, which of its signatures).
SIGNATURES = [
    (name, place)
    for name, variant in VARIANTS.items()
    for place, there in (("assertion", variant.assertion_signed), ("response", variant.response_signed))
    if there
]


def sealed(
    gate: Gate,
    variant: str,
    root: etree._Element,
    *,
    at: str | None = None,
    spoil: Change | None = None,
    text: Callable[[bytes], bytes] | None = None,
    **options: Any,
) -> bytes:
    """The document as it is sent: the assertion is signed, then encrypted, then the Response is signed.

    `options` of `forge.sign`, `by` another signer, and `spoil`, which gets the Signature that was made, apply to the
    signature `at` the assertion or the response; without `at` to both. `text` changes what was signed: the bytes of
    the assertion before they are encrypted, or else of the document that is sent.
    """
    how = VARIANTS[variant]

    def sign(element: etree._Element, place: str) -> None:
        wrong = {} if at not in (None, place) else options
        signature = forge.sign(element, **{"by": forge.signer_of("acme"), **wrong})
        if spoil and at in (None, place):
            spoil(signature)

    if how.assertion_signed:
        for assertion in root.findall(f"{{{SAML}}}Assertion"):
            sign(assertion, "assertion")
    if how.encrypted and root.find(f"{{{SAML}}}Assertion") is not None:
        _encrypt(gate, root, text)
    root = etree.fromstring(etree.tostring(root))  # libxml2 forgets which attributes were IDs
    if how.response_signed:
        sign(root, "response")
    sent = etree.tostring(root)
    return text(sent) if text and not how.encrypted else sent


def _encrypt(gate: Gate, root: etree._Element, text: Callable[[bytes], bytes] | None) -> None:
    certificate = gate.acme.connection.encryption_keys[0].certificate
    plaintext = etree.tostring(root.find(f"{{{SAML}}}Assertion"), with_tail=False)
    forge.encrypt(root, certificate)
    # As it was before lxml moved it: that may rename prefixes, and with them what was signed.
    forge.put_ciphertext(root, certificate, text(plaintext) if text else plaintext)


def answer(gate: Gate, document: bytes) -> str:
    """The check that refused, or `ACCEPTED`."""
    response = gate.post(document)
    return ACCEPTED if response.status_code == 303 else gate.refused_by(response)


def answers(
    gate: Gate, change: Change | None = None, variants: Iterable[str] = tuple(VARIANTS), **options: Any
) -> dict[str, str]:
    """What each variant of the message, with `change` applied before signing, is answered.

    The first that is accepted ends it. An answer that passed the gate used the request up, though nobody got in.
    """
    found: dict[str, str] = {}
    for variant in variants:
        root = gate.message.xml()
        if change:
            change(root)
        found[variant] = answer(gate, sealed(gate, variant, root, **options))
        if found[variant] == ACCEPTED:
            break
        if found[variant] not in CHECKS:
            gate = asked_again(gate)
    return found


def asked_again(gate: Gate) -> Gate:
    """A new request from the same browser, which is answered with the same words in a new assertion."""
    new = open_gate(gate.browser, gate.acme)
    request_id = new.message.request_id
    new.message = replace(gate.message, request_id=request_id, assertion_id=f"_assertion-{request_id}")
    return new


def everywhere(refusal: str, variants: Iterable[str] = tuple(VARIANTS)) -> dict[str, str]:
    if refusal == INNER_SHAPE:
        return {variant: "decrypt" if VARIANTS[variant].encrypted else "shape" for variant in variants}
    return dict.fromkeys(variants, refusal)
