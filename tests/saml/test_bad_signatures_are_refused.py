"""Signatures that are missing, of another key, of a weak algorithm, or over something else.

Each fault is tried in every signature there may be: that of the assertion and that of the Response, alone or beside
an honest one, in the clear and encrypted.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
import xmlsec
from lxml import etree

from database import db
from models import SSOConfiguration
from tests.saml import forge
from tests.saml.changes import remove, text
from tests.saml.conftest import Gate
from tests.saml.forge import DS, ENVELOPED, EXC, NAMES, Change, xpath
from tests.saml.variants import ENCRYPTED, SIGNATURES, VARIANTS, answer, answers, everywhere, sealed

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XPATH_TRANSFORM = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
KEY_INFO = "<ds:KeyInfo><ds:KeyName>not read</ds:KeyName></ds:KeyInfo>"
Place = tuple[str, str]
# Those with just one signature.
ONCE = ["response", "assertion", "encrypted", "encrypted in a signed response"]


def trust(gate: Gate, certificate: str) -> None:
    db.session.get_one(SSOConfiguration, gate.acme.connection.live_configuration_id).certificates = [certificate]
    db.session.commit()


def faulty(gate: Gate, **fault: Any) -> dict[Place, str]:
    """What a message with this fault in one of its signatures is answered, for each of them."""
    return {
        (variant, at): answer(gate, sealed(gate, variant, gate.message.xml(), at=at, **fault))
        for variant, at in SIGNATURES
    }


def our_certificate(gate: Gate) -> str:
    return gate.acme.connection.encryption_keys[0].certificate


def wanted(refusal: str, inside: str | None = None) -> dict[Place, str]:
    """`inside`: what it is where the signature stands in a plaintext."""
    hidden = {place for place in SIGNATURES if place[0] in ENCRYPTED and place[1] == "assertion"}
    return {place: inside if inside and place in hidden else refusal for place in SIGNATURES}


def test_nothing_is_signed(gate: Gate) -> None:
    for root in (gate.honest("none"), forge.encrypt(gate.honest("none"), our_certificate(gate))):
        assert gate.refused_by(gate.post(root)) == "signature"


def test_the_signature_was_taken_out(gate: Gate) -> None:
    found = answers(gate, variants=ONCE, spoil=lambda signature: signature.getparent().remove(signature))
    assert found == everywhere("signature", ONCE)
    covered = etree.fromstring(sealed(gate, "both", gate.message.xml()))
    remove("a:Assertion/ds:Signature")(covered)
    assert gate.refused_by(gate.post(covered)) == "signature", "that of the Response covers the other one"


@pytest.mark.parametrize("place", [b"</saml:NameID>", b"</saml:AttributeValue>"])
def test_a_changed_person(gate: Gate, place: bytes) -> None:
    """Changed after it was signed. What only the Response around it signs is changed below, in what was encrypted."""
    before, after = b"eve@acme.example" + place, b"ana@acme.example" + place
    variants = [name for name in VARIANTS if name != "encrypted in a signed response"]
    found = answers(gate, variants=variants, text=lambda document: document.replace(before, after))
    assert found == everywhere("signature", variants)


@pytest.mark.parametrize("keep", [False, True], ids=["unsigned", "with the signature of the true one"])
@pytest.mark.parametrize("variant", ENCRYPTED)
def test_anybody_can_encrypt_for_us(gate: Gate, variant: str, keep: bool) -> None:
    """Our key is public. The plaintext of a message that is otherwise true is replaced by another person's."""
    evil = gate.honest("assertion" if keep else "none")
    text("a:Assertion/a:Subject/a:NameID", "ana@acme.example")(evil)
    sent = etree.fromstring(sealed(gate, variant, gate.message.xml()))
    forge.put_ciphertext(sent, our_certificate(gate), etree.tostring(xpath(evil, "a:Assertion")))
    assert gate.refused_by(gate.post(sent)) == "signature"


def test_another_key(gate: Gate) -> None:
    assert faulty(gate, by=forge.signer()) == wanted("signature")


def test_a_key_that_the_message_carries(gate: Gate) -> None:
    stranger = forge.signer()
    body = "".join(line for line in stranger.certificate.splitlines() if "-----" not in line)
    info = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    assert faulty(gate, by=stranger, key_info=info) == wanted("signature")


@pytest.mark.parametrize("part", ["SignatureValue", "DigestValue"])
@pytest.mark.parametrize("value", ["", "AAAA", "not base64"])
def test_values_that_are_empty_or_wrong(gate: Gate, part: str, value: str) -> None:
    def spoil(signature: etree._Element) -> None:
        xpath(signature, f".//ds:{part}").text = value

    assert faulty(gate, spoil=spoil) == wanted("signature")


