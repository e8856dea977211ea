"""An admin activates a draft while the job refreshes what was live: one after the other, and nothing is undone."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from threading import Event, Thread

import pytest
from flask import Flask

from database import begin_write, db
from models import Organization, SSOConnection
from organizations import activation, certificates, connections, refreshing
from organizations.encryption_keys import ConnectionRefused
from saml.metadata import IdPMetadata
from tests.conftest import KEY_ENCRYPTION_KEY
from tests.factories import Cast
from tests.flows.setup.ways import connection_of, idp_of, live_version, newest_version, next_idp

pytestmark = pytest.mark.both_databases
URL = "https://idp.example/metadata"
KEYS = [KEY_ENCRYPTION_KEY]


@pytest.fixture
def ids(cast: Cast) -> tuple[int, int]:
    """Of Acme and of its connection: version 1, from an address, is live; version 2 is another identity provider."""
    connection = connection_of()
    connection.live_configuration.metadata_url = URL
    db.session.commit()
    connections.configure(cast.acme, next_idp().details, "test", KEYS)
    db.session.commit()
    found = cast.acme.id, connection.id
    db.session.rollback()
    return found


def published() -> IdPMetadata:
    """What Acme's identity provider publishes now: its next certificate too."""
    details = idp_of().details
    return IdPMetadata(
        details.entity_id, details.sso_url, (*details.certificates, next_idp("rolled-over").signer.certificate)
    )


def beside(app: Flask, do: Callable[[], object]) -> tuple[Thread, list[object]]:
    """In a transaction of its own; it has waited for a moment when this returns."""
    results: list[object] = []
    connected = Event()

    def run() -> None:
        with app.app_context():
            db.session.execute(db.text("SELECT 1"))
            connected.set()
            begin_write()
            try:
                results.append(do())
                db.session.commit()
            except ConnectionRefused as refused:
                results.append(str(refused))

    thread = Thread(target=contextvars.Context().run, args=(run,))
    thread.start()
    assert connected.wait(30)
    thread.join(0.5)
    return thread, results


def activate(organization_id: int) -> object:
    organization = db.session.get_one(Organization, organization_id)
    return activation.activate(organization, version=2, without_test_reason="a test").version


def test_what_was_activated_meanwhile_stays(app: Flask, ids: tuple[int, int]) -> None:
    organization_id, connection_id = ids
    begin_write()
    assert activate(organization_id) == 2
    thread, results = beside(app, lambda: refreshing.apply(connection_id, URL, published()))
    assert results == [], "it waits"
    db.session.commit()
    thread.join(30)
    assert results == ["unchanged"]
    assert (live_version(), connection_of().live_configuration.idp_entity_id) == (2, next_idp().entity_id)


def test_what_was_refreshed_meanwhile_is_not_lost(app: Flask, cast: Cast, ids: tuple[int, int]) -> None:
    organization_id, connection_id = ids
    begin_write()
    assert refreshing.apply(connection_id, URL, published()) == "certificates"
    thread, results = beside(app, lambda: activate(organization_id))
    assert results == [], "it waits"
    db.session.commit()
    thread.join(30)
    assert results == [2]
    assert (live_version(), newest_version(cast.acme).version) == (2, 3)
    assert connections.draft(connection_of()) is None


def test_of_two_certificates_that_are_added_none_is_lost(app: Flask, ids: tuple[int, int]) -> None:
    organization_id, _connection_id = ids
    pems = [next_idp(name).signer.certificate for name in ("one", "two")]

    def add(pem: str) -> object:
        return certificates.add(db.session.get_one(Organization, organization_id), [pem], "operator", KEYS).version

    begin_write()
    assert add(pems[0]) == 3
    thread, results = beside(app, lambda: add(pems[1]))
    assert results == [], "it waits"
    db.session.commit()
    thread.join(30)
    assert results == [4]
    draft = connections.draft(connection_of())
    assert draft is not None
    assert set(pems) <= set(draft.certificates)


def test_of_two_drafts_one_stays(app: Flask, cast: Cast, ids: tuple[int, int]) -> None:
    organization_id, connection_id = ids

    def configure(name: str) -> object:
        organization = db.session.get_one(Organization, organization_id)
        return connections.configure(organization, next_idp(name).details, "test", KEYS).version

    begin_write()
    assert configure("third") == 3
    thread, results = beside(app, lambda: configure("fourth"))
    assert results == [], "it waits"
    db.session.commit()
    thread.join(30)
    assert results == [4]
    draft = connections.draft(db.session.get_one(SSOConnection, connection_id))
    assert draft is not None
    assert (draft.version, live_version()) == (4, 1)
    waiting = [v.version for v in connections.versions(connection_of()) if not v.live_at and not v.discarded_at]
    assert waiting == [4]
