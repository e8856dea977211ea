"""Fetching metadata from an address: what is taken from a real server's answer, and what is refused."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from contextlib import suppress

import pytest

from saml import fetch
from saml.metadata import MAXIMUM_BYTES, MetadataRefused
from tests.unit.published import Server, fetched, redirect, refused


def test_the_body_is_what_the_address_answers(server: Server) -> None:
    server.answers["/metadata?tenant=a%20b"] = (200, {}, b"<a/>")
    assert fetched(f"{server.url}/metadata?tenant=a%20b#part") == b"<a/>"
    server.answers["/"] = (200, {}, b"root")
    assert fetched(server.url) == b"root"


def test_two_redirects_are_followed_and_a_third_is_not(server: Server) -> None:
    server.answers |= {
        "/3": redirect("/2"),
        "/2": redirect(f"{server.url}/1"),
        "/1": redirect("end"),
        "/end": (200, {}, b"<a/>"),
    }
    assert fetched(f"{server.url}/2") == b"<a/>"
    server.asked.clear()
    assert "redirects more than 2 times" in refused(f"{server.url}/3")
    assert server.asked == ["/3", "/2", "/1"]


def test_one_megabyte_is_read_and_not_a_byte_more(server: Server) -> None:
    server.answers["/full"] = (200, {}, b"x" * MAXIMUM_BYTES)
    server.answers["/more"] = (200, {}, b"x" * (MAXIMUM_BYTES + 1))
    assert len(fetched(f"{server.url}/full")) == MAXIMUM_BYTES
    assert "larger than 1 MB" in refused(f"{server.url}/more")


@pytest.mark.parametrize("status", [204, 304, 401, 403, 404, 410, 500, 503])
def test_any_other_status_is_refused_and_named(server: Server, status: int) -> None:
    server.answers["/metadata"] = (status, {}, b"")
    assert f"answered {status} instead of metadata" in refused(f"{server.url}/metadata")


def test_a_redirect_without_an_address_is_no_redirect(server: Server) -> None:
    server.answers["/metadata"] = (302, {}, b"")
    assert "answered 302" in refused(f"{server.url}/metadata")


def test_a_body_that_is_not_there_in_time_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answers["/metadata"] = (200, {}, b"<a/>")
    assert fetched(f"{server.url}/metadata") == b"<a/>"
    monkeypatch.setattr(fetch, "SECONDS", 0.0)
    assert "did not answer in five seconds" in refused(f"{server.url}/metadata")


def test_over_https_the_server_has_to_prove_its_name(server: Server) -> None:
    assert "TLS certificate" in refused(server.url.replace("http://", "https://") + "/over-tls")
    assert "/over-tls" not in server.asked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "metadata.xml",
        "ftp://idp.example/metadata",
        "file:///etc/passwd",
        "https://",
        "https:///metadata",
        "https://user:secret@idp.example/",
        "https://user@idp.example/",
        "https://idp.example:port/",
        "https://idp.example:99999/",
        "https://[idp.example/",
        "https://idp]/",
    ],
)
def test_what_is_no_address_of_metadata_is_refused(no_connection: None, url: str) -> None:
    assert "address" in refused(url)


def test_a_path_that_http_cannot_carry_is_refused(server: Server) -> None:
    for path in ("/métadonnées", "/a b"):
        assert "not properly" in refused(server.url + path)


def test_a_redirect_is_read_as_strictly_as_what_was_typed(server: Server) -> None:
    for location in ("https://[idp.example/", "file:///etc/passwd", "ftp://idp.example/", "https://u:p@idp.example/"):
        server.answers["/metadata"] = redirect(location)
        assert "address" in refused(f"{server.url}/metadata")


def test_a_server_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then never lets a time-out between bytes pass; the limit is on the whole."""
    monkeypatch.setattr(fetch, "SECONDS", 0.4)
    ended = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            for letter in itertools.cycle(b"HTTP/1.1 200 OK\r\nX-Drip: " + b"x" * 2_000):
                if ended.wait(0.05):
                    return
                connection.sendall(bytes([letter]))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=[listener], daemon=True)
        thread.start()
        started = time.monotonic()
        with pytest.raises(MetadataRefused, match="did not answer in five seconds"):
            fetch.fetch_idp_metadata(f"http://127.0.0.1:{listener.getsockname()[1]}/", allow_loopback=True)
        assert time.monotonic() - started < 3
        ended.set()
        thread.join(5)
