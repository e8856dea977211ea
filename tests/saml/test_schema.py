"""The schema check that pysaml2 asks for: libxml2 on what was sent first, pysaml2's own validator where it refuses."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import saml2.xml.schema
from lxml import etree
from saml2 import create_class_from_xml_string, samlp

from saml import client, schema
from tests.saml import forge
from tests.saml.conftest import Gate

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def own_validator() -> Any:
    """pysaml2's, as it was before ours was put in front of it."""
    return saml2.xml.schema._create_xml_schema_validator()


def read(root: etree._Element) -> samlp.Response:
    return create_class_from_xml_string(samlp.Response, etree.tostring(root))


def address_with_a_percent_sign(root: etree._Element) -> None:
    """For libxml2 that is no xs:anyURI, of which XML Schema itself says that every text is one (Datatypes 3.2.17)."""
    value = forge.xpath(root, "//a:Attribute[@Name='lastName']/a:AttributeValue")
    value.set(f"{{{XSI}}}type", "xs:anyURI")
    value.text = "50% club"


def never(*_arguments: object, **_options: object) -> None:
    raise AssertionError("must not be called")


@pytest.fixture
def final(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What came as far as pysaml2's own validator."""
    asked: list[str] = []
    ours = saml2.xml.schema._schema_validator_default
    stock = ours._final

    class Listening:
        def validate(self, document: str) -> None:
            asked.append(document)
            stock.validate(document)

    monkeypatch.setattr(ours, "_final", Listening())
    return asked


@pytest.mark.parametrize("what", ["assertion", "response", "both"])
def test_an_honest_response_is_valid_as_sent(gate: Gate, final: list[str], what: str) -> None:
    root = gate.honest(what)
    assert schema.accepts(root)
    assert schema.accepts(forge.xpath(root, "a:Assertion"))
    own_validator().validate(etree.tostring(root).decode())
    gate.accepted(gate.post(root))
    assert final == [], "the slow validator was not needed"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda root: forge.xpath(root, "//a:AuthnStatement").attrib.pop("AuthnInstant"),
        lambda root: forge.xpath(root, "//a:AuthnStatement").set("AuthnInstant", "yesterday"),
        lambda root: forge.xpath(root, "//a:Conditions").set("Unknown", "1"),
        lambda root: forge.xpath(root, "//a:AuthnContext").clear(),
        lambda root: forge.xpath(root, "a:Assertion").attrib.pop("IssueInstant"),
    ],
)
def test_an_invalid_one_is_refused_by_both(gate: Gate, final: list[str], spoil: forge.Change) -> None:
    root = gate.honest("assertion", spoil)
    assertion = forge.xpath(root, "a:Assertion")
    assert not schema.accepts(assertion)
    with pytest.raises(saml2.xml.schema.XMLSchemaError):
        saml2.xml.schema.validate(schema.text_of(assertion, read(root).assertion[0]))
    assert len(final) == 1, "its word is final, so it was asked"
    assert gate.refused_by(gate.post(root)) == "pysaml2"


def test_what_only_pysaml2s_own_validator_takes_passes(gate: Gate, final: list[str]) -> None:
    document = etree.tostring(gate.message.xml())
    types = b'<saml:Assertion xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    root = etree.fromstring(document.replace(b"<saml:Assertion ", types))
    address_with_a_percent_sign(root)
    forge.signed(root, "assertion", forge.signer_of("acme"))
    assert not schema.accepts(forge.xpath(root, "a:Assertion"))
    gate.accepted(gate.post(root))
    assert len(final) == 1


def test_the_marker_is_made_only_of_an_element_that_is_valid(gate: Gate) -> None:
    root = gate.honest()
    assert isinstance(schema.text_of(root, "what was read"), schema.ValidAsSent)
    root.attrib.pop("Version")
    shown = schema.text_of(root, "what was read")
    assert shown == "what was read"
    assert not isinstance(shown, schema.ValidAsSent)


def test_any_other_text_goes_to_pysaml2s_own_validator(gate: Gate, final: list[str]) -> None:
    for text in ("", "<a/>"):
        with pytest.raises(saml2.xml.schema.XMLSchemaError):
            saml2.xml.schema.validate(text)
    saml2.xml.schema.validate(str(read(gate.honest())))
    assert len(final) == 3


def test_it_is_put_in_place_once() -> None:
    schema.install()
    assert not isinstance(saml2.xml.schema._schema_validator_default._final, schema._Validator)
    assert client.schema is schema, "the module that makes clients installs it"


def test_compiling_it_reads_the_folder_of_pysaml2_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    read_bytes: Callable[[Path], bytes] = Path.read_bytes

    def listening(path: Path) -> bytes:
        opened.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", listening)
    monkeypatch.setattr(socket, "socket", never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    schema.compile_schema()
    assert {path.name for path in opened} == {
        "saml-schema-protocol-2.0.xsd",
        "saml-schema-assertion-2.0.xsd",
        "xmldsig-core-schema.xsd",
        "xenc-schema.xsd",
    }
    assert {path.parent for path in opened} == {schema._FOLDER}
    assert "http" not in etree.LIBXML_FEATURES, "libxml2 itself cannot reach the network"


def test_a_schema_that_is_not_in_the_folder_is_not_looked_for_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_FOLDER", Path(__file__).parent)
    with pytest.raises(FileNotFoundError):
        schema.compile_schema()
