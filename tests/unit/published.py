"""A server on this machine that publishes documents, and fetching from it."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from saml.fetch import fetch_idp_metadata
from saml.metadata import MetadataRefused

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


def fetched(url: str) -> bytes:
    return fetch_idp_metadata(url, allow_loopback=True)


def refused(url: str, *, allow_loopback: bool = True) -> str:
    with pytest.raises(MetadataRefused) as caught:
        fetch_idp_metadata(url, allow_loopback=allow_loopback)
    return str(caught.value)


def redirect(location: str) -> Answer:
    return 302, {"Location": location}, b""
