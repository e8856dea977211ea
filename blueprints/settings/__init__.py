"""The settings of one organization and of one's own account. Each module holds the views of its tabs."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("settings", __name__, url_prefix="/o/<slug>/settings")

# The views register themselves on the blueprint, which therefore has to exist first.
from blueprints.settings import audit_log, people, profile, second_factor, security, setup, single_sign_on  # noqa: E402, F401
