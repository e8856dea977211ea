"""An address that somebody typed is no way into our own network, whatever its name resolves to."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from tests.unit.published import Server, redirect, refused

NOT_PUBLIC = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104  nothing is bound to it
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "2002:a00:1::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_into_a_network_of_ours_is_refused_before_a_connection_is_opened(
    no_connection: None, resolves_to: Callable[..., None], address: str
) -> None:
    resolves_to(address)
    assert "private network" in refused("https://idp.example/metadata", allow_loopback=False)
    resolves_to("203.0.114.7", address)
    assert "private network" in refused("https://idp.example/metadata", allow_loopback=False)


@pytest.mark.parametrize("address", [address for address in NOT_PUBLIC if address not in ("127.0.0.1", "::1")])
def test_in_development_this_machine_is_open_and_nothing_else(
    no_connection: None, resolves_to: Callable[..., None], address: str
) -> None:
    resolves_to(address)
    if not address.endswith(":127.0.0.1"):
        assert "private network" in refused("https://idp.example/metadata")


def test_numbers_in_another_spelling_are_judged_as_the_address_they_are(no_connection: None) -> None:
    for host in ("127.1", "2130706433", "0x7f000001", "[::ffff:7f00:1]", "localhost"):
        assert "private network" in refused(f"https://{host}/metadata", allow_loopback=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888"])
def test_http_is_refused_for_any_other_machine(
    no_connection: None, resolves_to: Callable[..., None], address: str
) -> None:
    resolves_to(address)
    assert "must begin with https://" in refused("http://idp.example/metadata")


def test_each_redirect_is_judged_anew(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    connect = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda *arguments, **options: opened.append(arguments[0]) or connect(*arguments)
    )
    for location in ("http://169.254.169.254/latest/meta-data/", "https://10.0.0.1/", "//192.168.1.1/"):
        server.answers["/metadata"] = redirect(location)
        assert "private network" in refused(f"{server.url}/metadata")
    assert opened == [("127.0.0.1", server.http.server_port)] * 3


def test_the_connection_goes_to_the_address_that_was_judged(
    server: Server, resolves_to: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers differently the second time gains nothing: it is asked once."""
    resolves_to("8.8.8.8")
    asked: list[object] = []

    def refuse(address: object, *_: object) -> None:
        asked.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert "No safe connection" in refused("https://idp.example:8443/metadata", allow_loopback=False)
    assert asked == [("8.8.8.8", 8443)]


@pytest.mark.parametrize(
    "host", ["a b.example", "idp\x7f.example", "idp..example", ".idp.example", "idp" * 30 + ".example"]
)
def test_a_name_that_is_none_is_refused_even_where_it_can_be_looked_up(
    no_connection: None, resolves_to: Callable[..., None], host: str
) -> None:
    resolves_to("8.8.8.8")
    assert "No safe connection" in refused(f"https://{host}/metadata", allow_loopback=False)
