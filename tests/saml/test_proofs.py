"""A signature that was verified is not computed again for pysaml2: only where it asks for the very same, unchanged."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest
from lxml import etree
from saml2.sigver import SignatureError

from saml import backend, service_provider
from saml.backend import AtHand, InProcessBackend, at_hand
from saml.document import parse_text
from saml.shape import read_shape
from saml.signatures import Proof, verify_element
from tests.saml import forge
from tests.saml.conftest import Gate

NODE = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"


class Question:
    """pysaml2's question about the assertion of one document, and what our check found out before."""

    def __init__(self, gate: Gate) -> None:
        self.document = etree.tostring(gate.honest())
        self.certificate = forge.signer_of("acme").certificate
        self.shape = read_shape(parse_text(self.document))
        assert self.shape.assertion is not None
        assert self.shape.assertion_signature is not None
        self.proof = verify_element(self.shape.assertion, self.shape.assertion_signature, [self.certificate])

    def ask(self, root: etree._Element, proofs: Sequence[Proof], certificate: str | None = None) -> bool:
        with at_hand(AtHand(None, {self.document: root}, proofs)):
            return self.ask_outside(certificate)

    def ask_outside(self, certificate: str | None = None) -> bool:
        node_id = self.shape.assertion.get("ID")
        return InProcessBackend().validate_signature(
            self.document, certificate or self.certificate, "pem", NODE, node_id
        )


@pytest.fixture
def question(gate: Gate) -> Question:
    return Question(gate)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The IDs of what libxmlsec looked at."""
    asked: list[str] = []

    def listening(element: etree._Element, *rest: Any) -> Proof:
        asked.append(str(element.get("ID")))
        return verify_element(element, *rest)

    for module in (backend, service_provider):
        monkeypatch.setattr(module, "verify_element", listening)
    return asked


@pytest.mark.parametrize(("what", "times"), [("assertion", 1), ("response", 1), ("both", 2)])
def test_each_signature_is_computed_once(gate: Gate, computed: list[str], what: str, times: int) -> None:
    gate.accepted(gate.post(gate.honest(what)))
    assert len(computed) == len(set(computed)) == times


def test_what_was_verified_is_known(question: Question, computed: list[str]) -> None:
    assert question.ask(question.shape.response, [question.proof])
    assert computed == []


def test_an_equal_element_of_another_tree_is_not_the_same(question: Question, computed: list[str]) -> None:
    assert question.ask(copy.deepcopy(question.shape.response), [question.proof])
    assert len(computed) == 1


def test_another_certificate_is_not_the_same(question: Question, computed: list[str]) -> None:
    with pytest.raises(SignatureError):
        question.ask(question.shape.response, [question.proof], forge.signer(name="another").certificate)
    assert len(computed) == 1


def test_nothing_is_known_of_another_message(question: Question, computed: list[str]) -> None:
    assert question.ask(question.shape.response, [question.proof])
    assert question.ask_outside()
    assert len(computed) == 1, "it ended with the message"


def test_without_a_proof_a_changed_element_is_refused(question: Question) -> None:
    forge.xpath(question.shape.response, "//a:NameID").text = "adam@acme.example"
    with pytest.raises(SignatureError):
        question.ask(question.shape.response, [])


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("what", ["assertion", "response", "both"])
def test_nothing_changes_the_tree_between_the_two(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, what: str, encrypted: bool
) -> None:
    """This is what a proof relies on: what pysaml2 asks about stands as it stood when it was verified."""
    stood: dict[str, bytes] = {}
    asked: list[str] = []
    validate = InProcessBackend.validate_signature

    def verifying(element: etree._Element, *rest: Any) -> Proof:
        proof = verify_element(element, *rest)
        stood[str(element.get("ID"))] = etree.tostring(element.getroottree())
        return proof

    def validating(self: Any, text: bytes | str, node_name: str, node_id: str, **options: str) -> bool:
        element = backend.find_signed(text, node_name, node_id)
        assert etree.tostring(element.getroottree()) == stood[node_id]
        asked.append(node_id)
        return validate(self, text, node_name=node_name, node_id=node_id, **options)

    monkeypatch.setattr(service_provider, "verify_element", verifying)
    monkeypatch.setattr(InProcessBackend, "validate_signature", validating)
    root = gate.message.xml()
    if what != "response":
        forge.sign(forge.xpath(root, "a:Assertion"), forge.signer_of("acme"))
    if encrypted:
        forge.encrypt(root, gate.acme.connection.encryption_keys[0].certificate)
    if what != "assertion":
        forge.sign(root, forge.signer_of("acme"))
    gate.accepted(gate.post(root))
    assert set(asked) == set(stood)
