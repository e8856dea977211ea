"""Waiting for a server that was just started, for a bounded time."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from time import monotonic, sleep

START_SECONDS = 60


def wait_until_answered(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = monotonic() + START_SECONDS
    while not _answers(url):
        if process.poll() is not None or monotonic() > deadline:
            raise RuntimeError(f"{url} does not answer:\n{log.read_text()}")
        sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own address
            return True
    except (urllib.error.URLError, OSError):
        return False
