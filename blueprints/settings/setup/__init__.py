"""Setting single sign-on up: our values, the identity provider's, a test, activation, and what comes afterwards."""

from __future__ import annotations

from blueprints.settings.setup import activation, certificates, details, handover, overview, sign_in_test  # noqa: F401
