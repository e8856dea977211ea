"""What pysaml2 has in the place of the `xmlsec1` binary: its questions about one message, answered in-process.

`at_hand` tells the backend what is known of the message already: its trees, its plaintext, and which signatures were
verified. What pysaml2 asks about anything else is computed like everything (`verify_element`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import xmlsec
from lxml import etree
from saml2.sigver import CryptoBackend, DecryptError, SignatureError

from saml.document import parse_text
from saml.receipt import Refused
from saml.shape import DS
from saml.signatures import Proof, verify_element

_PEM = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class AtHand:
    """What is known of the message that pysaml2 is judging: its plaintext, its trees by their text, its signatures."""

    decrypted: bytes | None
    trees: Mapping[bytes, etree._Element]
    proofs: Sequence[Proof] = ()


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
        """`cert_file` is the PEM text itself, from our own client, or the path that pysaml2 makes of one.

        Which element and whose certificate is pysaml2's own finding. Where it is this very element of the tree that
        was verified with this very certificate a moment ago, libxmlsec would compute the same once more.
        """
        try:
            element = find_signed(signedtext, node_name, node_id)
            signatures = element.findall(f"{DS}Signature")
            if len(signatures) != 1:
                raise Refused("the element does not have exactly one signature")
            pem = cert_file if cert_file.startswith(_PEM) else Path(cert_file).read_text("ascii")
            if not any(proof.element is element and proof.certificate == pem for proof in _at_hand.get().proofs):
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
