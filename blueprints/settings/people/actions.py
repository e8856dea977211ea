"""What an admin does to an account: each in one transaction with its audit event, under the lock of `accounts`."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints import htmx
from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.people.forms import ReasonForm, RoleForm
from blueprints.settings.people.person import PERSON, Answer, done, find, page_of, refused
from blueprints.settings.people.way_in_sentences import after_reset, reset_in_words
from blueprints.settings.people.words import indefinite
from database import db
from models import ROLES, Organization, User
from organizations import accounts, one_person, role_rules, ways_in
from organizations.accounts import ChangeRefused


@blueprint.get(f"/people/{PERSON}/role")
@requires("people.change")
def confirm_role(organization: Organization, person: int) -> Answer:
    user, role = find(organization, person), request.args.get("role", "")
    if role not in ROLES or role == user.role:
        return redirect(_page(organization, user), code=303)
    return render_template(
        "settings/people/confirm_role.html",
        organization=organization,
        user=user,
        role=role,
        as_what=indefinite(role),
        is_self=_is_self(user),
    )


@blueprint.post(f"/people/{PERSON}/role")
@requires("people.change")
def change_role(organization: Organization, person: int) -> Answer:
    """To Admin, and from one's own Admin, only after the page that says what it means."""
    user, form = find(organization, person), RoleForm()
    if not form.validate_on_submit():
        return page_of(organization, user), 422
    role, was_self = form.role.data or "", _is_self(user)
    if role != user.role and (role == "admin" or was_self) and not form.confirmed.data:
        if was_self and accounts.is_last_admin(user):
            return refused(organization, person, "You are the only active admin. Make somebody else an admin first.")
        return _go_to(url_for(".confirm_role", slug=organization.slug, person=person, role=role))
    try:
        changed = accounts.change_role(user, role, current_user.user)
    except ChangeRefused as reason:
        return refused(organization, person, str(reason))
    db.session.commit()
    told = f"{user.name} is {indefinite(role)} {'now' if changed else 'already'}."
    if changed and role_rules.give_the_role_of(user):
        told += " Role rules give this person their role again at the next sign-in."
    flash(told, "success")
    if was_self and changed:  # nothing here is open to them any more
        return _go_to(url_for(".profile", slug=organization.slug))
    return done(organization, user)


@blueprint.get(f"/people/{PERSON}/deactivate")
@requires("people.change")
def confirm_deactivation(organization: Organization, person: int) -> Answer:
    user = find(organization, person)
    if user.status != "active" or _is_self(user) or accounts.is_last_admin(user):
        return redirect(_page(organization, user), code=303)
    return _deactivation(organization, user, ReasonForm(formdata=None))


@blueprint.post(f"/people/{PERSON}/deactivate")
@requires("people.change")
def deactivate(organization: Organization, person: int) -> Answer:
    user, form = find(organization, person), ReasonForm()
    if not form.validate_on_submit():
        return _deactivation(organization, user, form), 422
    try:
        changed = accounts.deactivate(user, current_user.user, form.because.data)
    except ChangeRefused as reason:
        return refused(organization, person, str(reason))
    db.session.commit()
    said = "is deactivated and signed out everywhere" if changed else "is deactivated already"
    flash(f"{user.name} {said}.", "success")
    return done(organization, user)


@blueprint.post(f"/people/{PERSON}/reactivate")
@requires("people.change")
def reactivate(organization: Organization, person: int) -> Answer:
    user = find(organization, person)
    try:
        changed = accounts.reactivate(user, current_user.user)
    except ChangeRefused as reason:
        return refused(organization, person, str(reason))
    db.session.commit()
    flash(f"{user.name} is active again." if changed else f"{user.name} is not deactivated.", "success")
    return done(organization, user)


@blueprint.get(f"/people/{PERSON}/reset-sso-link")
@requires("people.change")
def confirm_reset(organization: Organization, person: int) -> Answer:
    user = find(organization, person)
    identities = one_person.identities(user)
    if not identities:
        return redirect(_page(organization, user), code=303)
    ways = ways_in.of(user)
    return render_template(
        "settings/people/confirm_reset.html",
        organization=organization,
        user=user,
        identities=identities,
        ways=ways,
        after=after_reset(ways, current_app.config["SUPPORT_CONTACT"]),
    )


@blueprint.post(f"/people/{PERSON}/reset-sso-link")
@requires("people.change")
def reset_sso_link(organization: Organization, person: int) -> Answer:
    user = find(organization, person)
    try:
        changed = accounts.reset_sso_link(user, current_user.user)
    except ChangeRefused as reason:
        return refused(organization, person, str(reason))
    db.session.commit()
    if changed:
        flash(*reset_in_words(ways_in.of(user), current_app.config["SUPPORT_CONTACT"]))
    else:
        flash("There is no SSO link to reset.", "success")
    return done(organization, user, whole_page=_is_self(user))


@blueprint.post(f"/people/{PERSON}/sign-out")
@requires("people.change")
def sign_out_everywhere(organization: Organization, person: int) -> Answer:
    user = find(organization, person)
    try:
        ended = accounts.sign_out_everywhere(user, current_user.user)
    except ChangeRefused as reason:
        return refused(organization, person, str(reason))
    db.session.commit()
    flash(f"{user.name} is signed out everywhere." if ended else f"{user.name} was signed in nowhere.", "success")
    return done(organization, user, whole_page=_is_self(user))


def _deactivation(organization: Organization, user: User, form: ReasonForm) -> str:
    return render_template("settings/people/confirm_deactivation.html", organization=organization, user=user, form=form)


def _is_self(user: User) -> bool:
    return bool(user.id == current_user.user.id)


def _page(organization: Organization, user: User) -> str:
    return url_for(".person", slug=organization.slug, person=user.id)


def _go_to(target: str) -> Response:
    return htmx.redirect(target) if htmx.is_htmx() else redirect(target, code=303)
