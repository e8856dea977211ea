"""Settings → People: every account of the organization, page by page."""

from __future__ import annotations

from flask import render_template, request, url_for

from blueprints.access import requires
from blueprints.settings import blueprint
from models import Organization
from organizations import people as accounts


@blueprint.get("/people")
@requires("people.read")
def people(organization: Organization) -> str:
    after = request.args.get("after", "").replace("\0", "")
    rows = accounts.page(organization, after)
    shown, more = rows[: accounts.PAGE], len(rows) > accounts.PAGE
    return render_template(
        "settings/people.html",
        organization=organization,
        people=shown,
        seats_in_words=_seats_in_words(organization),
        next=url_for(".people", slug=organization.slug, after=shown[-1].email) if more else None,
        first=url_for(".people", slug=organization.slug) if after else None,
    )


def _seats_in_words(organization: Organization) -> str:
    """Empty when there is no limit. Deactivated people take no seat, so the list may be longer than the number."""
    if organization.seats is None:
        return ""
    return f"{accounts.seats_used(organization)} of {organization.seats} seats are taken."
