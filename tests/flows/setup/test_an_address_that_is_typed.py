"""An address of metadata that an admin typed, through the page: judged before a connection is opened, at every step."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from flask import Flask

from blueprints.settings.setup import details
from database import db
from saml import fetch
from tests.flows.setup.ways import SetUp, error_of, next_idp
from tests.rules.test_routes import contents
from tests.unit.published import Server, redirect

IDP = next_idp()
Opened = list[tuple[object, ...]]
ResolveTo = Callable[..., None]
INSIDE = ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1"]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Every address that a connection is opened to, at the lowest place; outside of loopback none is."""
    addresses: Opened = []
    connect = socket.socket.connect

    def note(self: socket.socket, address: tuple[object, ...]) -> None:
        addresses.append(address)
        assert address[0] in ("127.0.0.1", "::1"), "a packet was about to leave this machine"
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", note)
    return addresses


@pytest.fixture
def means(monkeypatch: pytest.MonkeyPatch) -> ResolveTo:
    """`means(name, [addresses], [addresses], …)`: what a name means at the first look-up, at the second, …"""
    real = socket.getaddrinfo

    def resolve(name: str, *answers: list[str]) -> None:
        left = list(answers)

        def look_up(host: str, port: int, *rest: object, **options: object) -> object:
            if host != name:
                return real(host, port, *rest, **options)  # type: ignore[arg-type]
            found = left.pop(0) if len(left) > 1 else left[0]
            return [
                (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
                for one in found
            ]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return resolve


@pytest.fixture
def in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "LATCHKEY_ENV", "production")


@pytest.fixture(autouse=True)
def _nothing_is_stored(cleo: SetUp) -> Iterator[None]:
    before = contents()
    yield
    assert contents() == before


def refused(cleo: SetUp, url: str) -> str:
    return error_of(cleo.refused("/read-address", url=url), "url")


@pytest.mark.usefixtures("in_production")
@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_means_an_address_inside(cleo: SetUp, opened: Opened, means: ResolveTo, address: str) -> None:
    for answer in ([address], ["8.8.8.8", address]):
        means("idp.example", answer)
        assert "private network" in refused(cleo, "https://idp.example/metadata")
    assert opened == []


@pytest.mark.usefixtures("in_production")
def test_a_name_that_means_it_only_at_the_second_look_up(
    cleo: SetUp, opened: Opened, means: ResolveTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no second one: the connection goes to the address that was judged."""
    means("idp.example", ["8.8.8.8"], ["127.0.0.1"])
    asked: list[object] = []

    def away(address: object, *_: object, **__: object) -> None:
        asked.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", away)
    assert "No safe connection" in refused(cleo, "https://idp.example/metadata")
    assert (asked, opened) == ([("8.8.8.8", 443)], [])
    assert "private network" in refused(cleo, "https://idp.example/metadata"), "asked again, it is judged again"
    assert len(asked) == 1


@pytest.mark.parametrize(
    "location",
    [
        *(f"https://[{address}]/" if ":" in address else f"https://{address}/" for address in INSIDE[1:4]),
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "//10.0.0.1/",
        "https://inside.example/",
    ],
)
def test_a_redirect_to_one(cleo: SetUp, server: Server, opened: Opened, means: ResolveTo, location: str) -> None:
    means("inside.example", ["192.168.7.7"])
    server.answers["/idp"] = redirect(location)
    assert "private network" in refused(cleo, f"{server.url}/idp")
    assert opened == [("127.0.0.1", server.http.server_port)], "the first address, and no other"


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://8.8.8.8/", "http://8.8.8.8/", "https://a:b@8.8.8.8/"]
)
def test_a_redirect_to_another_kind_of_address(cleo: SetUp, server: Server, opened: Opened, location: str) -> None:
    server.answers["/idp"] = redirect(location)
    assert "address" in refused(cleo, f"{server.url}/idp")
    assert len(opened) == 1


def test_a_very_large_document_is_not_read_to_its_end(cleo: SetUp, opened: Opened) -> None:
    sent = 0

    def answer(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2_000):
            sent += connection.send(b" " * 10_000)

    with answering(answer) as url:
        assert "larger than 1 MB" in refused(cleo, url)
    assert sent < 20_000_000
    assert len(opened) == 1


def test_a_slow_one_is_cut_off_and_holds_nobody_up(cleo: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.3)

    def answer(connection: socket.socket) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 200:
            connection.sendall(bytes([letter]))
            time.sleep(0.02)

    with answering(answer) as url:
        started = time.monotonic()
        assert "did not answer in five seconds" in refused(cleo, url)
        assert time.monotonic() - started < 3


class answering:  # noqa: N801  read as a statement
    """A server on this machine that answers the first who asks, in its own way."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection, suppress(OSError):
            connection.recv(10_000)
            self.answer(connection)

    def __enter__(self) -> str:
        self.thread.start()
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/idp"

    def __exit__(self, *_: object) -> None:
        self.listener.close()
        self.thread.join(10)
        assert not self.thread.is_alive()


def test_while_it_is_asked_nobody_waits_for_the_database(cleo: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite one transaction writes at a time: none is open during those seconds."""

    def fetch_it(_url: str, **_: object) -> bytes:
        with db.engine.connect().execution_options(begin_immediate=True) as somebody_else, somebody_else.begin():
            pass  # it would wait for its turn, and give up
        return IDP.metadata.encode()

    monkeypatch.setattr(details, "fetch_idp_metadata", fetch_it)
    assert cleo.send("/read-address", url="https://idp.example/").status_code == 200
