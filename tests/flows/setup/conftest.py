"""Ana in her browser, Acme's metadata at an address, and certificates that nobody has seen proved yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from database import db, now
from organizations import certificates, refreshing
from tests.factories import Cast
from tests.flows.setup.handed_over import make, open_link
from tests.flows.setup.ways import IdP, SetUp, connection_of, idp_of
from tests.saml.idp_metadata import describe_idp
from tests.signing_in import Browser
from tests.unit.published import Server

Publish = Callable[..., None]
Later = Callable[..., None]


@pytest.fixture(autouse=True)
def _nothing_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process remembers of proved certificates is not of this test's database."""
    monkeypatch.setattr(certificates, "_PROVED", set())


@pytest.fixture
def ana(cast: Cast, browser: Browser) -> SetUp:
    """An admin of Acme, where SSO is activated."""
    return SetUp(browser.sign_in_as(cast.ana), cast.acme)


@pytest.fixture
def cleo(cast: Cast, another_browser: Browser) -> SetUp:
    """An admin of Globex, where nothing is set up."""
    return SetUp(another_browser.sign_in_as(cast.cleo), cast.globex)


@pytest.fixture
def publish(server: Server) -> Publish:
    """`publish(identity provider, certificates)`, at the address that Acme's metadata is read from."""

    def at_its_address(idp: IdP | str, *certificates: str) -> None:
        document = idp if isinstance(idp, str) else describe_idp(idp.entity_id, certificates, idp.sso_url)
        server.answers["/idp"] = (200, {}, document.encode())

    return at_its_address


@pytest.fixture
def refreshed(cast: Cast, server: Server, publish: Publish) -> Cast:
    """Acme's live version came from an address, passed its test, and is to be read again now."""
    publish(idp_of(), idp_of().signer.certificate)
    connection = connection_of()
    cast.acme.jit_on = True
    live = connection.live_configuration
    live.metadata_url, live.tested_at = f"{server.url}/idp", now() - timedelta(days=9)
    live.attribute_mapping = {"email": "email"}
    connection.metadata_next_at = now()
    db.session.commit()
    return cast


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    def go_on(**by: float) -> None:
        monkeypatch.setattr(refreshing, "now", lambda: now() + timedelta(**by))

    return go_on


@pytest.fixture
def kim(app: Flask, ana: SetUp) -> SetUp:
    return open_link(app, ana, make(ana))
