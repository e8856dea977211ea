"""Settings → People: the list and its export, one person, what is changed about them, invitations."""

from __future__ import annotations

from blueprints.settings.people import (  # noqa: F401
    actions,
    export,
    invitations,
    listing,
    password_link,
    person,
    plan_roles,
)
