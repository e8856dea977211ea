"""Settings → Profile → second factor: adding one, its recovery codes, removing it. For admins, each for themselves."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.qr_code import qr_code
from database import db, lock_row
from models import Organization, User
from organizations import attempts, passwords, second_factor

Page = str | tuple[str, int] | Response


class FirstCodeForm(FlaskForm):
    code = StringField("Code of the app", validators=[InputRequired("Write the six digits."), Length(max=64)])


class ProofForm(FlaskForm):
    """That it is really this person who changes it, not somebody at a computer that was left open.

    `purpose` keeps the two forms of the page apart.
    """

    proof = PasswordField(
        "Your password or a current code",
        validators=[InputRequired("Write your password or a code."), Length(max=passwords.MAXIMUM_LENGTH)],
    )

    def __init__(self, purpose: str, **options: object) -> None:
        super().__init__(**options)
        self.proof.id = f"{purpose}-proof"


@blueprint.get("/profile/second-factor")
@requires("second_factor.change")
def second_factor_page(organization: Organization) -> Page:
    return _page(organization)


@blueprint.post("/profile/second-factor")
@requires("second_factor.change")
def confirm_second_factor(organization: Organization) -> Page:
    """Answers with the recovery codes themselves: they are shown once, so no address leads to them again."""
    user = current_user.user
    if not second_factor.is_begun(user):
        return _nothing_to_do(organization)
    form = FirstCodeForm()
    if not form.validate_on_submit():
        return _page(organization, first_code=form), 422
    try:
        codes = second_factor.confirm(user, form.code.data or "", _keys())
    except second_factor.SecondFactorRefused as refused:
        form.code.errors = [str(refused)]
        return _page(organization, first_code=form), 422
    db.session.commit()
    flash("The second factor is on. From now on it is asked for after your password.", "success")
    return render_template("settings/recovery_codes.html", organization=organization, codes=codes)


@blueprint.post("/profile/second-factor/recovery-codes")
@requires("second_factor.change")
def make_recovery_codes(organization: Organization) -> Page:
    user = current_user.user
    if not second_factor.is_enrolled(user):
        return _nothing_to_do(organization)
    form = ProofForm("codes")
    status = _refused(user, form)
    if status:
        return _page(organization, codes=form), status
    codes = second_factor.make_recovery_codes(user)
    db.session.commit()
    flash("The recovery codes that you had before do not work any more.", "success")
    return render_template("settings/recovery_codes.html", organization=organization, codes=codes)


@blueprint.post("/profile/second-factor/remove")
@requires("second_factor.change")
def remove_second_factor(organization: Organization) -> Page:
    user = current_user.user
    if not second_factor.is_enrolled(user):
        return _nothing_to_do(organization)
    form = ProofForm("remove")
    status = _refused(user, form)
    if status:
        return _page(organization, remove=form), status
    second_factor.remove(user)
    db.session.commit()
    flash("The second factor is off. Your password alone opens the emergency sign-in.", "success")
    return redirect(url_for(".profile", slug=organization.slug), code=303)


@blueprint.post("/profile/second-factor/begin")
@requires("second_factor.change")
def begin_second_factor(organization: Organization) -> Page:
    try:
        second_factor.begin(current_user.user, _keys())
    except second_factor.SecondFactorRefused as refused:
        flash(str(refused), "error")
    db.session.commit()
    return redirect(url_for(".second_factor_page", slug=organization.slug), code=303)


def _page(organization: Organization, **forms: FlaskForm) -> Page:
    """The page for the state: being added, or there. Without one it is the profile."""
    user = current_user.user
    if second_factor.is_begun(user):
        return render_template(
            "settings/second_factor_add.html",
            organization=organization,
            form=forms.get("first_code") or FirstCodeForm(formdata=None),
            secret=second_factor.secret_of(user, _keys()),
            qr_code=qr_code(second_factor.address_for_app(user, _keys())),
        )
    if second_factor.is_enrolled(user):
        return render_template(
            "settings/second_factor.html",
            organization=organization,
            codes_form=forms.get("codes") or ProofForm("codes", formdata=None),
            remove_form=forms.get("remove") or ProofForm("remove", formdata=None),
            recovery_codes_left=second_factor.recovery_codes_left(user),
            recovery_codes_made=second_factor.RECOVERY_CODES,
        )
    return redirect(url_for(".profile", slug=organization.slug), code=303)


def _refused(user: User, form: ProofForm) -> int | None:
    """None when the proof is good, else the status; the form then says why. Wrong ones are guesses, and are counted."""
    if not form.validate_on_submit():
        return 422
    # Locked, so that guesses are counted one after the other.
    lock_row(user)
    if passwords.is_throttled(user.email, request.remote_addr or ""):
        form.proof.errors = ["Too many tries. Wait 15 minutes, then try again."]
        return 429
    text = form.proof.data or ""
    if second_factor.use(user, text, _keys()) or passwords.matches(user.password_hash, text):
        return None
    what = "Somebody signed in as this person tried to change the second factor. What they wrote as proof was wrong."
    attempts.record_guess(user, "wrong_second_factor", request.remote_addr, what)
    db.session.commit()
    form.proof.errors = ["That is neither your password nor a code that is good now."]
    return 422


def _nothing_to_do(organization: Organization) -> Response:
    flash("Nothing was changed: that was done before, perhaps in another tab.", "warning")
    return redirect(url_for(".profile", slug=organization.slug), code=303)


def _keys() -> list[str]:
    keys: list[str] = current_app.config["KEY_ENCRYPTION_KEYS"]
    return keys
