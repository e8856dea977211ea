"""The gate in front of the XML parser: what is posted is looked at as bytes, and most of what XML can do is refused."""

from __future__ import annotations

import base64

import pytest

from saml.document import (
    MAXIMUM_BYTES,
    MAXIMUM_DEPTH,
    MAXIMUM_ELEMENTS,
    MAXIMUM_NAMES,
    decode_form,
    parse_text,
)
from saml.receipt import Refused

GOOD = '<?xml version="1.0" encoding="UTF-8"?><a xmlns="urn:x" b="c">é<d/></a>'.encode()


def test_an_honest_document_passes() -> None:
    root = parse_text(GOOD)
    assert (root.tag, root.text, root.get("b")) == ("{urn:x}a", "é", "c")
    assert parse_text(b"\xef\xbb\xbf" + GOOD).tag == "{urn:x}a"
    assert parse_text(b"<a>&amp;&#233;&lt;</a>").text == "&é<"


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"<!DOCTYPE a><a/>", "a document type"),
        (b'<!DOCTYPE a SYSTEM "http://evil.example/x.dtd"><a/>', "a document type"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "a document type"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "a document type"),
        (b"<a>&x;</a>", "not well-formed"),
        (b"<a>eve@acme.example<!-- -->.evil.example</a>", "a comment"),
        (b"<!-- before --><a/>", "a comment"),
        (b"<a/><!-- after -->", "a comment"),
        (b"<a><?php x?></a>", "a processing instruction"),
        (b'<?xml-stylesheet href="x"?><a/>', "a processing instruction"),
        (b"<a><![CDATA[b]]></a>", "a CDATA section"),
        (GOOD.decode().encode("utf-16"), "not UTF-8"),
        (GOOD.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "not UTF-8"),
        ("<a>b</a>".encode("utf-16-le"), "not well-formed"),
        ("<a>é</a>".encode("latin-1"), "not UTF-8"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "an encoding other than UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "UTF-8"),
        (b"<a>" * (MAXIMUM_DEPTH + 1) + b"</a>" * (MAXIMUM_DEPTH + 1), "nested deeper than 40"),
        (b"<a>" + b"<b/>" * MAXIMUM_ELEMENTS + b"</a>", "more than 4000 elements"),
        (b"<a>" + b"".join(b"<b%d/>" % n for n in range(MAXIMUM_NAMES)) + b"</a>", "different names"),
        (b"<a " + b" ".join(b'b%d=""' % n for n in range(MAXIMUM_NAMES)) + b"/>", "different names"),
        (b"<a>" + b"".join(b'<b xmlns="urn:%d"/>' % n for n in range(MAXIMUM_NAMES)) + b"</a>", "different names"),
        (b'<a xmlns="relative"/>', "a relative namespace URI"),
        (b'<a xmlns:b="../b"/>', "a relative namespace URI"),
        (b"<a>\0</a>", "not well-formed"),
        (b"<a/>\0", "not well-formed"),
        (b"<a>&#0;</a>", "not well-formed"),
        (b"<a b='1' b='2'/>", "not well-formed"),
        (b"<a/><a/>", "not well-formed"),
        (b"<a>", "not well-formed"),
        (b"<b:a/>", "not well-formed"),
        (b"", "not well-formed"),
        (b"text", "not well-formed"),
    ],
)
def test_a_document_is_refused(document: bytes, says: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_text(document)
    assert says in refused.value.detail
    assert "passwd" not in refused.value.detail, "nothing of the document is repeated"


def test_the_limits_themselves_still_pass() -> None:
    assert parse_text(b"<a>" * MAXIMUM_DEPTH + b"</a>" * MAXIMUM_DEPTH) is not None
    assert len(parse_text(b"<a>" + b"<b/>" * (MAXIMUM_ELEMENTS - 1) + b"</a>")) == MAXIMUM_ELEMENTS - 1
    names = b"".join(b"<b%d/>" % number for number in range(MAXIMUM_NAMES - 1))
    assert len(parse_text(b"<a>" + names + b"</a>")) == MAXIMUM_NAMES - 1


def test_metadata_may_have_comments_which_are_dropped_but_no_document_type() -> None:
    root = parse_text(b"<!-- x --><a>b<!-- c -->d<?e f?></a>", comments=True)
    assert ("".join(root.itertext()), len(root)) == ("bd", 0)
    for document in (b"<!DOCTYPE a><a/>", b"<a><![CDATA[b]]></a>"):
        with pytest.raises(Refused):
            parse_text(document, comments=True)


def encoded(document: bytes) -> str:
    return base64.b64encode(document).decode()


def test_a_form_with_one_base64_field_is_decoded_and_never_inflated() -> None:
    assert decode_form([encoded(GOOD)], ["state"]) == GOOD
    assert decode_form([encoded(GOOD)], []) == GOOD
    wrapped = "\r\n".join(encoded(GOOD)[at : at + 20] for at in range(0, 200, 20))
    assert decode_form([f" {wrapped}\n"], [""]) == GOOD


@pytest.mark.parametrize(
    ("responses", "states", "says"),
    [
        ([], ["x"], "holds 0 SAMLResponse fields"),
        ([encoded(GOOD)] * 2, ["x"], "holds 2 SAMLResponse fields"),
        ([encoded(GOOD)], ["x", "x"], "more than one RelayState"),
        ([""], ["x"], "not base64"),
        ([" \n"], ["x"], "not base64"),
        (["<a/>"], ["x"], "not base64"),
        ([encoded(GOOD)[:-3]], ["x"], "not base64"),
        ([encoded(b"ab")[:2] + "=" + encoded(b"ab")], ["x"], "not base64"),
        ([encoded(b"\xfb\xff").replace("+", "-").replace("/", "_")], ["x"], "not base64"),
        ([encoded(GOOD) + "é"], ["x"], "not base64"),
        ([encoded(GOOD).replace("=", "") + "%3D"], ["x"], "not base64"),
        ([encoded(b"<" * (MAXIMUM_BYTES + 1))], ["x"], "larger than 256 KB"),
        (["A" * (MAXIMUM_BYTES * 2)], ["x"], "larger than 256 KB"),
    ],
)
def test_a_form_is_refused(responses: list[str], states: list[str], says: str) -> None:
    with pytest.raises(Refused) as refused:
        decode_form(responses, states)
    assert says in refused.value.detail
