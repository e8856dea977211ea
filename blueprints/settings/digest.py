"""How admins are told of new accounts by e-mail: the radio form of the JIT area. Its part is `_digest.html`."""

from __future__ import annotations

from flask import current_app, flash, redirect, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import AnyOf

from blueprints import htmx
from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.security import gone, page_of
from database import db
from models import DIGESTS, Organization
from organizations import digests, jit

TOLD = {
    "off": "Nobody is told of new accounts by e-mail.",
    "daily": "Admins are told of new accounts once a day.",
    "each": "Admins are told of each new account.",
}


class DigestForm(FlaskForm):
    digest = StringField(validators=[AnyOf(DIGESTS)])


@blueprint.post("/security/jit/notifications")
@requires("security.change")
def change_digest(organization: Organization) -> Response | tuple[str, int]:
    because = jit.obstacle(organization)
    if because:
        return gone(organization, because)
    form = DigestForm()
    if not form.validate_on_submit():
        flash("Nothing was changed: choose one of the three.", "error")
        return htmx.notices_only(422) if htmx.is_htmx() else (page_of(organization), 422)
    wanted = form.digest.data or ""
    digests.choose(organization, wanted, current_user.user, current_app.config["PUBLIC_BASE_URL"])
    db.session.commit()
    flash(TOLD[wanted], "success")
    if htmx.is_htmx():
        return htmx.fragment("settings/_digest.html", organization=organization, digest=wanted)
    return redirect(url_for(".security", slug=organization.slug, _anchor="digest"), code=303)
