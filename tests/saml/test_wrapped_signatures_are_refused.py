"""Signature wrapping, with the assertion signed, the Response signed, and both: never anybody, never a 500."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.saml.conftest import Gate
from tests.saml.wrapping import FORGERIES


@pytest.mark.parametrize("what", ["assertion", "response", "both"])
@pytest.mark.parametrize("name", FORGERIES)
def test_wrapping(gate: Gate, what: str, name: str) -> None:
    honest = gate.honest(what)
    forged = FORGERIES[name](etree.fromstring(etree.tostring(honest)))
    assert gate.refused_by(gate.post(forged)) in ("shape", "signature")
    # The document that it was made from is good: it is the wrapping that was refused.
    gate.accepted(gate.post(honest))
