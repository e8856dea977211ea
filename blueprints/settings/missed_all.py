"""Create the accounts of everybody who was turned away: first a page that says whom, then all that can be."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.missed import tell
from blueprints.settings.missed_view import missed_list
from blueprints.settings.sentences import counted
from blueprints.settings.shown import ShownForm, in_form
from database import db
from models import Organization
from organizations import counting, missed
from provisioning.by_admin import NotCreated, create_account

MOST = 100


@blueprint.get("/security/turned-away/create-all")
@requires("security.change")
def confirm_all_missed(organization: Organization) -> str | Response:
    listed = missed_list(organization, limit=MOST)
    to_create = listed.to_create
    if not to_create:
        flash("There is nobody whose account could be created now.", "message")
        return redirect(url_for(".turned_away", slug=organization.slug), code=303)
    return render_template(
        "settings/create_all.html",
        organization=organization,
        to_create=to_create,
        more=listed.more,
        seats_left=counting.seats_left(organization),
        form=ShownForm(formdata=None, shown=in_form(one.row.id for one in to_create)),
    )


@blueprint.post("/security/turned-away/create-all")
@requires("security.change")
def create_all_missed(organization: Organization) -> Response:
    """One transaction. Who cannot be created (no seat left, an account meanwhile) is named and stays on the list."""
    form = ShownForm()
    created = 0
    for row in missed.take(organization, form.ids[:MOST] if form.validate_on_submit() else [], current_user.user):
        try:
            tell(create_account(organization, row, current_user.user))
            created += 1
        except NotCreated as refused:
            flash(str(refused), "error")
    db.session.commit()
    if created:
        flash(f"{counted(created, 'account')} created.", "success")
    else:
        flash("Nothing was created: nobody of those is waiting any more, or see above.", "message")
    return redirect(url_for(".turned_away", slug=organization.slug), code=303)
