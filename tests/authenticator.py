"""Somebody's telephone with an authenticator app on it, and the clock that the product and the app agree on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from blueprints.auth import second_factor as second_step
from database import db
from models import User
from organizations import second_factor
from tests.conftest import KEY_ENCRYPTION_KEY

NOON = datetime(2026, 7, 1, 12, 0, 10, tzinfo=UTC)
KEYS = [KEY_ENCRYPTION_KEY]


class Clock:
    """Stands still until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = NOON
        for module in (second_factor, second_step):
            monkeypatch.setattr(module, "now", lambda: self.time)

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


class Telephone:
    def __init__(self, secret: str, clock: Clock) -> None:
        self._app, self._clock = pyotp.TOTP(secret), clock

    def code(self, steps: int = 0) -> str:
        """What it shows now, or would show so many steps of 30 seconds later."""
        return self._app.generate_otp(int(self._clock.time.timestamp()) // 30 + steps)


def enrol(user: User, clock: Clock) -> tuple[Telephone, list[str]]:
    """With a code of the step before, so that the one shown now is not used up. Returns the recovery codes, too."""
    second_factor.begin(user, KEYS)
    telephone = Telephone(second_factor.secret_of(user, KEYS), clock)
    codes = second_factor.confirm(user, telephone.code(-1), KEYS)
    db.session.commit()
    return telephone, codes
