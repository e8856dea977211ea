"""XML signatures, in-process: verifying one element with one connection's keys, and the same for pysaml2.

`verify_element` proves that a signature covers exactly the element it is handed: the form of the signature is
compared with the only one that SAML allows (core 5.4) before libxmlsec computes anything, the one reference must
name the element's own ID, and the keys are the connection's. What a message says about keys (`ds:KeyInfo`) is not
read. `InProcessBackend` gives pysaml2 the same code in the place of the `xmlsec1` binary, so no process is forked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import xmlsec
from lxml import etree
from saml2.sigver import CryptoBackend, DecryptError, SignatureError

from saml.document import parse_text
from saml.keys import KeyRefused, fingerprint, public_pem, read_certificate
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
_PEM = "-----BEGIN CERTIFICATE-----"


def verify_element(element: etree._Element, signature: etree._Element, certificates: Iterable[str]) -> str:
    """The SHA-256 fingerprint of the certificate whose key signed this very element. Raises Refused.

    `signature` is the element's own child; `certificates` are PEM texts of the connection, tried in turn.
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
        return name
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
    """By content, never by path: what pysaml2 hands over are temporary files whose names return."""
    certificate = read_certificate(pem)
    return xmlsec.Key.from_memory(public_pem(certificate), xmlsec.constants.KeyDataFormatPem), fingerprint(certificate)


@dataclass(frozen=True, slots=True)
class AtHand:
    """What is known of the message that pysaml2 is judging: its plaintext, and its trees by their text."""

    decrypted: bytes | None
    trees: Mapping[bytes, etree._Element]


_at_hand: ContextVar[AtHand] = ContextVar("_at_hand", default=AtHand(None, {}))  # noqa: B039  never written to


@contextmanager
def at_hand(known: AtHand) -> Iterator[None]:
    """While inside, the backend decrypts to this plaintext, and does not parse again what has a tree already."""
    token = _at_hand.set(known)
    try:
        yield
    finally:
        _at_hand.reset(token)


class InProcessBackend(CryptoBackend):  # type: ignore[misc]
    """pysaml2's plug-in point for cryptography. What the binary's command line gave, `verify_element` gives here."""

    @property
    def version(self) -> str:
        return ".".join(str(part) for part in xmlsec.get_libxml_version())

    def validate_signature(
        self, signedtext: str | bytes, cert_file: str, cert_type: str, node_name: str, node_id: str
    ) -> bool:
        """`cert_file` is the PEM text itself, from our own client, or the path that pysaml2 makes of one."""
        try:
            element = find_signed(signedtext, node_name, node_id)
            signatures = element.findall(f"{DS}Signature")
            if len(signatures) != 1:
                raise Refused("the element does not have exactly one signature")
            pem = cert_file if cert_file.startswith(_PEM) else Path(cert_file).read_text("ascii")
            verify_element(element, signatures[0], [pem])
        except Refused as refused:
            raise SignatureError(refused.detail) from refused
        return True

    def decrypt(self, enctext: str | bytes, key_file: str) -> str:
        """The document that `at_hand` holds, whatever pysaml2 made of it on the way."""
        document = _at_hand.get().decrypted
        if document is None:
            raise DecryptError("nothing was decrypted")
        return document.decode("utf-8")

    def sign_statement(self, statement: object, node_name: str, key_file: str, node_id: str) -> str:
        """Fill the signature template that pysaml2 put into the element. Only the demo identity provider signs XML."""
        element_root = parse_text(statement if isinstance(statement, bytes) else str(statement).encode())
        element = _find(element_root, node_name, node_id)
        context = xmlsec.SignatureContext()
        context.key = _private_key(Path(key_file).read_bytes())
        context.register_id(element, "ID")
        context.sign(element.find(f"{DS}Signature"))
        return str(etree.tostring(element_root, encoding="unicode"))


@lru_cache(maxsize=64)
def _private_key(pem: bytes) -> xmlsec.Key:
    return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)


def find_signed(document: str | bytes, node_name: str, node_id: str) -> etree._Element:
    """The one element that pysaml2 means by this name and ID. Raises Refused."""
    text = document.encode() if isinstance(document, str) else document
    tree = _at_hand.get().trees.get(text)
    return _find(parse_text(text) if tree is None else tree, node_name, node_id)


def _find(root: etree._Element, node_name: str, node_id: str) -> etree._Element:
    """The one element of this name (`namespace:LocalName`, as pysaml2 writes it) and ID."""
    namespace, _, local_name = node_name.rpartition(":")
    found = [node for node in root.iter(f"{{{namespace}}}{local_name}") if node.get("ID") == node_id]
    if len(found) != 1:
        raise Refused("the signed element is not there exactly once")
    return found[0]
