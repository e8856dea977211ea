"""The real thing as processes: what `make run` starts, on free ports and a database of its own.

The application is at http://localhost, the identity provider at http://127.0.0.1: for a browser these are two sites.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from random import SystemRandom  # Hypothesis sets the other's state
from typing import Any

from cryptography.fernet import Fernet

from tests.mail_box import MailBox, MailServer
from tests.name_server import NameServer
from tests.waiting import wait_until_answered

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    """None of those that outgoing connections get: one of them, of another test, might have it before it is used."""
    while True:
        port = SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Demo:
    """Started by making it, ended by `stop()`. `reset()` restores the database as it was at `save()`.

    `dns` is the name server it asks, `mail` what its mail server took, both on loopback.
    """

    def __init__(self, folder: Path, port: int | None = None, idp_port: int | None = None) -> None:
        port, idp_port = port or free_port(), idp_port or free_port()
        self.url, self.idp_url = f"http://localhost:{port}", f"http://127.0.0.1:{idp_port}"
        self.database = folder / "latchkey.db"
        self._log = folder / "servers.log"
        self._folder = folder
        self.dns = NameServer().__enter__()
        self.mail = MailBox()
        self._mail_server = MailServer(self.mail, hostname="127.0.0.1", port=0)
        self._mail_server.start()
        self._environment = os.environ | {
            "LATCHKEY_ENV": "development",
            "PUBLIC_BASE_URL": self.url,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": "a secret for the browser tests, long enough to be one",
            "KEY_ENCRYPTION_KEY": Fernet.generate_key().decode(),
            "DNS_RESOLVERS": "{}:{}".format(*self.dns.address),
            "SMTP_URL": f"smtp://127.0.0.1:{self._mail_server.port}",
            "PORT": str(port),
            "IDP_PORT": str(idp_port),
        }
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "demo.run"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            for url in (f"{self.url}/sign-in", f"{self.idp_url}/acme/metadata"):
                wait_until_answered(url, self._process, self._log)
            self.save()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ask the one process that was started here to end; it ends the servers it started."""
        self.dns.__exit__(None, None, None)
        self._mail_server.stop()
        self._process.terminate()
        self._process.wait(timeout=60)

    def flask(self, *command: str) -> str:
        """What an operator types after `flask`; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "flask", "--app", "app", *command],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"flask {' '.join(command)}: {done.stderr}"
        return done.stdout

    def ask(self, query: str, *values: object) -> Any:
        """The first column of the first row, read beside the running application."""
        with closing(sqlite3.connect(self.database)) as connection:
            row = connection.execute(query, values).fetchone()
        return row[0] if row else None

    def change(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(statement, values)

    def wish(self, slug: str) -> bool:
        return bool(self.ask("SELECT jit_on FROM organization WHERE slug = ?", slug))

    def letter(self, recipient: str) -> str:
        """Send what waits, as the timer does each minute; the text of the last letter to this address."""
        self.flask("jobs", "run")
        found = [message for message in self.mail.messages if message["To"] == recipient]
        return str(found[-1].get_content())

    def has_account(self, email: str) -> bool:
        return bool(self.ask("SELECT count(*) FROM user WHERE email = ?", email))

    def events(self, action: str) -> int:
        return int(self.ask("SELECT count(*) FROM audit_event WHERE action = ?", action))

    def save(self, name: str = "start") -> None:
        _copy(self.database, self._folder / f"{name}.saved")

    def reset(self, name: str = "start") -> None:
        """Back to what was saved, by SQLite's own backup: one write transaction, which the servers may run beside."""
        _copy(self._folder / f"{name}.saved", self.database)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
