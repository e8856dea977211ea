"""Signature wrapping, however the message is signed and encrypted: never anybody, never a 500."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from lxml import etree

from tests.saml import forge
from tests.saml.conftest import Gate
from tests.saml.forge import DS, SAML, SAMLP, XENC, xpath
from tests.saml.variants import ENCRYPTED, sealed
from tests.saml.wrapping import FORGERIES, evil_assertion

BOX = f"{{{SAML}}}EncryptedAssertion"


def our_certificate(gate: Gate) -> str:
    return gate.acme.connection.encryption_keys[0].certificate


@pytest.mark.parametrize("what", ["assertion", "response", "both"])
@pytest.mark.parametrize("name", FORGERIES)
def test_in_the_clear(gate: Gate, what: str, name: str) -> None:
    honest = gate.honest(what)
    forged = FORGERIES[name](etree.fromstring(etree.tostring(honest)))
    assert gate.refused_by(gate.post(forged)) in ("shape", "signature")
    # The document that it was made from is good: it is the wrapping that was refused.
    gate.accepted(gate.post(honest))


@pytest.mark.parametrize("what", ["assertion", "response", "both"])
@pytest.mark.parametrize("name", FORGERIES)
def test_inside_what_is_encrypted(gate: Gate, what: str, name: str) -> None:
    """The forged document is made first, then what is left of its assertion is encrypted."""
    forged = FORGERIES[name](gate.honest(what))
    first, *others = [*forged.findall(f"{{{SAML}}}Assertion"), None]
    for extra in others[:-1]:
        first.append(extra)
    if first is not None:
        forge.encrypt(forged, our_certificate(gate))
    assert gate.refused_by(gate.post(forged)) in ("shape", "decrypt", "signature")


def beside(root: etree._Element, evil: etree._Element, _clear: etree._Element) -> None:
    root.append(evil)


def before(root: etree._Element, evil: etree._Element, _clear: etree._Element) -> None:
    root.find(BOX).addprevious(evil)


def in_the_clear_beside(root: etree._Element, _evil: etree._Element, clear: etree._Element) -> None:
    root.append(clear)


def in_the_clear_before(root: etree._Element, _evil: etree._Element, clear: etree._Element) -> None:
    root.find(BOX).addprevious(clear)


def in_the_clear_in_the_box(root: etree._Element, _evil: etree._Element, clear: etree._Element) -> None:
    root.find(BOX).append(clear)


def in_the_box(root: etree._Element, evil: etree._Element, _clear: etree._Element) -> None:
    root.find(BOX).append(evil[0])


def around(root: etree._Element, evil: etree._Element, _clear: etree._Element) -> None:
    true = root.find(BOX)
    root.replace(true, evil)
    evil.append(true)


def true_one_in(tag: str) -> Callable[[etree._Element, etree._Element, etree._Element], None]:
    """The true one kept elsewhere, the evil one in its place."""

    def forge_it(root: etree._Element, evil: etree._Element, _clear: etree._Element) -> None:
        true = root.find(BOX)
        root.replace(true, evil)
        holder = etree.Element(tag)
        holder.append(true)
        if tag == f"{{{DS}}}Object":
            root.insert(1, etree.Element(f"{{{DS}}}Signature")) if root.find(f"{{{DS}}}Signature") is None else None
            root.find(f"{{{DS}}}Signature").append(holder)
        elif tag == f"{{{SAMLP}}}StatusDetail":
            xpath(root, "p:Status").append(holder)
        else:
            xpath(root, "p:Status").addprevious(holder)

    return forge_it


def true_response_within(root: etree._Element, evil: etree._Element, _clear: etree._Element) -> None:
    """XSW1 and XSW2: the whole true Response stays, in the forged one's Signature or before it."""
    true = copy.deepcopy(root)
    root.replace(root.find(BOX), evil)
    root.set("ID", "_evil-response")
    holder = root.find(f"{{{DS}}}Signature")
    if holder is None:
        root.insert(1, true)
    else:
        holder.append(true)


def anothers_data_with_the_true_key(root: etree._Element, evil: etree._Element, _clear: etree._Element) -> None:
    true = root.find(BOX)
    true.replace(true[0], evil[0])
    true.append(copy.deepcopy(true[0].find(f".//{{{XENC}}}EncryptedKey")))


ENCRYPTED_FORGERIES = {
    "beside": beside,
    "before": before,
    "in the clear beside": in_the_clear_beside,
    "in the clear before": in_the_clear_before,
    "in the clear in the box": in_the_clear_in_the_box,
    "in the box": in_the_box,
    "around": around,
    "true one in Extensions": true_one_in(f"{{{SAMLP}}}Extensions"),
    "true one in Advice": true_one_in(f"{{{SAML}}}Advice"),
    "true one in StatusDetail": true_one_in(f"{{{SAMLP}}}StatusDetail"),
    "true one in Object": true_one_in(f"{{{DS}}}Object"),
    "true Response within": true_response_within,
    "another's data with the true key": anothers_data_with_the_true_key,
}


@pytest.mark.parametrize("keep", [False, True], ids=["unsigned", "with the signature of the true one"])
@pytest.mark.parametrize("name", ENCRYPTED_FORGERIES)
def test_around_what_is_encrypted(gate: Gate, name: str, keep: bool) -> None:
    """Whoever has seen a true message cannot read it, but can encrypt an assertion of their own for us."""
    for variant in ENCRYPTED:
        sent = sealed(gate, variant, gate.message.xml())
        clear = evil_assertion(xpath(gate.honest("assertion"), "a:Assertion"), keep_signature=keep)
        box = gate.message.xml()
        forge.encrypt(box, our_certificate(gate))
        forge.put_ciphertext(box, our_certificate(gate), etree.tostring(clear))
        root = etree.fromstring(sent)
        ENCRYPTED_FORGERIES[name](root, box.find(BOX), clear)
        assert gate.refused_by(gate.post(root)) == "shape", variant


@pytest.mark.parametrize("order", [1, -1], ids=["true one first", "evil one first"])
@pytest.mark.parametrize("new_id", ["_evil-0001", None], ids=["its own ID", "the same ID"])
def test_two_assertions_in_one_plaintext(gate: Gate, order: int, new_id: str | None) -> None:
    true = xpath(gate.honest("assertion"), "a:Assertion")
    plaintext = b"".join([etree.tostring(true), etree.tostring(evil_assertion(true, new_id))][::order])
    assert _with_plaintext(gate, plaintext) == "decrypt"


def test_what_is_encrypted_twice(gate: Gate) -> None:
    inner = etree.fromstring(sealed(gate, "encrypted", gate.message.xml())).find(BOX)
    assert _with_plaintext(gate, etree.tostring(inner)) == "decrypt"
    assert _with_plaintext(gate, etree.tostring(inner[0])) == "decrypt"


def _with_plaintext(gate: Gate, plaintext: bytes) -> str:
    root = gate.message.xml()
    forge.encrypt(root, our_certificate(gate))
    forge.put_ciphertext(root, our_certificate(gate), plaintext)
    return gate.refused_by(gate.post(root))
