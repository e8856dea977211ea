"""A world in which every name has the address a test gives it."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest


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
