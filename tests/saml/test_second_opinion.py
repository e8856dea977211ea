"""pysaml2 alone, without the checks before it: it judges for itself, an encrypted assertion like any other."""

from __future__ import annotations

import pytest
from lxml import etree

from database import db
from saml import service_provider
from saml.client import client_for
from saml.document import parse_text
from saml.encryption import splice
from saml.keys import open_key
from saml.second_opinion import agree
from saml.shape import read_shape
from tests import factories
from tests.conftest import KEY_ENCRYPTION_KEY
from tests.saml import forge
from tests.saml.conftest import Gate
from tests.saml.forge import xpath

BOTH_WAYS = pytest.mark.parametrize("encrypted", [False, True], ids=["as text", "encrypted"])


def judge(gate: Gate, root: etree._Element, encrypted: bool, certificate: str | None = None) -> None:
    """What the check `pysaml2` does, with nothing verified before."""
    if encrypted:
        forge.encrypt(root, gate.acme.connection.encryption_keys[0].certificate)
    document, decrypted = etree.tostring(root), None
    shape = read_shape(parse_text(document))
    if encrypted:
        keys = [open_key(key.private_key, [KEY_ENCRYPTION_KEY]) for key in gate.acme.connection.encryption_keys]
        decrypted = splice(shape.response, keys)
        shape = service_provider._with_assertion(shape, decrypted)
    assert shape.assertion is not None
    name_id = shape.assertion.findtext(f".//{{{forge.SAML}}}NameID")
    trusted = (certificate or forge.signer_of("acme").certificate,)
    client = client_for(factories.our_endpoints(gate.acme), gate.message.issuer, trusted)
    db.session.rollback()
    agree(client, document, decrypted, shape, [], gate.message.request_id, name_id)


@BOTH_WAYS
def test_it_accepts_an_honest_one(gate: Gate, encrypted: bool) -> None:
    judge(gate, gate.honest(), encrypted)


@BOTH_WAYS
@pytest.mark.parametrize(
    "change",
    [
        lambda root: setattr(xpath(root, "//a:Audience"), "text", "https://somebody.else.example"),
        lambda root: xpath(root, "//a:Conditions").set("NotOnOrAfter", forge.stamp(-600)),
        lambda root: xpath(root, "//a:Conditions").set("NotBefore", forge.stamp(600)),
        lambda root: xpath(root, "//a:SubjectConfirmationData").set("Recipient", "https://somebody.else.example"),
        lambda root: xpath(root, "//a:SubjectConfirmationData").set("NotOnOrAfter", forge.stamp(-600)),
        lambda root: xpath(root, "//a:AuthnStatement").set("SessionNotOnOrAfter", forge.stamp(-600)),
        lambda root: xpath(root, "//a:AuthnStatement").attrib.pop("AuthnInstant"),
        lambda root: setattr(xpath(root, "a:Assertion/a:Issuer"), "text", "https://somebody.else.example"),
    ],
    ids=["audience", "ended", "not begun", "recipient", "confirmation", "session", "schema", "issuer"],
)
def test_it_refuses_wrong_contents_that_are_signed(gate: Gate, change: forge.Change, encrypted: bool) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011  almost any type can come out of pysaml2
        judge(gate, gate.honest("assertion", change), encrypted)


@BOTH_WAYS
def test_it_refuses_what_was_changed_after_signing(gate: Gate, encrypted: bool) -> None:
    root = gate.honest()
    xpath(root, "//a:NameID").text = "adam@acme.example"
    with pytest.raises(Exception):  # noqa: B017, PT011
        judge(gate, root, encrypted)


@BOTH_WAYS
def test_it_refuses_another_key_and_none(gate: Gate, encrypted: bool) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011
        judge(gate, gate.honest(), encrypted, forge.signer().certificate)
    with pytest.raises(Exception):  # noqa: B017, PT011
        judge(gate, gate.honest("none"), encrypted)
