"""Signatures that are missing, of another key, of a weak algorithm, or over something else."""

from __future__ import annotations

import copy

import pytest
import xmlsec
from lxml import etree

from database import db
from models import SSOConfiguration
from tests.saml import forge
from tests.saml.conftest import Gate
from tests.saml.forge import DS, ENVELOPED, EXC, NAMES, xpath

SIGNED = ["assertion", "response", "both"]
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XPATH_TRANSFORM = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def trust(gate: Gate, certificate: str) -> None:
    db.session.get_one(SSOConfiguration, gate.acme.connection.live_configuration_id).certificates = [certificate]
    db.session.commit()


def signature(root: etree._Element) -> etree._Element:
    return root.xpath("//ds:Signature", namespaces=NAMES)[0]


def test_nothing_is_signed(gate: Gate) -> None:
    assert gate.refused_by(gate.post(gate.honest("none"))) == "signature"


@pytest.mark.parametrize("what", SIGNED)
def test_signed_by_another_key(gate: Gate, what: str) -> None:
    root = forge.signed(gate.message.xml(), what, forge.signer())
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize("what", SIGNED)
def test_signed_by_a_key_that_the_message_carries(gate: Gate, what: str) -> None:
    stranger = forge.signer()
    body = "".join(line for line in stranger.certificate.splitlines() if "-----" not in line)
    info = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    root = forge.signed(gate.message.xml(), what, stranger, key_info=info)
    assert gate.refused_by(gate.post(root)) == "signature"


def test_key_info_of_somebody_else_does_not_matter(gate: Gate) -> None:
    info = "<ds:KeyInfo><ds:KeyName>not read</ds:KeyName></ds:KeyInfo>"
    gate.accepted(gate.post(gate.honest(key_info=info)))


@pytest.mark.parametrize("what", SIGNED)
@pytest.mark.parametrize("part", ["SignatureValue", "DigestValue"])
@pytest.mark.parametrize("value", ["", "AAAA", "not base64"])
def test_values_that_are_empty_or_wrong(gate: Gate, what: str, part: str, value: str) -> None:
    root = gate.honest(what)
    for node in root.xpath(f"//ds:{part}", namespaces=NAMES):
        node.text = value
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize("what", SIGNED)
@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (f"{DS}rsa-sha1", forge.SHA256),
        (forge.RSA_SHA256, f"{DS}sha1"),
        (f"{DS}rsa-sha1", f"{DS}sha1"),
    ],
)
def test_sha1(gate: Gate, what: str, method: str, digest: str) -> None:
    root = forge.signed(gate.message.xml(), what, forge.signer_of("acme"), method=method, digest=digest)
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize("method", [f"{MORE}rsa-md5", f"{DS}dsa-sha1", "", "urn:unknown", f"{MORE}rsa-ripemd160"])
def test_methods_that_are_not_known(gate: Gate, method: str) -> None:
    root = gate.honest()
    root.xpath("//ds:SignatureMethod", namespaces=NAMES)[0].set("Algorithm", method)
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize("what", SIGNED)
def test_hmac_over_the_public_certificate(gate: Gate, what: str) -> None:
    public = forge.signer_of("acme").certificate.encode()
    by = forge.Signer(xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, public), "")
    root = forge.signed(gate.message.xml(), what, by, method=f"{MORE}hmac-sha256")
    assert gate.refused_by(gate.post(root)) == "signature"


def test_a_key_of_1024_bits(gate: Gate) -> None:
    weak = forge.signer("RSA-1024")
    trust(gate, weak.certificate)
    assert gate.refused_by(gate.post(forge.signed(gate.message.xml(), "both", weak))) == "signature"


