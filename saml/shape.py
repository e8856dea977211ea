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
    """A Response and its assertion, each with its own signature or None (lxml elements of one document)."""

    response: etree._Element
    response_signature: etree._Element | None
    assertion: etree._Element
    assertion_signature: etree._Element | None


def read_shape(root: etree._Element) -> Shape:
    """Raises Refused. SAML core 3.3.3 (Response), 2.3.3 (Assertion); one assertion, as the Web SSO profile allows."""
    if root.tag != f"{SAMLP}Response":
        raise Refused("the document is not a SAML 2.0 Response")
    _check_status(root)
    response_signature, assertion = _read_response(root)
    assertion_signature = _read_assertion(assertion)
    expected = [root, assertion, response_signature, assertion_signature]
    for element in root.iter():
        if element.tag in _IN_THEIR_PLACE_ONLY and not any(element is known for known in expected):
            raise Refused(f"{etree.QName(element).localname} stands where it is not allowed, or more than once")
    _check_ids(root)
    for element in (root, assertion):
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


def _read_response(root: etree._Element) -> tuple[etree._Element | None, etree._Element]:
    children = _Children(root)
    children.optional(f"{SAML}Issuer")
    signature = children.optional(f"{DS}Signature")
    children.required(f"{SAMLP}Status")
    if children.optional(f"{SAML}EncryptedAssertion") is not None:
        raise Refused(
            "the assertion is encrypted, and this connection publishes no encryption key: "
            "switch assertion encryption off at the identity provider"
        )
    assertion = children.required(f"{SAML}Assertion")
    children.end()
    return signature, assertion


def _read_assertion(assertion: etree._Element) -> etree._Element | None:
    children = _Children(assertion)
    children.required(f"{SAML}Issuer")
    signature = children.optional(f"{DS}Signature")
    children.required(f"{SAML}Subject")
    children.required(f"{SAML}Conditions")
    while children.optional(*_STATEMENTS) is not None:
        pass
    children.end()
    return signature


def _check_ids(root: etree._Element) -> None:
    seen: set[str] = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            if etree.QName(name).localname.lower() == "id":
                if str(value) in seen:
                    raise Refused("two elements have the same ID")
                seen.add(str(value))


class _Children:
    """The child elements of one element, taken in order."""

    def __init__(self, parent: etree._Element) -> None:
        self._parent = etree.QName(parent).localname
        self._rest: Iterator[etree._Element] = iter(parent)
        self._next = next(self._rest, None)

    def optional(self, *tags: str) -> etree._Element | None:
        if self._next is None or self._next.tag not in tags:
            return None
        taken, self._next = self._next, next(self._rest, None)
        return taken

    def required(self, tag: str) -> etree._Element:
        taken = self.optional(tag)
        if taken is None:
            raise Refused(f"{self._parent} has no {etree.QName(tag).localname} in its place")
        return taken

    def end(self) -> None:
        if self._next is not None:
            raise Refused(f"{self._parent} holds a {etree.QName(self._next).localname} where none is allowed")
