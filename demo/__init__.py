"""A demonstration: sample organizations, and an identity provider to sign in with. It refuses to run in production."""

from __future__ import annotations

import os

import saml  # noqa: F401  before pysaml2: it keeps its warnings and log lines quiet


class NotForProduction(RuntimeError):
    """The demo has passwords that everybody knows."""


def refuse_production() -> None:
    if os.environ.get("LATCHKEY_ENV", "production") == "production":
        raise NotForProduction("The demo does not run with production settings: set LATCHKEY_ENV=development.")
