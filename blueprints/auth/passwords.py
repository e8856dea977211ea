"""Signing in with a password: for organizations without SSO, and as the emergency way in for admins with it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, session, url_for

from blueprints.access import public
from blueprints.auth import blueprint
from blueprints.auth.browser import own_path
from blueprints.auth.browser import sign_in as keep_signed_in
from blueprints.auth.forms import ChoiceForm, NewPasswordForm, PasswordForm
from blueprints.auth.pages import Page
from database import begin_write, db, now
from models import Organization, User
from organizations import attempts, audit, creation, passwords, sessions

CHOICE = "organization_choice"
CHOICE_SECONDS = 300


@blueprint.route("/sign-in/password", methods=["GET", "POST"])
@public
def password() -> Page:
    """One answer for a wrong password, an unknown address and a deactivated account."""
    slug = request.form.get("organization") or request.args.get("organization")
    organization = creation.find(slug) if slug else None
    form = PasswordForm(next=own_path(request.args.get("next")), organization=slug or "")
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("auth/password.html", form=form, organization=organization), status
    email, address = form.email.normalised, request.remote_addr or ""
    if passwords.is_throttled(email, address):
        return _refuse(form, organization, "throttled", "Too many tries. Wait 15 minutes, then try again.", 429)
    accounts = passwords.accounts_with(email, form.password.data or "", organization)
    allowed = [user for user in accounts if not passwords.sso_only(user)]
    if not accounts:
        wrong = "The e-mail address or the password is not right."
        return _refuse(form, organization, "wrong_password", wrong, 422)
    if not allowed:
        only = "Your organization signs in through single sign-on. Go back and continue with your e-mail address."
        return _refuse(form, organization, "sso_only", only, 403)
    if len(allowed) > 1:
        until = now().timestamp() + CHOICE_SECONDS
        session[CHOICE] = {"users": [user.id for user in allowed], "next": own_path(form.next.data), "until": until}
        return redirect(url_for("auth.choose"), code=303)
    return _complete(allowed[0].id, own_path(form.next.data))


@blueprint.route("/sign-in/organization", methods=["GET", "POST"])
@public
def choose() -> Page:
    """The same address and password open accounts in several organizations: which one?"""
    choice = session.get(CHOICE, {})
    if choice.get("until", 0) < now().timestamp():
        return redirect(url_for("auth.sign_in"), code=303)
    form = ChoiceForm()
    if form.validate_on_submit() and form.account.data in choice["users"]:
        return _complete(form.account.data, own_path(choice["next"]))
    accounts = [db.session.get_one(User, user_id) for user_id in choice["users"]]
    status = 422 if form.is_submitted() else 200
    return render_template("auth/choose.html", form=form, accounts=accounts), status


@blueprint.route("/set-password/<token>", methods=["GET", "POST"])
@public
def set_password(token: str) -> Page:
    if request.method == "POST":
        begin_write()
    link = passwords.find_link(token)
    if link is None:
        abort(404, "This link was used before, or has ended. Ask for a new one.")
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            passwords.set_password(link.user, form.password.data or "")
        except passwords.PasswordRefused as refused:
            form.password.errors = [str(refused)]
        else:
            link.used_at = now()
            audit.record(link.user.organization, "password:password:set", actor=link.user, subject=link.user.email)
            db.session.commit()
            flash("Your password is set. Sign in with it.", "success")
            return redirect(url_for("auth.password"), code=303)
    return render_template(
        "auth/set_password.html",
        form=form,
        email=link.user.email,
        organization_name=link.user.organization.name,
        minimum_length=passwords.MINIMUM_LENGTH,
    ), 422 if form.is_submitted() else 200


def _complete(user_id: int, next_path: str) -> Page:
    begin_write()
    user = db.session.get_one(User, user_id)
    if user.status != "active" or passwords.sso_only(user):
        abort(403)
    stored, token = sessions.start(user, "password")
    kind = "emergency" if passwords.is_emergency(user) else "succeeded"
    attempt = _record(user.email, signed_in=True, reason=kind, organization=user.organization, user=user)
    details = {"second_factor": "none"} if kind == "emergency" else {}
    audit.record(
        user.organization,
        f"password:sign_in:{kind}",
        actor=user,
        subject=user.email,
        reference=attempt,
        **details,
    )
    db.session.commit()
    keep_signed_in(stored, token)
    return redirect(next_path, code=303)


def _refuse(form: PasswordForm, organization: Organization | None, reason: str, sentence: str, status: int) -> Page:
    begin_write()
    reference = _record(form.email.normalised, signed_in=False, reason=reason, organization=organization)
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
    return render_template("auth/password.html", form=form, organization=organization), status


def _record(
    email: str, *, signed_in: bool, reason: str, organization: Organization | None, user: User | None = None
) -> str:
    """The receipt of a password attempt; returns its reference."""
    return attempts.record(
        reference=attempts.new_reference(),
        organization_id=organization.id if organization else None,
        user_id=user.id if user else None,
        method="password",
        signed_in=signed_in,
        reason=reason,
        email=email,
        address=request.remote_addr,
        checks=[],
    )
