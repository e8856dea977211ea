"""Fetching metadata from an address that somebody typed: real answers of a real server, and no way into our network."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from saml import fetch
from saml.fetch import fetch_idp_metadata
from saml.metadata import MAXIMUM_BYTES, MetadataRefused

Answer = tuple[int, dict[str, str], bytes]


class Server:
    """Answers on this machine; `answers` is path → (status, headers, body), `asked` the paths in their order."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                status, headers, body = server.answers.get(self.path, (404, {}, b"no"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    """Whoever asked has heard enough."""

            def log_message(self, *_: object) -> None:
                """Not on standard error."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture(scope="module")
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


def fetched(url: str) -> bytes:
    return fetch_idp_metadata(url, allow_loopback=True)


def refused(url: str, *, allow_loopback: bool = True) -> str:
    with pytest.raises(MetadataRefused) as caught:
        fetch_idp_metadata(url, allow_loopback=allow_loopback)
    return str(caught.value)


def redirect(location: str) -> Answer:
    return 302, {"Location": location}, b""


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
    assert "TLS certificate" in refused(server.url.replace("http://", "https://"))
    assert server.asked == []


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
