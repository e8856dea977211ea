"""Settings → Profile: one's own account, in plain words."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints.access import requires
from blueprints.settings import blueprint
from models import Organization
from organizations import finding, passwords, second_factor, sso_links

# Viewers and Collaborators do the same things; only the name follows the plan.
ROLES_IN_WORDS = {
    "viewer": "You can use the workspaces you are a member of. An admin changes the organization's settings.",
    "collaborator": "You can use the workspaces you are a member of. An admin changes the organization's settings.",
    "admin": "You can use the workspaces you are a member of, and change the organization's settings.",
}
ORIGINS_IN_WORDS = {
    "jit": "Created by your first sign-in through single sign-on",
    finding.MISSED: "Created by an admin after you were turned away",
    "invitation": "Created by an invitation",
    "setup": "Set up for you by Latchkey",
}


@blueprint.get("")
@requires("profile.read")
def index(organization: Organization) -> Response:
    return redirect(url_for(".profile", slug=organization.slug), code=303)


@blueprint.get("/profile")
@requires("profile.read")
def profile(organization: Organization) -> str:
    user = current_user.user
    activated = organization.connection is not None and organization.connection.activated_at is not None
    return render_template(
        "settings/profile.html",
        organization=organization,
        role_in_words=ROLES_IN_WORDS[user.role],
        sso_activated=activated,
        sso_covers=passwords.sso_covers(user),
        sso_identity=sso_links.identity_of(user, organization.connection) if activated else None,
        origin_in_words=ORIGINS_IN_WORDS[finding.came_from(user)],
        recovery_codes_left=second_factor.recovery_codes_left(user) if second_factor.is_enrolled(user) else 0,
    )
