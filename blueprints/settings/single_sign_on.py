"""What an admin may change of single sign-on: whether sign-ins may start at the identity provider."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints import htmx
from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.security import SwitchForm, not_a_state, page_of
from database import db
from models import Organization
from organizations import connections


@blueprint.post("/security/idp-initiated")
@requires("security.change")
def change_idp_initiated(organization: Organization) -> Response | tuple[str, int]:
    form = SwitchForm()
    if not form.validate_on_submit():
        return not_a_state(organization)
    try:
        connections.set_idp_initiated(organization, form.enabled.data == "on", current_user.user)
    except connections.ConnectionRefused as refused:
        flash(str(refused), "error")
        return htmx.notices_only(409) if htmx.is_htmx() else (page_of(organization), 409)
    db.session.commit()
    allowed = "may" if form.enabled.data == "on" else "may no longer"
    flash(f"Sign-ins {allowed} start at your identity provider.", "success")
    if htmx.is_htmx():
        return htmx.fragment("settings/_idp_initiated.html", organization=organization)
    return redirect(url_for(".security", slug=organization.slug), code=303)
