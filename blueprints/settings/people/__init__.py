"""Settings → People: the list and its export, one person, what is changed about them, invitations."""

from __future__ import annotations

from blueprints.settings.people import actions, export, invitations, listing, person, plan_roles  # noqa: F401
