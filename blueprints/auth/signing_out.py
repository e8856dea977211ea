"""Signing out: here at once, and then at the identity provider, where it can be told."""

from __future__ import annotations

from flask import redirect, render_template, session, url_for
from flask_login import current_user, logout_user

from blueprints.access import public
from blueprints.auth import blueprint
from blueprints.auth.pages import Page
from blueprints.auth.single_logout import leave_identity_provider
from database import begin_write, db
from organizations import audit, sessions


@blueprint.post("/sign-out")
@public
def sign_out() -> Page:
    """Ends the session's row, so the cookie is worth nothing any more, wherever it may have been copied to.

    A form must not lead to another site (the CSP says so), so the way to the identity provider is a page that goes on.
    """
    target = None
    begin_write()
    if current_user.is_authenticated:
        user = current_user.user
        target = leave_identity_provider(current_user)
        sessions.end(current_user.token)
        audit.record(user.organization, "user:session:ended", actor=user, subject=user.email)
        db.session.commit()
        logout_user()
        session.clear()
    if target:
        return render_template("auth/signing_out.html", target=target)
    return redirect(url_for("auth.signed_out"), code=303)


@blueprint.get("/signed-out")
@public
def signed_out() -> Page:
    return render_template("auth/signed_out.html")
