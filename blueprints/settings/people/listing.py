"""Settings → People: every account of the organization, searched, filtered and read page by page."""

from __future__ import annotations

from functools import partial

from flask import render_template, url_for

from blueprints import paging
from blueprints.access import requires
from blueprints.paging import Place
from blueprints.settings import blueprint
from blueprints.settings.people import words
from blueprints.settings.people.asked import to_a_person, wanted_people
from models import Organization
from organizations import counting, finding, plans


@blueprint.get("/people")
@requires("people.read")
def people(organization: Organization) -> str:
    wanted, numbers = wanted_people(), counting.counts(organization)
    page, matching = _page(organization, wanted, numbers)
    here = {"slug": organization.slug, **words.parameters(wanted)}
    return render_template(
        "settings/people/list.html",
        organization=organization,
        people=[(user, *words.moment(user.created_at)) for user in page.rows],
        wanted=wanted,
        counts=words.people_in_words(numbers),
        seats=words.seats_in_words(organization.seats, numbers.seats_used),
        no_seat=organization.seats is not None and numbers.seats_used >= organization.seats,
        matching=matching,
        roles_of_before=numbers.from_plan(plans.roles_of_other_plans(organization)),
        came_from_here=to_a_person(wanted),
        export=url_for(".export_people", **here),
        **page.links(partial(url_for, ".people", **here), lambda user: user.email, paging.BY_ADDRESS),
    )


def _page(
    organization: Organization, wanted: finding.Filter, numbers: counting.Counts
) -> tuple[paging.Page[finding.Listed], str]:
    """(the page, how many match in words)"""
    matching = None if wanted.search else numbers.of(wanted.status, wanted.role, wanted.origin)

    def rows_at(place: Place[str]) -> list[finding.Listed]:
        # From the beginning, so many that they are counted with it: a search reads the names once.
        limit = finding.MOST_COUNTED if wanted.search and place == Place() else finding.PAGE
        return finding.page(organization, place.behind, limit, wanted, matching, before=place.ahead)

    page = paging.read(rows_at, paging.place_by_address(), finding.PAGE)
    if matching is not None:
        return page, words.matching_in_words(matching) if wanted else ""
    found = finding.count(organization, wanted) if page.counted is None else page.counted
    return page, words.found_in_words(found)
