"""pysaml2's client as we run it: what is left out is only what was done twice, and no connection sees another's."""

from __future__ import annotations

import tempfile
import tracemalloc
from typing import Any

import pytest
from saml2 import class_name, samlp
from saml2.sigver import MissingKey

from saml import backend, client
from saml.endpoints import endpoints
from tests.saml import forge
from tests.saml.conftest import Gate

NOBODY = endpoints("http://localhost", "nobody")


def make(number: int, *certificates: str) -> Any:
    return client.client_for(endpoints("http://localhost", f"connection-{number}"), f"idp-{number}", certificates)


@pytest.mark.parametrize("what", ["assertion", "response", "both"])
def test_a_sign_in_writes_no_temporary_file(gate: Gate, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr("saml2.sigver.NamedTemporaryFile", refuse)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    gate.accepted(gate.post(gate.honest(what)))


@pytest.mark.parametrize(("what", "times"), [("assertion", 1), ("response", 1), ("both", 2)])
def test_pysaml2_asks_for_every_signature_on_its_own(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, what: str, times: int
) -> None:
    asked: list[str] = []
    real = backend.InProcessBackend.validate_signature

    def listening(self: Any, text: Any, cert_file: str, cert_type: str, node_name: str, node_id: str) -> bool:
        asked.append(node_id)
        return real(self, text, cert_file, cert_type, node_name, node_id)

    monkeypatch.setattr(backend.InProcessBackend, "validate_signature", listening)
    gate.accepted(gate.post(gate.honest(what)))
    assert len(set(asked)) == times == len(asked)


def test_a_client_knows_its_own_identity_provider_only(gate: Gate) -> None:
    one, other = make(1, "certificate of one"), make(2, "certificate of the other")
    assert [kept.name for _, kept in one.sec.metadata.certs("idp-1", "any")] == ["certificate of one"]
    assert [kept.name for _, kept in other.sec.metadata.certs("idp-2", "any")] == ["certificate of the other"]
    for stranger in ("idp-2", "", None):
        with pytest.raises(KeyError):
            one.sec.metadata.certs(stranger, "any")
    assert (one.service_urls(), one.config.entityid) != (other.service_urls(), other.config.entityid)


def test_the_pattern_trusts_nobody(gate: Gate) -> None:
    root = gate.honest()
    text = forge.etree.tostring(root)
    [assertion] = samlp.response_from_string(text).assertion
    with pytest.raises(MissingKey):
        client._pattern().sec.check_signature(assertion, class_name(assertion), text)


def test_a_client_is_as_strict_as_it_was_configured() -> None:
    for unsolicited in (False, True):
        made = client.client_for(NOBODY, "idp", (), unsolicited=unsolicited)
        assert made.allow_unsolicited is unsolicited
        assert made.want_assertions_or_response_signed is True
        assert made.sec.only_use_keys_in_metadata is True
        assert isinstance(made.sec.crypto, backend.InProcessBackend)


def test_the_store_of_clients_stays_within_its_bound() -> None:
    certificate = "x" * 1_500
    client.client_for.cache_clear()
    tracemalloc.start()
    try:
        sizes = []
        for number in range(4 * client.CLIENTS):
            make(number, certificate + str(number))
            if number + 1 in (client.CLIENTS, 4 * client.CLIENTS):
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
        client.client_for.cache_clear()
    assert sizes[1] < sizes[0] * 1.1
    assert sizes[0] / client.CLIENTS < 10_000, "bytes for each client"
