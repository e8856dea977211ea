"""XML signatures, in-process: verifying one element with one connection's keys.

`verify_element` proves that a signature covers exactly the element it is handed: the form of the signature is
compared with the only one that SAML allows (core 5.4) before libxmlsec computes anything, the one reference must
name the element's own ID, and the keys are the connection's. What a message says about keys (`ds:KeyInfo`) is not
read. pysaml2 gets the same by `saml/backend.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import xmlsec
from lxml import etree

from saml.keys import KeyRefused, der, fingerprint, read_certificate
from saml.receipt import Refused
from saml.shape import DS

EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_INCLUSIVE_NAMESPACES = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"
SIGNATURE_METHODS = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#{name}"
    for name in ("rsa-sha256", "rsa-sha384", "rsa-sha512", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512")
)
DIGEST_METHODS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


@dataclass(frozen=True, slots=True)
class Proof:
    """That the key of this certificate (PEM, and its SHA-256 fingerprint) signed this very element, as it stands."""

    element: etree._Element
    certificate: str
    fingerprint: str


def verify_element(element: etree._Element, signature: etree._Element, certificates: Iterable[str]) -> Proof:
    """Raises Refused unless one of the connection's certificates, PEM texts tried in turn, verifies the signature.

    `signature` is the element's own child.
    """
    if signature.getparent() is not element:
        raise Refused("the signature is not a child of the element it signs")
    _check_form(signature, element.get("ID", ""))
    for pem in certificates:
        try:
            key, name = _public_key(pem)
        except KeyRefused:
            continue
        context = xmlsec.SignatureContext()
        context.key = key
        context.register_id(element, "ID")
        try:
            context.verify(signature)
        except xmlsec.Error:
            continue
        return Proof(element, pem, name)
    raise Refused("no certificate of this connection verifies the signature")


def _check_form(signature: etree._Element, element_id: str) -> None:
    signed_info, value, *_key_info = _expect(signature, "SignedInfo", "SignatureValue", "KeyInfo?")
    canonicalization, method, reference = _expect(signed_info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    transforms, digest, digest_value = _expect(reference, "Transforms", "DigestMethod", "DigestValue")
    enveloped, exclusive = _expect(transforms, "Transform", "Transform")
    for leaf in (value, method, digest, digest_value, enveloped):
        _expect(leaf)
    if reference.get("URI") != f"#{element_id}" or not element_id:
        raise Refused("the signature refers to something other than the element it stands in")
    if enveloped.get("Algorithm") != ENVELOPED:
        raise Refused("the first transform of the signature is not “enveloped signature”")
    for node in (canonicalization, exclusive):
        if node.get("Algorithm") != EXCLUSIVE_C14N or any(child.tag != _INCLUSIVE_NAMESPACES for child in node):
            raise Refused("the signature is not over exclusive canonical XML without comments")
    if method.get("Algorithm") not in SIGNATURE_METHODS:
        raise Refused(f"the signature method {_short(method)} is not accepted: RSA or ECDSA with SHA-256 or longer")
    if digest.get("Algorithm") not in DIGEST_METHODS:
        raise Refused(f"the digest method {_short(digest)} is not accepted: SHA-256 or longer")


def _expect(parent: etree._Element, *names: str) -> list[etree._Element]:
    """The children of a ds: element, which must be exactly these; `?` marks one that may be absent."""
    children = list(parent)
    wanted = [DS + name.rstrip("?") for name in names if not name.endswith("?") or len(children) == len(names)]
    if [child.tag for child in children] != wanted:
        raise Refused(f"the {etree.QName(parent).localname} of the signature does not have the expected parts")
    return children


def _short(element: etree._Element) -> str:
    return element.get("Algorithm", "none").rpartition("#")[2][:40] or "none"


@lru_cache(maxsize=2_048)
def _public_key(pem: str) -> tuple[xmlsec.Key, str]:
    """By content, never by path: what pysaml2 hands over are temporary files whose names return.

    Of all the forms in which libxmlsec takes a key the whole certificate is the quickest; only its key is used.
    """
    certificate = read_certificate(pem)
    return xmlsec.Key.from_memory(der(certificate), xmlsec.constants.KeyDataFormatCertDer), fingerprint(certificate)
