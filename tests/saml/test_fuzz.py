"""A short fuzz run with a fixed seed; `make fuzz` runs the long one with a new seed each time."""

from __future__ import annotations

import os
import time

import pytest
from lxml import etree

from tests.saml import stock
from tests.saml.conftest import Gate
from tests.saml.fuzz import run

# pysaml2 leaves the closing of its temporary files to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]
TRIES = 400


def test_a_short_run(gate: Gate) -> None:
    found = run(gate, seed=20_260_714, times=TRIES)
    assert found.tried == TRIES
    assert {"text", "shape", "signature"} <= set(found.refusals), "the changes reach different checks"


def test_stock_pysaml2_accepts_what_is_honest(gate: Gate) -> None:
    """Or the comparison would say nothing."""
    if stock.PROGRAM is None:
        return  # the comparison is made only where the program is there
    client = stock.client(gate)
    for what in ("assertion", "response", "both"):
        assert stock.accepts(client, etree.tostring(gate.honest(what)), gate.message.request_id)


def test_for_as_long_as_asked(gate: Gate) -> None:
    seconds = float(os.environ.get("SECONDS", "0"))
    seed = int(os.environ.get("SEED", "1"))
    found = run(gate, seed, until=time.monotonic() + seconds)
    print(
        f"\nseed {seed}: {found.tried} changed Responses, {found.accepted} of them still good, none a pass it was not"
    )
    print(f"slowest {found.slowest * 1000:.0f} ms; refused by {dict(found.refusals)}")
