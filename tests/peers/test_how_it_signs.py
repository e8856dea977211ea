"""What SimpleSAMLphp can sign and encrypt, and with what: all that is strong enough gives an account."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.peers.conftest import Setup
from tests.peers.identity_provider import EMAIL, FAMILY_NAME, GIVEN_NAME
from tests.peers.visitor import Visitor

ACCOUNT = [GIVEN_NAME, FAMILY_NAME, "viewer", "jit"]
ENCRYPTED = {"assertion.encryption": True}
RESPONSE_ONLY = {"saml20.sign.assertion": False}
ASSERTION_ONLY = {"saml20.sign.response": False}
NOTHING = RESPONSE_ONLY | ASSERTION_ONLY
NEXT_KEY = {"privatekey": "next.key", "certificate": "next.crt"}
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
OLD = "http://www.w3.org/2000/09/xmldsig#"


@pytest.mark.parametrize(
    ("options", "signed"),
    [
        (RESPONSE_ONLY, ["Response"]),
        (ASSERTION_ONLY, ["Assertion"]),
        ({}, ["Response", "Assertion"]),
    ],
    ids=["Response", "assertion", "both"],
)
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_each_signature_that_covers_the_assertion_is_enough(
    setup: Setup, visitor: Visitor, options: dict[str, Any], signed: list[str], encrypted: bool
) -> None:
    setup.idp.trust(setup.typed_by_hand)
    setup.idp.behave(options | (ENCRYPTED if encrypted else {}))
    visitor.sign_in_here()
    visitor.is_at("General")
    visible = [name for name in signed if not (encrypted and name == "Assertion")]
    assert [element.tag.rpartition("}")[2] for element in visitor.carried("//ds:Signature/..")] == visible
    assert len(visitor.carried("//xenc:EncryptedKey")) == encrypted
    assert len(visitor.carried("//saml:Assertion")) == (not encrypted)
    reason, notes = setup.product.last_receipt()
    assert reason == "created_just_in_time"
    assert [note.partition(": ")[0].capitalize() for note in notes["signature"].split("; ")] == signed
    assert notes["decrypt"] == ("decrypted" if encrypted else "not encrypted")
    assert setup.product.account(EMAIL) == ACCOUNT


@pytest.mark.parametrize("bits", [384, 512])
def test_the_longer_hashes_are_accepted(setup: Setup, visitor: Visitor, bits: int) -> None:
    setup.idp.behave({"signature.algorithm": f"{MORE}rsa-sha{bits}"})
    visitor.sign_in_here()
    visitor.is_at("General")
    assert set(visitor.carried("//ds:SignatureMethod/@Algorithm")) == {f"{MORE}rsa-sha{bits}"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (NOTHING, "signature"),
        (NOTHING | ENCRYPTED, "signature"),
        ({"signature.algorithm": f"{OLD}rsa-sha1"}, "signature"),
        (NEXT_KEY, "signature"),
        ({"nameid.encryption": True}, "shape"),
    ],
    ids=["nothing signed", "encrypted and not signed", "SHA-1", "another key", "encrypted NameID"],
)
def test_what_is_not_strong_enough_gives_nothing(
    setup: Setup, visitor: Visitor, options: dict[str, Any], reason: str
) -> None:
    setup.idp.trust(setup.typed_by_hand)
    setup.idp.behave(options)
    _refused(setup, visitor, reason)


def test_a_certificate_is_rolled_over_without_a_gap(setup: Setup, visitor: Visitor) -> None:
    """It publishes the next certificate beside the present one, and signs its metadata with the present one."""
    product, idp = setup.product, setup.idp
    idp.behave({"new_privatekey": "next.key", "new_certificate": "next.crt", "metadata.sign.enable": True})
    product.flask("sso", "configure", "acme", "--metadata", idp.metadata_url)
    product.flask("sso", "activate", "acme", "--without-test", "--reason", "their next certificate")
    visitor.sign_in_here()
    visitor.is_at("General")
    present = product.last_receipt()[1]["signature"]
    idp.behave(NEXT_KEY)
    visitor.open(setup.ours["start"])
    visitor.is_at("General")
    assert product.last_receipt()[1]["signature"] != present


def test_an_encryption_key_is_rolled_over_without_a_gap(setup: Setup, visitor: Visitor) -> None:
    product, idp = setup.product, setup.idp
    idp.behave(ENCRYPTED)
    (old,) = json.loads(product.flask("keys", "list", "acme", "--json"))
    product.flask("keys", "add", "acme")
    visitor.sign_in_here()
    visitor.is_at("General")
    idp.trust(product.read(setup.ours["metadata"]))
    visitor.open(setup.ours["start"])
    visitor.is_at("General")
    product.flask("keys", "retire", "acme", str(old["id"]))
    visitor.open(setup.ours["start"])
    visitor.is_at("General")
    idp.trust(setup.our_metadata)
    visitor.open(setup.ours["start"])
    visitor.is_refused(still_signed_in=True)
    assert product.last_receipt()[0] == "decrypt"


def _refused(setup: Setup, visitor: Visitor, reason: str) -> None:
    visitor.sign_in_here()
    visitor.is_refused()
    assert setup.product.last_receipt()[0] == reason
    assert not setup.product.account(EMAIL)
    visitor.has_no_session()