@pytest.mark.parametrize("what", SIGNED)
@pytest.mark.parametrize(
    "transforms",
    [
        (ENVELOPED,),
        (EXC,),
        (),
        (EXC, ENVELOPED),
        (ENVELOPED, C14N),
        (ENVELOPED, f"{EXC}WithComments"),
        (ENVELOPED, EXC, EXC),
    ],
    ids=lambda transforms: "+".join(t.rpartition("#")[2] or "c14n" for t in transforms) or "none",
)
def test_transforms_other_than_enveloped_and_exclusive(gate: Gate, what: str, transforms: tuple[str, ...]) -> None:
    if transforms[:1] == (ENVELOPED,):
        root = forge.signed(gate.message.xml(), what, forge.signer_of("acme"), transforms=transforms)
    else:  # cannot be computed over the element it stands in; the form alone is refused
        root = gate.honest(what)
        for holder in root.xpath("//ds:Transforms", namespaces=NAMES):
            for child in list(holder):
                holder.remove(child)
            for transform in transforms:
                etree.SubElement(holder, f"{{{DS}}}Transform", Algorithm=transform)
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize("transform", [XPATH_TRANSFORM, XSLT, f"{DS}base64"])
def test_transforms_that_choose_or_change_what_is_signed(gate: Gate, transform: str) -> None:
    root = gate.honest()
    node = root.xpath("//ds:Transform", namespaces=NAMES)[1]
    node.set("Algorithm", transform)
    node.text = "not(ancestor-or-self::*[local-name()='Subject'])"
    assert gate.refused_by(gate.post(root)) == "signature"


def test_inclusive_canonicalization(gate: Gate) -> None:
    root = forge.signed(gate.message.xml(), "assertion", forge.signer_of("acme"), canonicalization=C14N)
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize("uri", ["", "#_response-0001", "#", "http://127.0.0.1/other", "#xpointer(/)"])
def test_a_reference_to_something_else(gate: Gate, uri: str) -> None:
    root = gate.honest()
    root.xpath("//ds:Reference", namespaces=NAMES)[0].set("URI", uri)
    assert gate.refused_by(gate.post(root)) == "signature"


def test_a_whole_document_reference_that_verifies(gate: Gate) -> None:
    root = forge.signed(gate.message.xml(), "response", forge.signer_of("acme"), uri="")
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize("path", ["//ds:Reference", "//ds:SignedInfo", "//ds:SignatureMethod", "//ds:DigestValue"])
def test_parts_that_stand_twice(gate: Gate, path: str) -> None:
    root = gate.honest()
    node = root.xpath(path, namespaces=NAMES)[0]
    node.addnext(copy.deepcopy(node))
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize("path", ["//ds:KeyInfo", "//ds:SignatureValue"])
def test_an_object_beside(gate: Gate, path: str) -> None:
    root = gate.honest(key_info="<ds:KeyInfo><ds:KeyName>x</ds:KeyName></ds:KeyInfo>")
    root.xpath(path, namespaces=NAMES)[0].addnext(etree.Element(f"{{{DS}}}Object"))
    assert gate.refused_by(gate.post(root)) == "shape"


def test_two_signatures_in_one_element(gate: Gate) -> None:
    root = gate.honest()
    first = signature(root)
    first.addnext(copy.deepcopy(first))
    assert gate.refused_by(gate.post(root)) == "shape"


def test_a_signature_in_another_place(gate: Gate) -> None:
    root = gate.honest()
    xpath(root, "a:Assertion").append(signature(root))
    assert gate.refused_by(gate.post(root)) == "shape"


@pytest.mark.parametrize("what", SIGNED)
@pytest.mark.parametrize(
    "path", ["a:Subject/a:NameID", "a:AttributeStatement/a:Attribute/a:AttributeValue[contains(., '@')]"]
)
def test_a_changed_person(gate: Gate, what: str, path: str) -> None:
    root = gate.honest(what)
    xpath(root, f"a:Assertion/{path}").text = "ana@acme.example"
    assert gate.refused_by(gate.post(root)) == "signature"


def test_both_signed_and_one_of_them_broken(gate: Gate) -> None:
    root = gate.honest("both")
    xpath(root, "ds:Signature/ds:SignatureValue").text = "AAAA"
    assert gate.refused_by(gate.post(root)) == "signature"


def test_a_comment_in_a_value(gate: Gate) -> None:
    text = etree.tostring(gate.honest()).replace(b"<ds:DigestValue>", b"<ds:DigestValue><!-- x -->")
    assert gate.refused_by(gate.post(text)) == "text"
