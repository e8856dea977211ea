"""Comments, processing instructions, entities and the like in what is read: they end a text for one reader only.

A comment does not change what was signed: exclusive canonicalization leaves it out. So each is put in afterwards.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from tests.saml.changes import put
from tests.saml.conftest import Gate
from tests.saml.variants import ACCEPTED, ENCRYPTED, VARIANTS, answers

PLAIN = [name for name in VARIANTS if name not in ENCRYPTED]
# What is wrong with a plaintext is not told apart from a failed decryption.
REFUSED = dict.fromkeys(PLAIN, "text") | dict.fromkeys(ENCRYPTED, "decrypt")
INSIDE = {
    "comment": b"<!-- x -->",
    "empty comment": b"<!---->",
    "processing instruction": b"<?x y?>",
    "CDATA": b"<![CDATA[x]]>",
    "empty CDATA": b"<![CDATA[]]>",
    "unknown entity": b"&unknown;",
    "NUL, by number": b"&#0;",
    "NUL": b"\x00",
    "a letter that is none": b"\xff",
    "half a letter": b"\xc3",
    "a surrogate": b"\xed\xa0\x80",
    "NUL in two bytes": b"\xc0\x80",
}
PLACES = {
    "NameID": b"eve@acme.example</saml:NameID>",
    "address": b"eve@acme.example</saml:AttributeValue>",
}


def into(place: bytes, inner: bytes) -> Callable[[bytes], bytes]:
    """`inner` and some text before the end of the value."""

    def change(document: bytes) -> bytes:
        assert document.count(place) == 1
        value, _, end = place.partition(b"<")
        return document.replace(place, value + inner + b".evil.example<" + end)

    return change


@pytest.mark.parametrize("inner", INSIDE.values(), ids=INSIDE)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_text_split_inside_what_is_read(gate: Gate, place: bytes, inner: bytes) -> None:
    assert answers(gate, text=into(place, inner)) == REFUSED


@pytest.mark.parametrize(
    "head",
    [
        b"<!DOCTYPE Response>",
        b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        b"<!DOCTYPE r [<!ENTITY % x SYSTEM 'http://127.0.0.1:1/x'> %x;]>",
        b"<!DOCTYPE r SYSTEM 'http://127.0.0.1:1/x.dtd'>",
        b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>",
        b"<!DOCTYPE r [<!ATTLIST Assertion ID ID #IMPLIED>]>",
        b"<?xml-stylesheet href='x'?>",
        b"<!-- x -->",
    ],
    ids=["bare", "file", "parameter entity", "external", "expansion", "attribute list", "stylesheet", "comment"],
)
def test_a_prologue_that_is_not_allowed(gate: Gate, head: bytes) -> None:
    assert answers(gate, text=lambda document: head + document) == REFUSED


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_schema_that_the_message_names_is_not_fetched(gate: Gate, variant: str) -> None:
    """It is only a hint, and the identity provider may sign one."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        place = f"urn:x http://127.0.0.1:{elsewhere.getsockname()[1]}/x.xsd"
        hint = put("a:Assertion", "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", place)
        assert answers(gate, hint, [variant]) == {variant: ACCEPTED}
        elsewhere.setblocking(False)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
