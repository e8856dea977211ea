"""A link to set a password, for whom single sign-on does not cover. By e-mail, or shown once to be handed on."""

from __future__ import annotations

from flask import current_app, flash, redirect, url_for
from flask_login import current_user

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.people import shown_once
from blueprints.settings.people.forms import AgainForm
from blueprints.settings.people.person import PERSON, Answer, by_mail, find, may_mail, page_of, refused
from database import db
from models import Organization
from organizations import password_links
from organizations.accounts import ChangeRefused


@blueprint.post(f"/people/{PERSON}/password-link")
@requires("people.change")
def make_password_link(organization: Organization, person: int) -> Answer:
    user, form = find(organization, person), AgainForm()
    if not form.validate_on_submit():
        return page_of(organization, user), 422
    base_url, support = current_app.config["PUBLIC_BASE_URL"], current_app.config["SUPPORT_CONTACT"]
    mail, tell = by_mail(form.by.data), may_mail()
    try:
        made = password_links.make(user, current_user.user, base_url=base_url, support=support, mail=mail, tell=tell)
    except ChangeRefused as reason:
        return refused(organization, person, str(reason))
    db.session.commit()
    if mail:
        flash(f"A link to set a password is on its way to {user.email}.", "success")
        return redirect(url_for(".person", slug=organization.slug, person=person), code=303)
    shown_once.keep(user, made)
    return redirect(url_for(".made_link", slug=organization.slug, person=person), code=303)
