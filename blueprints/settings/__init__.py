"""The settings of one organization and of one's own account. Each module holds the views of its tabs."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("settings", __name__, url_prefix="/o/<slug>/settings")

# The views register themselves on the blueprint, which therefore has to exist first.
from blueprints.settings import (  # noqa: E402
    audit_log,  # noqa: F401
    digest,  # noqa: F401
    domains,  # noqa: F401
    missed,  # noqa: F401
    missed_all,  # noqa: F401
    people,  # noqa: F401
    profile,  # noqa: F401
    role_rules,  # noqa: F401
    role_rules_admin,  # noqa: F401
    second_factor,  # noqa: F401
    security,  # noqa: F401
    setup,  # noqa: F401
    sign_ins,  # noqa: F401
    single_sign_on,  # noqa: F401
    try_address,  # noqa: F401
    undo_window,  # noqa: F401
)
