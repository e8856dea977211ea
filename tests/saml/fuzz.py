"""`make fuzz`: changed Responses never give a session or an account, never a 500, never much time or memory.

Run as a module with SECONDS and SEED in the environment; `tests/saml/test_fuzz.py` runs a short one. What is still
accepted after a change must say exactly what the identity provider signed, and, where the `xmlsec1` program is there,
must be accepted by stock pysaml2 as well.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from lxml import etree
from sqlalchemy import select

from database import db
from models import SignInAttempt, SignInSession, User
from tests.saml import forge, stock
from tests.saml.conftest import Gate, open_gate
from tests.saml.mutations import mutate

SECONDS_EACH = 3.0
MEGABYTES = 150


@dataclass
class Findings:
    seed: int
    tried: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    slowest: float = 0.0


def originals(gate: Gate) -> list[bytes]:
    certificate = gate.acme.connection.encryption_keys[0].certificate
    encrypted = forge.encrypt(gate.honest("assertion"), certificate)
    trees = [gate.honest(what) for what in ("assertion", "response", "both")]
    return [etree.tostring(tree) for tree in (*trees, encrypted)]


def run(gate: Gate, seed: int, until: float = float("inf"), times: int = sys.maxsize) -> Findings:
    """Raises AssertionError with the seed and the changes at the first finding."""
    chance, found = random.Random(seed), Findings(seed)
    before, sources = _megabytes(), originals(gate)
    stock_client = stock.client(gate) if stock.PROGRAM else None
    while time.monotonic() < until and found.tried < times:
        source = chance.choice(sources)
        document, changes = mutate(source, chance)
        found.tried += 1
        what = f"seed {seed}, try {found.tried}, {changes}"
        started = time.monotonic()
        response = gate.post(document)
        found.slowest = max(found.slowest, time.monotonic() - started)
        assert response.status_code in (303, 403, 413), f"{what}: {response.status_code}"
        assert found.slowest < SECONDS_EACH, f"{what}: {found.slowest:.1f} s"
        if response.status_code == 303:
            found.accepted += 1
            _check_identity(what)
            if stock_client is not None and b"EncryptedData" not in document:
                assert stock.accepts(stock_client, document, gate.message.request_id or ""), f"{what}: stock refuses it"
            gate = open_gate(gate.browser, gate.acme)
            gate.message.assertion_id = f"_assertion-{found.tried}"
            sources = originals(gate)
        else:
            _note_refusal(found, what)
    assert _megabytes() - before < MEGABYTES, f"seed {seed}: {_megabytes() - before} MB more after {found.tried} tries"
    return found


def _check_identity(what: str) -> None:
    """Whoever got in is the person that was signed, under the names that were signed."""
    db.session.rollback()
    people = db.session.execute(select(User.email, User.given_name, User.family_name).where(User.origin == "jit")).all()
    assert [tuple(row) for row in people] == [("eve@acme.example", "Eve", "Lindqvist")], f"{what}: {people}"
    owners = db.session.scalars(select(User.email).join(SignInSession, SignInSession.user_id == User.id)).all()
    assert set(owners) == {"eve@acme.example"}, f"{what}: {owners}"


def _note_refusal(found: Findings, what: str) -> None:
    db.session.rollback()
    last = select(SignInAttempt.reason, SignInAttempt.detail).order_by(SignInAttempt.id.desc()).limit(1)
    row = db.session.execute(last).first()
    if row is None:
        return  # 413
    found.refusals[row.reason] += 1
    assert row.reason != "unexpected", f"{what}: {row.detail}"
    assert row.reason == "pysaml2" or not (row.detail or "").startswith("unexpected"), f"{what}: {row.detail}"


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    os.environ.setdefault("SECONDS", "60")
    os.environ.setdefault("SEED", str(random.randrange(2**32)))
    raise SystemExit(pytest.main(["-q", "-s", "tests/saml/test_fuzz.py::test_for_as_long_as_asked"]))
