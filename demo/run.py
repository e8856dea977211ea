"""`make run`: the application and the demo identity provider, from nothing, until Ctrl-C.

Secrets are made on the first run and kept in `instance/` with the database. Only the processes started here are
ended here.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.fernet import Fernet

from demo.cast import PASSWORD, SAMPLES

ROOT = Path(__file__).parent.parent
INSTANCE = ROOT / "instance"
START_SECONDS = 60


def main() -> int:
    port, idp_port = (int(os.environ.get(name, default)) for name, default in (("PORT", "8000"), ("IDP_PORT", "8001")))
    for number, name in ((port, "PORT"), (idp_port, "IDP_PORT")):
        if not _is_free(number):
            print(f"Port {number} is in use. Choose another: make run {name}={number + 100}", file=sys.stderr)
            return 1
    environment = _environment(f"http://localhost:{port}", f"http://127.0.0.1:{idp_port}")
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    print("Preparing the database …", flush=True)
    for command in ([*flask, "db", "upgrade"], [sys.executable, "-m", "demo"]):
        if subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:  # noqa: S603
            return 1
    servers = [
        _serve("app:create_app()", [f"127.0.0.1:{port}", *_ipv6(port)], 2, environment),
        _serve("demo.idp_app:create_app()", [f"127.0.0.1:{idp_port}"], 1, environment),
    ]
    return _watch(servers, environment)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ipv6(port: int) -> list[str]:
    """`localhost` may mean ::1 to a browser; a machine without IPv6 does without."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return []
    return [f"[::1]:{port}"]


def _environment(base_url: str, idp_url: str) -> dict[str, str]:
    secret_file = INSTANCE / "demo.env"
    if not secret_file.exists():
        INSTANCE.mkdir(exist_ok=True)
        descriptor = os.open(secret_file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"SECRET_KEY={secrets.token_urlsafe(48)}\nKEY_ENCRYPTION_KEY={Fernet.generate_key().decode()}\n")
    kept = dict(line.split("=", 1) for line in secret_file.read_text().splitlines())
    return {
        **kept,
        **os.environ,
        "LATCHKEY_ENV": "development",
        "PUBLIC_BASE_URL": base_url,
        "DEMO_IDP_URL": idp_url,
        "DEMO_KEY_FOLDER": str(INSTANCE / "demo-idp"),
    }


def _serve(target: str, addresses: list[str], workers: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    binds = [part for address in addresses for part in ("--bind", address)]
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--log-level", "warning"]
    # Threads, because browsers open connections ahead of need, and each would keep a whole worker waiting.
    command += ["--workers", str(workers), "--threads", "8", *binds, target]
    # A group of its own: Ctrl-C reaches this process only, which then ends its servers in order.
    return subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)  # noqa: S603


def _watch(servers: list[subprocess.Popen[bytes]], environment: dict[str, str]) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for url in (f"{environment['PUBLIC_BASE_URL']}/sign-in", f"{environment['DEMO_IDP_URL']}/acme/metadata"):
            _wait_for(url, servers)
        print(_welcome(environment["PUBLIC_BASE_URL"], environment["DEMO_IDP_URL"]), flush=True)
        while all(server.poll() is None for server in servers):
            time.sleep(0.5)
        print("A server has stopped; see the lines above.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(timeout=30)


def _wait_for(url: str, servers: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and all(server.poll() is None for server in servers):
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"{url} did not answer; see the lines above.")


def _welcome(base_url: str, idp_url: str) -> str:
    lines = ["", f"Latchkey                {base_url}", f"Demo identity provider  {idp_url}", "", "Sign in as:"]
    for sample in SAMPLES:
        state = "SSO active" if sample.sso else "no SSO"
        jit = "JIT unlocked" if sample.unlocked else "JIT locked"
        lines.append(f"  {sample.name} ({state}, {jit}, {sample.plan.replace('_', '-')} plan)")
        lines += [f"    {person.email:<28} {role}" for role, person in sample.people.items()]
        lines += [f"    {person.email:<28} no account yet, the IdP knows them" for person in sample.newcomers]
    lines += [
        "",
        "With SSO, type the address and pick the person at the demo identity provider.",
        f"Admins also have a password, for “Sign in with a password instead”: {PASSWORD}",
        "",
        "Ctrl-C stops both.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
