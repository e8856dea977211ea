"""The step after a right password: a code of the authenticator app or a recovery code, where one is enrolled.

Between the two steps nobody is signed in. The cookie says, signed and for five minutes, whose password was right; it
is bound to that very password, so setting another one ends it.
"""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from sqlalchemy import select

from blueprints.access import public
from blueprints.auth import blueprint
from blueprints.auth.browser import own_path
from blueprints.auth.browser import sign_in as keep_signed_in
from blueprints.auth.forms import CodeForm
from blueprints.auth.pages import Page
from database import begin_write, db, now
from models import User
from organizations import attempts, audit, letters, outbox, passwords, second_factor, sessions

WAITING = "second_factor"
WAITING_SECONDS = 300


def go_on(user_id: int, next_path: str) -> Page:
    """A password was right: to the second step where there is a second factor, else in."""
    begin_write()
    user = db.session.get_one(User, user_id)
    if not second_factor.is_enrolled(user):
        return _complete(user, next_path, "none")
    until = now().timestamp() + WAITING_SECONDS
    session[WAITING] = {"user": user.id, "password": _which_password(user), "next": next_path, "until": until}
    return redirect(url_for("auth.second_step"), code=303)


@blueprint.route("/sign-in/second-factor", methods=["GET", "POST"])
@public
def second_step() -> Page:
    if request.method == "POST":
        begin_write()
    user = _waiting()
    if user is None:
        session.pop(WAITING, None)
        flash("Write your password again: the step after it stays open for five minutes.", "warning")
        return redirect(url_for("auth.emergency"), code=303)
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("auth/second_factor.html", form=form), 422 if form.is_submitted() else 200
    if passwords.is_throttled(user.email, request.remote_addr or ""):
        return _refuse(user, form, "throttled", "Too many tries. Wait 15 minutes, then begin again.", 429)
    used = second_factor.use(user, form.code.data or "", current_app.config["KEY_ENCRYPTION_KEYS"])
    if used is None:
        wrong = "The code is not right, or was used before. Wait for the next one, or write a recovery code."
        return _refuse(user, form, "wrong_second_factor", wrong, 422)
    return _complete(user, own_path(session[WAITING]["next"]), used)


def _which_password(user: User) -> str:
    return sessions.hash_token(user.password_hash or "")


def _waiting() -> User | None:
    """Whose second step this browser is at. Their row is locked: guesses are counted one after the other."""
    state = session.get(WAITING, {})
    if state.get("until", 0) < now().timestamp():
        return None
    query = select(User).where(User.id == state["user"], User.status == "active")
    user = db.session.scalar(query.with_for_update() if request.method == "POST" else query)
    if user is None or not second_factor.is_enrolled(user) or state["password"] != _which_password(user):
        return None
    return user


def _complete(user: User, next_path: str, used: str) -> Page:
    """Sign in, in the write transaction that has begun. `used`: `none`, `totp` or `recovery_code`."""
    if user.status != "active" or passwords.sso_only(user):
        abort(403)
    stored, token = sessions.start(user, "password")
    kind = "emergency" if passwords.sso_covers(user) else "succeeded"
    reference, address = attempts.new_reference(), request.remote_addr or ""
    attempts.record(
        reference=reference,
        organization_id=user.organization_id,
        user_id=user.id,
        method="password",
        signed_in=True,
        reason=kind,
        email=user.email,
        address=address,
        checks=[],
    )
    action, details = f"password:sign_in:{kind}", {"second_factor": used} if kind == "emergency" else {}
    audit.record(user.organization, action, actor=user, subject=user.email, reference=reference, **details)
    if kind == "emergency":
        _tell_the_others(user, address, used, reference)
    left = second_factor.recovery_codes_left(user)
    db.session.commit()
    keep_signed_in(stored, token)
    if used == "recovery_code":
        flash(f"That recovery code is used up. You have {left} left; make new ones in Settings, Profile.", "warning")
    return redirect(next_path, code=303)


def _tell_the_others(user: User, address: str, used: str, reference: str) -> None:
    organization, config = user.organization, current_app.config
    audit_log = config["PUBLIC_BASE_URL"] + url_for("settings.audit_log", slug=organization.slug, q=reference)
    subject, body = letters.emergency_sign_in(
        organization.name, user.email, now(), address, used, reference, audit_log, config["SUPPORT_CONTACT"]
    )
    outbox.tell_admins(organization, subject, body, but=[user.id])


def _refuse(user: User, form: CodeForm, reason: str, sentence: str, status: int) -> Page:
    detail = "The password was right, the code after it was not." if status == 422 else "Too many tries before."
    reference = attempts.record_guess(user, reason, request.remote_addr, detail)
    action, subject = "password:sign_in:refused", user.email
    audit.record(user.organization, action, actor=audit.SYSTEM, subject=subject, reference=reference, reason=reason)
    db.session.commit()
    form.code.errors = [sentence]
    return render_template("auth/second_factor.html", form=form), status
