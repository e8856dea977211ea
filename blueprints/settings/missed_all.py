"""Create the accounts of everybody who was turned away: first a page that says whom, then all that can be."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.missed import tell
from blueprints.settings.missed_sentences import not_created
from blueprints.settings.missed_view import missed_list
from blueprints.settings.sentences import counted
from blueprints.settings.shown import ShownForm, in_form
from database import db
from models import Organization
from organizations import missed
from provisioning import facts
from provisioning.by_admin import NotCreated, create_account

MOST = 100


@blueprint.get("/security/turned-away/create-all")
@requires("security.change")
def confirm_all_missed(organization: Organization) -> str | Response:
    """The seats go in the order of the list; for whom there is none left is told apart."""
    policy = facts.load_policy(organization, organization.connection)
    listed = missed_list(organization, limit=MOST, policy=policy)
    people = listed.to_create
    if not people:
        flash("There is nobody whose account could be created now.", "message")
        return redirect(url_for(".turned_away", slug=organization.slug), code=303)
    to_create = people[: policy.seats_left]
    return render_template(
        "settings/create_all.html",
        organization=organization,
        to_create=to_create,
        without_seat=people[len(to_create) :],
        more=listed.more,
        seats_left=policy.seats_left,
        form=ShownForm(formdata=None, shown=in_form(one.row.id for one in to_create)),
    )


@blueprint.post("/security/turned-away/create-all")
@requires("security.change")
def create_all_missed(organization: Organization) -> Response:
    """One transaction. Who cannot be created (no seat left, an account meanwhile) stays on the list, and is told of."""
    form = ShownForm()
    created = 0
    refused: list[NotCreated] = []
    shown = form.ids[:MOST] if form.validate_on_submit() else []
    for row in missed.take(organization, shown, current_user.user):
        try:
            tell(create_account(organization, row, current_user.user))
            created += 1
        except NotCreated as because:
            refused.append(because)
    db.session.commit()
    if created:
        flash(f"{counted(created, 'account')} created.", "success")
    elif not refused:
        flash("Nothing was created: nobody of those is waiting any more.", "message")
    for sentence in not_created(refused):
        flash(sentence, "warning")
    return redirect(url_for(".turned_away", slug=organization.slug), code=303)
