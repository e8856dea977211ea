"""A server that publishes, a world in which every name has the address a test gives it, and no way out."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from tests.unit.published import Server


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    server = Server()
    with server.http:
        thread = Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.http.shutdown()
        thread.join()


@pytest.fixture
def server(running: Server) -> Server:
    running.answers.clear()
    running.asked.clear()
    return running


@pytest.fixture
def no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening any connection fails the test."""

    def fail(*arguments: object, **_: object) -> None:
        pytest.fail(f"a connection to {arguments[0]} was about to be opened")

    monkeypatch.setattr(socket, "create_connection", fail)


@pytest.fixture
def resolves_to(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`resolves_to(address, …)`: what every name means from now on."""

    def resolve(*addresses: str) -> None:
        answers = [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
            for address in addresses
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

    return resolve
