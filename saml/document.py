"""From what was posted to one XML tree: the checks `form` and `text`.

Nothing here knows SAML. The bytes are looked at before a tree is built from them: size, encoding, and one pass
with expat that counts what the tree would hold and stops at what must not be in it. Only then lxml parses, once,
without network, entities or DTD.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import NoReturn
from xml.parsers import expat

from lxml import etree

from saml.receipt import Refused

MAXIMUM_BYTES = 256 * 1024
MAXIMUM_ELEMENTS = 4_000
MAXIMUM_DEPTH = 40
# libxml2 keeps every distinct name for the life of the thread, so their number is bounded before it sees them.
MAXIMUM_NAMES = 160

_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def decode_form(saml_responses: Sequence[str], relay_states: Sequence[str]) -> bytes:
    """The document of an HTTP-POST binding (SAML bindings 3.5.4): strict base64, white space allowed, not inflated."""
    if len(saml_responses) != 1:
        raise Refused(f"the form holds {len(saml_responses)} SAMLResponse fields; exactly one is expected")
    if len(relay_states) > 1:
        raise Refused("the form holds more than one RelayState")
    if len(saml_responses[0]) > MAXIMUM_BYTES * 3 // 2:
        raise Refused(f"the message is larger than {MAXIMUM_BYTES // 1024} KB")
    try:
        packed = b"".join(saml_responses[0].encode("ascii").split())
        if not packed or not _BASE64.fullmatch(packed):
            raise Refused("SAMLResponse is not base64")
        document = base64.b64decode(packed, validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Refused("SAMLResponse is not base64") from error
    if len(document) > MAXIMUM_BYTES:
        raise Refused(f"the message is larger than {MAXIMUM_BYTES // 1024} KB")
    return document


def parse_text(document: bytes, comments: bool = False) -> etree._Element:
    """The root of a document that is plain UTF-8 XML within the limits. Raises Refused.

    `comments` admits comments and processing instructions and drops them: metadata files are full of them. In a
    message they are refused, since they split the text of an element for one reader and not for another.
    """
    try:
        document.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("the document is not UTF-8") from error
    _look_before_parsing(document, comments)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        collect_ids=False,
        remove_comments=comments,
        remove_pis=comments,
    )
    try:
        return etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise Refused("the document is not well-formed XML") from error


def _refuse(what: str) -> NoReturn:
    raise Refused(f"the document holds {what}, which is not allowed")


def _look_before_parsing(document: bytes, comments: bool) -> None:
    """One pass over the bytes that builds nothing."""
    parser = expat.ParserCreate(namespace_separator=" ")
    names: set[str] = set()
    elements = depth = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal elements, depth
        elements += 1
        depth += 1
        names.add(name)
        if attributes:
            names.update(attributes)
        if elements > MAXIMUM_ELEMENTS:
            _refuse(f"more than {MAXIMUM_ELEMENTS} elements")
        if depth > MAXIMUM_DEPTH:
            _refuse(f"elements nested deeper than {MAXIMUM_DEPTH}")
        if len(names) > MAXIMUM_NAMES:
            _refuse(f"more than {MAXIMUM_NAMES} different names")

    def on_end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def on_namespace(prefix: str | None, uri: str | None) -> None:
        names.add(f"{prefix}={uri}")
        if uri and not _ABSOLUTE_URI.match(uri):
            _refuse("a relative namespace URI")

    def on_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.upper() != "UTF-8":
            _refuse("an encoding other than UTF-8")

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.StartNamespaceDeclHandler = on_namespace
    parser.XmlDeclHandler = on_declaration
    parser.StartDoctypeDeclHandler = lambda *_: _refuse("a document type")
    parser.EntityDeclHandler = lambda *_: _refuse("an entity")
    if not comments:
        parser.CommentHandler = lambda *_: _refuse("a comment")
        parser.ProcessingInstructionHandler = lambda *_: _refuse("a processing instruction")
    parser.StartCdataSectionHandler = lambda: _refuse("a CDATA section")
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise Refused("the document is not well-formed XML") from error
