"""Ana in her browser, a server that publishes metadata, and certificates that nobody has seen proved yet."""

from __future__ import annotations

import pytest

from organizations import certificates
from tests.factories import Cast
from tests.flows.setup.ways import SetUp
from tests.signing_in import Browser
from tests.unit.conftest import no_connection, running, server  # noqa: F401


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
