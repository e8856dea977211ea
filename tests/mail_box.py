"""A real mail server on loopback, and the box that keeps what it took."""

from __future__ import annotations

import socket
import ssl
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from time import sleep
from typing import Any

from aiosmtpd.controller import Controller


class MailBox:
    """What the server took. `refused`: recipient → its answer; `pause`: how long a message takes it."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.encrypted: list[bool] = []
        self.refused: dict[str, str] = {}
        self.pause = 0.0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.pause:
            sleep(self.pause)
        self.messages.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


class MailServer(Controller):
    """On a free port, which it knows only when it listens; its own first connection has to go there, too."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = int(self.server.sockets[0].getsockname()[1])
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            if self.ssl_context is None:
                connection.recv(100)
                return
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(connection) as encrypted:
                encrypted.recv(100)
