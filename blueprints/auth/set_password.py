"""Setting a password by a one-time link: of an invitation, which that accepts, or of an account that is there."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for

from blueprints.access import public
from blueprints.auth import blueprint
from blueprints.auth.forms import NewPasswordForm
from blueprints.auth.pages import Page
from database import begin_write, db, now
from models import OneTimeLink, User
from organizations import audit, invitations, password_links, passwords, sso_links

ENDED = "This link was used before, or has ended. Sign in if you can by now. Ask for a new one if not."


@blueprint.route("/set-password/<token>", methods=["GET", "POST"])
@public
def set_password(token: str) -> Page:
    if request.method == "POST":
        begin_write()
    link = passwords.find_link(token, lock=request.method == "POST")
    maker = password_links.maker_of(link.user) if link else None
    if link is None or maker is None:
        abort(404, ENDED)
    user = link.user
    if passwords.sso_covers(user) and (user.status == "invited" or user.role != "admin"):
        # Since the link was made. Signing in through single sign-on accepts an invitation, too.
        flash("Single sign-on covers your address by now: continue with it.")
        return redirect(url_for("auth.organization", slug=user.organization.slug), code=303)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            passwords.set_password(user, form.password.data or "")
        except passwords.PasswordRefused as refused:
            form.password.errors = [str(refused)]
        else:
            return _done(link, user, maker)
    return render_template(
        "auth/set_password.html",
        form=form,
        email=user.email,
        organization_name=user.organization.name,
        minimum_length=passwords.MINIMUM_LENGTH,
    ), 422 if form.is_submitted() else 200


def _done(link: OneTimeLink, user: User, maker: str) -> Page:
    """To the password form, and from there to where somebody whom SSO does not cover connects it."""
    link.used_at = now()
    accepted = invitations.accept_by_password(user)
    organization, profile = user.organization, None
    if not accepted:
        audit.record(organization, "password:password:set", actor=user, subject=user.email, link_made_by=maker)
    connects = not passwords.sso_covers(user) and sso_links.obstacle(user, organization.connection) is None
    if connects:
        profile = url_for("settings.profile", slug=organization.slug)
    db.session.commit()
    done = "Your invitation is accepted and your password is set." if accepted else "Your password is set."
    flash(f"{done} Sign in with it{', then connect SSO in your profile' if connects else ''}.", "success")
    return redirect(url_for("auth.password", organization=organization.slug, next=profile), code=303)
