"""One Response: how long each contender takes to validate it, taken in turns so that all share the machine's mood."""

from __future__ import annotations

import gc
import random
import resource
import secrets
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench import contenders
from bench.messages import VARIANTS, response
from bench.world import BROWSER, Customer, World, build, expect_answers
from database import db
from organizations.sessions import hash_token

OURS, STOCK, PYTHON3_SAML, FLOOR = "ours", "stock pysaml2 + xmlsec1", "python3-saml", "floor"
SIZES = (1, 100, 10_000)


class Sample(NamedTuple):
    """Milliseconds: by the clock, and of computing, that of started programs included."""

    clock: float
    computing: float


Times = dict[str, list[Sample]]


def timed(measured: Callable[[], str | None]) -> tuple[Sample, str | None]:
    """(how long it took, what it returned)"""
    computed, started = _computed(), time.perf_counter()
    found = measured()
    clock = time.perf_counter() - started
    return Sample(clock * 1_000, (_computed() - computed) * 1_000), found


def _computed() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(it.ru_utime + it.ru_stime for it in used)


def validate_ours(world: World, customer: Customer, message: str, request_id: str) -> tuple[Sample, str | None]:
    """The connection is loaded beforehand, as the others have theirs; the request is looked up inside."""
    with world.app.app_context():
        connection = contenders.load_connection(customer.ours.acs.split("/")[-2])
        measured = timed(partial(contenders.ours, customer, connection, message, request_id))
        db.session.remove()
    return measured


def sign_in_ours(world: World, customer: Customer, message: str, request_id: str) -> tuple[Sample, str | None]:
    """From the address of the ACS: loading the connection is measured too."""

    def whole() -> str | None:
        connection = contenders.load_connection(customer.ours.acs.split("/")[-2])
        return contenders.ours(customer, connection, message, request_id)

    with world.app.app_context():
        measured = timed(whole)
        db.session.remove()
    return measured


def side_by_side(world: World, rounds: int) -> tuple[dict[str, Times], list[str]]:
    """Everybody validates the same bytes, a fresh Response in each round; ({variant: times}, who was left out)."""
    customer = world.customers[0]
    with tempfile.TemporaryDirectory(prefix="latchkey-bench-") as folder:
        others = {
            STOCK: contenders.stock_pysaml2(world, customer, Path(folder)),
            PYTHON3_SAML: contenders.python3_saml(world, customer),
            FLOOR: contenders.floor(world, customer),
        }
        present = {name: contender for name, contender in others.items() if contender is not None}
        results = {variant: _rounds(world, variant, present, rounds) for variant in VARIANTS}
    return results, [name for name in others if name not in present]


def _rounds(world: World, variant: str, others: dict[str, contenders.Contender], rounds: int) -> Times:
    customer = world.customers[0]
    runs = {name: (lambda message, request, it=it: timed(partial(it, message, request))) for name, it in others.items()}
    runs[OURS] = partial(validate_ours, world, customer)
    times: Times = {name: [] for name in runs}
    for number in range(rounds + 2):
        message, request_id = _fresh(world, customer, variant)
        for name in random.sample(list(runs), len(runs)):
            sample, name_id = runs[name](message, request_id)
            assert name_id == f"eve@{customer.domain}", f"{name} read {name_id}"
            if number > 1:  # the first two warm up what is loaded once
                times[name].append(sample)
    return times


def by_organizations(folder: Path, rounds: int) -> tuple[Times, dict[str, float]]:
    """Our sign-in with 1, 100 and 10,000 organizations, each sign-in at another of them; and what they leave behind.

    At 10,000 hardly any organization has signed in in this process before, so nothing of it is in a cache.
    """
    worlds = {size: build(f"sqlite:///{folder / f'{size}.db'}", size) for size in SIZES}
    names = {size: f"ours, {size:,} organizations" for size in SIZES}
    order = {size: random.sample(world.customers, len(world.customers)) for size, world in worlds.items()}
    times: Times = {name: [] for name in names.values()}
    for number in range(rounds + 2):
        for size in random.sample(SIZES, len(SIZES)):
            customer = order[size][number % size]
            message, request_id = _fresh(worlds[size], customer, VARIANTS[0])
            sample, _ = sign_in_ours(worlds[size], customer, message, request_id)
            if number > 1:
                times[names[size]].append(sample)
    return times, _memory(worlds[SIZES[-1]], order[SIZES[-1]])


def _memory(world: World, customers: list[Customer]) -> dict[str, float]:
    """Resident megabytes after making the clients of a part of all organizations: it has to stop growing.

    Only clients are made here, not whole sign-ins.
    """
    from saml.client import client_for

    grown: dict[str, float] = {}
    for share in (10, 50, 100):
        for customer in customers[: len(customers) * share // 100]:
            client_for(customer.ours, customer.idp_entity_id, (customer.signer.certificate,))
        gc.collect()
        grown[f"after {len(customers) * share // 100:,} organizations"] = _resident()
    return grown


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _fresh(world: World, customer: Customer, variant: str) -> tuple[str, str]:
    request_id = f"_{secrets.token_hex(16)}"
    with world.app.app_context():
        expect_answers([customer], [request_id], hash_token(BROWSER))
    return response(customer, variant, request_id, world.encryption_certificate), request_id
