"""The check `shape`: which elements a Response may have, in which order, and nothing else anywhere.

What is read later is found by walking this shape from the root, never by searching the document, so an element
in another place cannot stand in for the one that was signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from saml.receipt import Refused

SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"

# An xs:ID (an NCName); the ones that identity providers make are ASCII.
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,254}")

# Elements that count only in their one place; anywhere else the document is refused.
_IN_THEIR_PLACE_ONLY = frozenset(
    {
        f"{SAMLP}Response",
        f"{SAML}Assertion",
        f"{SAML}EncryptedAssertion",
        f"{SAML}EncryptedID",
        f"{SAML}EncryptedAttribute",
        f"{SAML}Advice",
        f"{SAMLP}Extensions",
        f"{DS}Signature",
        f"{DS}Object",
        f"{XENC}EncryptedData",
        f"{XENC}EncryptedKey",
    }
)
_STATEMENTS = (f"{SAML}AuthnStatement", f"{SAML}AttributeStatement")


@dataclass(frozen=True, slots=True)
class Shape:
    """A Response and its assertion, each with its own signature or None (lxml elements).

    `assertion` is None while it is encrypted; the shape of the decrypted document has it.
    """

    response: etree._Element
    response_signature: etree._Element | None
    assertion: etree._Element | None
    assertion_signature: etree._Element | None


def read_shape(root: etree._Element, decrypted: bool = False) -> Shape:
    """Raises Refused. SAML core 3.3.3 (Response), 2.3.3 (Assertion); one assertion, as the Web SSO profile allows.

    `decrypted`: the plaintext was put into the EncryptedAssertion, which must now hold nothing but an assertion.
    """
    if root.tag != f"{SAMLP}Response":
        raise Refused("the document is not a SAML 2.0 Response")
    _check_status(root)
    response_signature, box, assertion = _read_response(root)
    expected = [root, response_signature, box]
    if box is not None and decrypted:
        children = Children(box)
        assertion = children.required(f"{SAML}Assertion")
        children.end()
    elif box is not None:
        expected += encrypted_parts(box)
    assertion_signature = None
    if assertion is not None:
        assertion_signature = _read_assertion(assertion)
        expected += [assertion, assertion_signature]
    for element in root.iter(_IN_THEIR_PLACE_ONLY):
        if not any(element is known for known in expected):
            raise Refused(f"{etree.QName(element).localname} stands where it is not allowed, or more than once")
    check_ids(root)
    for element in (root, assertion):
        if element is None:
            continue
        if element.get("Version") != "2.0":
            raise Refused(f"{etree.QName(element).localname} is not of SAML version 2.0")
        if not _ID.fullmatch(element.get("ID", "")):
            raise Refused(f"{etree.QName(element).localname} has no well-formed ID")
    return Shape(root, response_signature, assertion, assertion_signature)


def _check_status(root: etree._Element) -> None:
    """An error Response is refused politely, with the identity provider's own words for the admin (core 3.2.2)."""
    statuses = [child for child in root if child.tag == f"{SAMLP}Status"]
    if len(statuses) != 1 or len(statuses[0]) == 0 or statuses[0][0].tag != f"{SAMLP}StatusCode":
        raise Refused("the Response has no single Status with a StatusCode")
    code = statuses[0][0]
    if code.get("Value") == SUCCESS:
        return
    said = [code.get("Value", ""), *(inner.get("Value", "") for inner in code if inner.tag == f"{SAMLP}StatusCode")]
    words = " / ".join(value.rsplit(":", 1)[-1] for value in said)
    message = next((child.text or "" for child in statuses[0] if child.tag == f"{SAMLP}StatusMessage"), "")
    raise Refused(f"the identity provider answered: {words[:120]}" + (f" ({message.strip()[:200]})" if message else ""))


def _read_response(
    root: etree._Element,
) -> tuple[etree._Element | None, etree._Element | None, etree._Element | None]:
    """(Signature, EncryptedAssertion, Assertion): exactly one of the last two is there."""
    children = Children(root)
    children.optional(f"{SAML}Issuer")
    signature = children.optional(f"{DS}Signature")
    children.required(f"{SAMLP}Status")
    box = children.optional(f"{SAML}EncryptedAssertion")
    assertion = None if box is not None else children.required(f"{SAML}Assertion")
    children.end()
    return signature, box, assertion


def encrypted_parts(box: etree._Element) -> tuple[etree._Element, etree._Element]:
    """(EncryptedData, EncryptedKey) of an EncryptedAssertion: the one key stands in its KeyInfo, or beside it."""
    children = Children(box)
    data = children.required(f"{XENC}EncryptedData")
    beside = children.optional(f"{XENC}EncryptedKey")
    children.end()
    inside = data.findall(f"{DS}KeyInfo/{XENC}EncryptedKey")
    keys = [*inside, *([] if beside is None else [beside])]
    if len(keys) != 1:
        raise Refused("the encrypted assertion does not come with exactly one EncryptedKey")
    for part in (data, keys[0]):
        if [child.tag for child in part.findall(f"{XENC}CipherData/*")] != [f"{XENC}CipherValue"]:
            raise Refused("a cipher value is not given in its place")
        if any(True for _ in part.iter(f"{XENC}CipherReference", f"{DS}RetrievalMethod")):
            raise Refused("an encrypted part refers to something elsewhere")
    return data, keys[0]


def _read_assertion(assertion: etree._Element) -> etree._Element | None:
    children = Children(assertion)
    children.required(f"{SAML}Issuer")
    signature = children.optional(f"{DS}Signature")
    children.required(f"{SAML}Subject")
    children.required(f"{SAML}Conditions")
    while children.optional(*_STATEMENTS) is not None:
        pass
    children.end()
    return signature


def check_ids(root: etree._Element) -> None:
    seen: set[str] = set()
    for element in root.iter():
        for name, value in element.items():
            if name[-2:].lower() == "id" and name.rpartition("}")[2].lower() == "id":
                if value in seen:
                    raise Refused("two elements have the same ID")
                seen.add(value)


def only(parent: etree._Element, tag: str) -> list[etree._Element]:
    """The child elements of this name. Quicker than `findall`, which takes a path apart first."""
    return list(parent.iterchildren(tag))


class Children:
    """The child elements of one element, taken in order."""

    def __init__(self, parent: etree._Element) -> None:
        self._parent = etree.QName(parent).localname
        self._rest: Iterator[etree._Element] = iter(parent)
        self._next = next(self._rest, None)

    def optional(self, *tags: str) -> etree._Element | None:
        taken = self._next
        if taken is None or taken.tag not in tags:
            return None
        self._next = next(self._rest, None)
        return taken

    def required(self, tag: str) -> etree._Element:
        taken = self.optional(tag)
        if taken is None:
            raise Refused(f"{self._parent} has no {etree.QName(tag).localname} in its place")
        return taken

    def end(self) -> None:
        if self._next is not None:
            raise Refused(f"{self._parent} holds a {etree.QName(self._next).localname} where none is allowed")
