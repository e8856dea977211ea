"""The application as an operator runs it: migrations, gunicorn, and the `flask` commands. Nothing of the demo."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from app import create_app
from database import db
from tests.browser.running import free_port
from tests.name_server import NameServer
from tests.waiting import wait_until_answered

ROOT = Path(__file__).parent.parent.parent


class Product:
    """Started by making it, ended by `stop()`. `reset()` restores the database as it was at `save()`.

    `dns` is the name server it asks, on loopback.
    """

    def __init__(self, folder: Path, idp_url: str) -> None:
        port = free_port()
        self.url, self.idp_url = f"http://localhost:{port}", idp_url
        self._folder, self.database, self._log = folder, folder / "latchkey.db", folder / "gunicorn.log"
        self.dns = NameServer().__enter__()
        self._environment = os.environ | {
            "LATCHKEY_ENV": "development",
            "PUBLIC_BASE_URL": self.url,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": "a secret for the tests with peers, long enough to be one",
            "KEY_ENCRYPTION_KEY": Fernet.generate_key().decode(),
            "DNS_RESOLVERS": "{}:{}".format(*self.dns.address),
        }
        upgrade = [sys.executable, "-W", "ignore", "-m", "flask", "--app", "app", "db", "upgrade"]
        subprocess.run(upgrade, cwd=ROOT, env=self._environment, check=True, capture_output=True, timeout=60)
        self._console = create_app(
            {
                "LATCHKEY_ENV": "development",
                "PUBLIC_BASE_URL": self.url,
                "SQLALCHEMY_DATABASE_URI": self._environment["DATABASE_URL"],
                "KEY_ENCRYPTION_KEYS": [self._environment["KEY_ENCRYPTION_KEY"]],
            }
        )
        # `localhost` may mean ::1 to a browser; a machine without IPv6 does without.
        addresses = [f"127.0.0.1:{port}", *([f"[::1]:{port}"] if socket.has_dualstack_ipv6() else [])]
        binds = [part for address in addresses for part in ("--bind", address)]
        serve = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "gunicorn",
            "--no-control-socket",
            "--workers",
            "2",
            "--threads",
            "4",
            *binds,
        ]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*serve, "app:create_app()"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until_answered(f"{self.url}/sign-in", self._process, self._log)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ask the one process that was started here to end; it ends its workers."""
        self.dns.__exit__(None, None, None)
        self._process.terminate()
        self._process.wait(timeout=30)

    def flask(self, *command: str) -> str:
        """What an operator types after `flask`; returns what it prints."""
        with self._console.app_context():
            done = self._console.test_cli_runner().invoke(args=command)
            db.engine.dispose()
        assert done.exit_code == 0, f"flask {' '.join(command)}: {done.output}"
        return done.stdout

    def read(self, url: str) -> str:
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310  our own address
            return str(response.read().decode())

    def ask(self, query: str, *values: object) -> list[Any]:
        """The first row, read beside the running application; empty when there is none."""
        with closing(sqlite3.connect(self.database)) as connection:
            return list(connection.execute(query, values).fetchone() or ())

    def account(self, email: str) -> list[str]:
        """Given name, family name, role, origin; empty when there is none."""
        return self.ask("SELECT given_name, family_name, role, origin FROM user WHERE email = ?", email)

    def last_receipt(self) -> tuple[str, dict[str, str]]:
        """(reason, the notes of its checks) of the last sign-in that was tried."""
        reason, checks = self.ask("SELECT reason, checks FROM sign_in_attempt ORDER BY id DESC LIMIT 1")
        return reason, {check["name"]: check["detail"] for check in json.loads(checks)}

    def save(self, name: str = "start") -> None:
        _copy(self.database, self._folder / f"{name}.saved")

    def reset(self, name: str = "start") -> None:
        """By SQLite's own backup: one write transaction, which the servers may run beside."""
        _copy(self._folder / f"{name}.saved", self.database)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
