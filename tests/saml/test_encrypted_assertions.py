"""Encrypted assertions: what must pass, what must not, and that every failure looks the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xmlsec
from lxml import etree
from sqlalchemy import select

from database import db
from models import EncryptionKey, SignInAttempt
from organizations import encryption_keys
from saml.encryption import UNREADABLE
from tests.conftest import KEY_ENCRYPTION_KEY
from tests.saml import forge
from tests.saml.conftest import Gate
from tests.saml.forge import SAML, XENC, xpath

constants = xmlsec.constants
DATA = [
    constants.TransformAes128Cbc,
    constants.TransformAes192Cbc,
    constants.TransformAes256Cbc,
    constants.TransformAes128Gcm,
    constants.TransformAes192Gcm,
    constants.TransformAes256Gcm,
]


def our_certificate(gate: Gate) -> str:
    return gate.acme.connection.encryption_keys[0].certificate


def encrypted(gate: Gate, what: str = "assertion", **options: object) -> etree._Element:
    """As identity providers do it: the assertion is signed, then encrypted, then the Response is signed."""
    root = gate.message.xml()
    if what in ("assertion", "both"):
        forge.sign(xpath(root, "a:Assertion"), forge.signer_of("acme"))
    forge.encrypt(root, our_certificate(gate), **options)
    if what in ("response", "both"):
        forge.sign(root, forge.signer_of("acme"))
    return root


@pytest.mark.parametrize("what", ["assertion", "response", "both"])
@pytest.mark.parametrize("data", DATA, ids=lambda data: data.name)
def test_accepted(gate: Gate, what: str, data: object) -> None:
    assert gate.accepted(gate.post(encrypted(gate, what, data=data))).email == "eve@acme.example"


def test_the_key_may_stand_beside(gate: Gate) -> None:
    gate.accepted(gate.post(encrypted(gate, "both", beside=True)))


def test_prefixes_declared_outside_still_mean_the_same(gate: Gate) -> None:
    """The plaintext leans on a prefix of the Response; libxmlsec writes it as it stood."""
    root = encrypted(gate, "both")
    assert b"xmlns:saml" in etree.tostring(root)
    gate.accepted(gate.post(etree.tostring(root)))


def test_the_metadata_publishes_the_key(gate: Gate) -> None:
    metadata = gate.browser.client.get(f"/saml/{gate.acme.connection.public_id}/metadata").data
    assert metadata.count(b'use="encryption"') == 1
    assert "".join(our_certificate(gate).splitlines()[1:-1]).encode() in metadata


def test_during_a_roll_over_old_and_new_are_published_and_tried(gate: Gate) -> None:
    old = our_certificate(gate)
    encryption_keys.add(gate.acme, [KEY_ENCRYPTION_KEY])
    db.session.commit()
    metadata = gate.browser.client.get(f"/saml/{gate.acme.connection.public_id}/metadata").data
    assert metadata.count(b'use="encryption"') == 2
    assert our_certificate(gate) != old
    root = forge.signed(gate.message.xml(), "assertion", forge.signer_of("acme"))
    gate.accepted(gate.post(forge.encrypt(root, old)))


def test_a_retired_key_is_tried_no_more(gate: Gate) -> None:
    root = encrypted(gate)
    old = db.session.scalars(select(EncryptionKey)).one()
    encryption_keys.add(gate.acme, [KEY_ENCRYPTION_KEY])
    encryption_keys.retire(gate.acme, old.id)
    db.session.commit()
    assert gate.refused_by(gate.post(root)) == "decrypt"


def change_byte(root: etree._Element, which: int) -> None:
    value = root.findall(f".//{{{XENC}}}CipherValue")[which]
    middle = len(value.text) // 2
    while not value.text[middle].isalnum():
        middle += 1
    value.text = value.text[:middle] + ("A" if value.text[middle] != "A" else "B") + value.text[middle + 1 :]


def swap_key(root: etree._Element) -> None:
    stranger = forge.encrypt(gate_less_message().xml(), forge.signer(name="stranger").certificate)
    ours, theirs = (node.find(f".//{{{XENC}}}EncryptedKey") for node in (root, stranger))
    ours.getparent().replace(ours, theirs)


def gate_less_message() -> forge.Message:
    return forge.Message("https://idp.example", "https://sp.example/acs", "https://sp.example", "_x")


@pytest.mark.parametrize("data", DATA, ids=lambda data: data.name)
@pytest.mark.parametrize(
    "damage",
    [lambda root: change_byte(root, 0), lambda root: change_byte(root, 1), swap_key],
    ids=["key", "data", "another key"],
)
def test_every_failure_is_the_same_answer(gate: Gate, data: object, damage: Callable) -> None:
    root = encrypted(gate, data=data)
    damage(root)
    response = gate.post(root)
    refusal = gate.refused_by(response)
    assert refusal in ("decrypt", "signature")  # CBC alone does not notice every change
    detail = db.session.scalars(select(SignInAttempt.detail)).one()
    assert detail == UNREADABLE or refusal == "signature"
    assert "an answer that we cannot accept" in response.text


def drop(path: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        node = root.find(f".//{path}")
        node.getparent().remove(node)

    return change


def refer(root: etree._Element) -> None:
    data = root.find(f".//{{{XENC}}}CipherData")
    data.clear()
    etree.SubElement(data, f"{{{XENC}}}CipherReference", URI="http://127.0.0.1/")


def retrieve(root: etree._Element) -> None:
    info = root.find(f".//{{{XENC}}}EncryptedKey").getparent()
    etree.SubElement(info, f"{{{forge.DS}}}RetrievalMethod", URI="#x")


def second_data(root: etree._Element) -> None:
    data = root.find(f".//{{{XENC}}}EncryptedData")
    data.addnext(etree.fromstring(etree.tostring(data)))


def weaken(path: str, algorithm: str) -> Callable[[etree._Element], None]:
    return lambda root: root.find(f".//{path}/{{{XENC}}}EncryptionMethod").set("Algorithm", algorithm)


def second_box(root: etree._Element) -> None:
    box = root.find(f"{{{SAML}}}EncryptedAssertion")
    box.addnext(etree.fromstring(etree.tostring(box)))


def second_key(root: etree._Element) -> None:
    data = root.find(f".//{{{XENC}}}EncryptedData")
    data.addnext(etree.fromstring(etree.tostring(root.find(f".//{{{XENC}}}EncryptedKey"))))


ROWS = {
    "no key": (drop(f"{{{XENC}}}EncryptedKey"), "shape"),
    "no data": (drop(f"{{{XENC}}}EncryptedData"), "shape"),
    "a reference": (refer, "shape"),
    "a retrieval": (retrieve, "shape"),
    "two data": (second_data, "shape"),
    "two keys": (second_key, "shape"),
    "two encrypted assertions": (second_box, "shape"),
    "triple DES": (weaken(f"{{{XENC}}}EncryptedData", f"{XENC}tripledes-cbc"), "decrypt"),
    "RSA 1.5": (weaken(f"{{{XENC}}}EncryptedKey", f"{XENC}rsa-1_5"), "decrypt"),
}


@pytest.mark.parametrize("name", ROWS)
def test_refused_forms(gate: Gate, name: str) -> None:
    change, refusal = ROWS[name]
    root = encrypted(gate)
    change(root)
    assert gate.refused_by(gate.post(root)) == refusal


def test_encrypting_does_not_stand_in_for_signing(gate: Gate) -> None:
    root = forge.encrypt(gate.message.xml(), our_certificate(gate))
    assert gate.refused_by(gate.post(root)) == "signature"


def test_a_signed_response_is_verified_before_anything_is_decrypted(gate: Gate) -> None:
    root = encrypted(gate, "response")
    change_byte(root, 1)
    assert gate.refused_by(gate.post(root)) == "signature"


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"text only",
        b"<a/>",
        b"</saml:EncryptedAssertion><x/><saml:EncryptedAssertion>",
        b"<!DOCTYPE a><a/>",
        b"\xff",
    ],
)
def test_whatever_the_plaintext_is_it_goes_through_the_same_checks(gate: Gate, plaintext: bytes) -> None:
    root = gate.message.xml()
    forge.encrypt(root, our_certificate(gate))
    forge.put_ciphertext(root, our_certificate(gate), plaintext)
    forge.sign(root, forge.signer_of("acme"))
    assert gate.refused_by(gate.post(root)) == "decrypt"


def test_a_connection_without_a_key_says_so_to_the_admin(gate: Gate) -> None:
    root = encrypted(gate)
    db.session.execute(db.delete(EncryptionKey))
    db.session.commit()
    assert gate.refused_by(gate.post(root)) == "decrypt"
    assert "publishes no encryption key" in db.session.scalars(select(SignInAttempt.detail)).one()