@pytest.mark.parametrize("part", [b"<ds:DigestValue>", b"<ds:SignatureValue>"])
@pytest.mark.parametrize("inner", [b"<!-- x -->", b"<?x y?>"])
def test_a_comment_in_a_value(gate: Gate, part: bytes, inner: bytes) -> None:
    """Inside an encrypted assertion that is itself not signed there is no such value."""
    variants = [name for name in VARIANTS if name != "encrypted in a signed response"]
    found = answers(gate, variants=variants, text=lambda document: document.replace(part, part + inner))
    assert found == {name: "decrypt" if name in ENCRYPTED else "text" for name in variants}
    document = sealed(gate, "encrypted in a signed response", gate.message.xml())
    assert answer(gate, document.replace(part, part + inner)) == "text"


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (f"{DS}rsa-sha1", forge.SHA256),
        (forge.RSA_SHA256, f"{DS}sha1"),
        (f"{DS}rsa-sha1", f"{DS}sha1"),
        (f"{MORE}rsa-md5", forge.SHA256),
        (forge.RSA_SHA256, f"{MORE}md5"),
    ],
)
def test_sha1_and_md5_that_would_verify(gate: Gate, method: str, digest: str) -> None:
    assert faulty(gate, method=method, digest=digest) == wanted("signature")


@pytest.mark.parametrize("method", [f"{DS}dsa-sha1", "", "urn:unknown", f"{MORE}rsa-ripemd160", f"{DS}hmac-sha1"])
@pytest.mark.parametrize("name", ["SignatureMethod", "DigestMethod", "CanonicalizationMethod"])
def test_methods_that_are_not_known(gate: Gate, name: str, method: str) -> None:
    assert faulty(gate, spoil=lambda signature: xpath(signature, f".//ds:{name}").set("Algorithm", method)) == wanted(
        "signature"
    )


def test_hmac_over_the_public_certificate(gate: Gate) -> None:
    public = forge.signer_of("acme").certificate.encode()
    by = forge.Signer(xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, public), "")
    assert faulty(gate, by=by, method=f"{MORE}hmac-sha256") == wanted("signature")


def test_a_key_of_1024_bits(gate: Gate) -> None:
    weak = forge.signer("RSA-1024")
    trust(gate, weak.certificate)
    assert answers(gate, by=weak) == everywhere("signature")


@pytest.mark.parametrize(
    "transforms",
    [(ENVELOPED,), (ENVELOPED, C14N), (ENVELOPED, f"{EXC}WithComments"), (ENVELOPED, EXC, EXC)],
    ids=["no canonicalization", "inclusive", "with comments", "twice"],
)
def test_transforms_that_would_verify(gate: Gate, transforms: tuple[str, ...]) -> None:
    assert faulty(gate, transforms=transforms) == wanted("signature")


@pytest.mark.parametrize("transforms", [(EXC,), (), (EXC, ENVELOPED)], ids=["exclusive", "none", "the other way round"])
def test_transforms_that_cannot_be_computed_where_they_stand(gate: Gate, transforms: tuple[str, ...]) -> None:
    def spoil(signature: etree._Element) -> None:
        holder = xpath(signature, ".//ds:Transforms")
        for child in list(holder):
            holder.remove(child)
        for transform in transforms:
            etree.SubElement(holder, f"{{{DS}}}Transform", Algorithm=transform)

    assert faulty(gate, spoil=spoil) == wanted("signature")


@pytest.mark.parametrize("transform", [XPATH_TRANSFORM, XSLT, f"{DS}base64"])
def test_transforms_that_choose_or_change_what_is_signed(gate: Gate, transform: str) -> None:
    def spoil(signature: etree._Element) -> None:
        node = signature.xpath(".//ds:Transform", namespaces=NAMES)[1]
        node.set("Algorithm", transform)
        node.text = "not(ancestor-or-self::*[local-name()='Subject'])"

    assert faulty(gate, spoil=spoil) == wanted("signature")


def test_inclusive_canonicalization(gate: Gate) -> None:
    assert faulty(gate, canonicalization=C14N) == wanted("signature")


@pytest.mark.parametrize("uri", ["", "#", "#_response-0002", "http://127.0.0.1/other", "#xpointer(/)"])
def test_a_reference_to_something_else(gate: Gate, uri: str) -> None:
    assert faulty(gate, spoil=lambda signature: xpath(signature, ".//ds:Reference").set("URI", uri)) == wanted(
        "signature"
    )


def test_a_whole_document_reference_that_verifies(gate: Gate) -> None:
    root = forge.signed(gate.message.xml(), "response", forge.signer_of("acme"), uri="")
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize("name", ["Reference", "SignedInfo", "SignatureMethod", "DigestValue", "SignatureValue"])
def test_parts_that_stand_twice(gate: Gate, name: str) -> None:
    def spoil(signature: etree._Element) -> None:
        node = xpath(signature, f".//ds:{name}")
        node.addnext(copy.deepcopy(node))

    assert faulty(gate, spoil=spoil) == wanted("signature")


@pytest.mark.parametrize("name", ["KeyInfo", "SignatureValue"])
def test_an_object_beside(gate: Gate, name: str) -> None:
    def spoil(signature: etree._Element) -> None:
        xpath(signature, f"ds:{name}").addnext(etree.Element(f"{{{DS}}}Object"))

    assert faulty(gate, spoil=spoil, key_info=KEY_INFO) == wanted("shape", inside="decrypt")


def second(signature: etree._Element) -> None:
    signature.addnext(copy.deepcopy(signature))


def elsewhere(signature: etree._Element) -> None:
    signature.getparent().append(signature)


@pytest.mark.parametrize("spoil", [second, elsewhere])
def test_a_second_signature_or_one_in_another_place(gate: Gate, spoil: Change) -> None:
    assert faulty(gate, spoil=spoil) == wanted("shape", inside="decrypt")
