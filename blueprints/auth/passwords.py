"""Signing in with a password: for organizations without SSO, and as the emergency way in for admins with it.

Both pages take the same password and lead on the same way, so neither is a way around the second factor.
"""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for

from blueprints.access import public
from blueprints.auth import blueprint
from blueprints.auth.browser import own_path
from blueprints.auth.forms import ChoiceForm, PasswordForm
from blueprints.auth.pages import Page
from blueprints.auth.second_factor import go_on
from database import begin_write, db, now
from models import Organization, User
from organizations import attempts, audit, creation, passwords

CHOICE = "organization_choice"
CHOICE_SECONDS = 300


@blueprint.route("/sign-in/password", methods=["GET", "POST"])
@public
def password() -> Page:
    return _password_page("auth/password.html")


@blueprint.route("/sign-in/emergency", methods=["GET", "POST"])
@public
def emergency() -> Page:
    return _password_page("auth/emergency.html")


def _password_page(template: str) -> Page:
    """One answer for a wrong password, an unknown address and a deactivated account."""
    slug = request.form.get("organization") or request.args.get("organization")
    organization = creation.find(slug) if slug else None
    form = PasswordForm(next=own_path(request.args.get("next")), organization=slug or "")
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template(template, form=form, organization=organization), status
    email, address = form.email.normalised, request.remote_addr or ""
    if passwords.is_throttled(email, address):
        return _refuse(
            template, form, organization, "throttled", "Too many tries. Wait 15 minutes, then try again.", 429
        )
    accounts = passwords.accounts_with(email, form.password.data or "", organization)
    allowed = [user for user in accounts if not passwords.sso_only(user)]
    if not accounts:
        wrong = "The e-mail address or the password is not right."
        return _refuse(template, form, organization, "wrong_password", wrong, 422)
    if not allowed:
        only = "Your organization signs in through single sign-on. Go back and continue with your e-mail address."
        return _refuse(template, form, organization, "sso_only", only, 403)
    if len(allowed) > 1:
        until = now().timestamp() + CHOICE_SECONDS
        session[CHOICE] = {"users": [user.id for user in allowed], "next": own_path(form.next.data), "until": until}
        return redirect(url_for("auth.choose"), code=303)
    return go_on(allowed[0].id, own_path(form.next.data))


@blueprint.route("/sign-in/organization", methods=["GET", "POST"])
@public
def choose() -> Page:
    """The same address and password open accounts in several organizations: which one?"""
    choice = session.get(CHOICE, {})
    if choice.get("until", 0) < now().timestamp():
        return redirect(url_for("auth.sign_in"), code=303)
    form = ChoiceForm()
    if form.validate_on_submit() and form.account.data in choice["users"]:
        return go_on(form.account.data, own_path(choice["next"]))
    accounts = [db.session.get_one(User, user_id) for user_id in choice["users"]]
    status = 422 if form.is_submitted() else 200
    return render_template("auth/choose.html", form=form, accounts=accounts), status


def _refuse(
    template: str, form: PasswordForm, organization: Organization | None, reason: str, sentence: str, status: int
) -> Page:
    begin_write()
    reference = attempts.new_reference()
    attempts.record(
        reference=reference,
        organization_id=organization.id if organization else None,
        method="password",
        signed_in=False,
        reason=reason,
        email=form.email.normalised,
        address=request.remote_addr,
        checks=[],
    )
    for user in passwords.accounts_of(form.email.normalised, organization):
        audit.record(
            user.organization,
            "password:sign_in:refused",
            actor=audit.SYSTEM,
            subject=user.email,
            reference=reference,
            reason=reason,
        )
    db.session.commit()
    form.password.errors = [sentence]
    return render_template(template, form=form, organization=organization), status
