"""Settings → People: every account of the organization, searched, filtered and read page by page."""

from __future__ import annotations

from flask import render_template, request, url_for

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.people import words
from models import ORIGINS, ROLES, STATUSES, Organization
from organizations import counting, finding, plans

# parameter → what it may be; anything else is as if it were not there
CHOICES = {"role": ROLES, "status": STATUSES, "origin": ORIGINS}


@blueprint.get("/people")
@requires("people.read")
def people(organization: Organization) -> str:
    wanted, after = wanted_people(), _text("after")
    numbers = counting.counts(organization)
    rows, matching = _rows(organization, wanted, after, numbers)
    shown, more = rows[: finding.PAGE], len(rows) > finding.PAGE
    here = {"slug": organization.slug, **words.parameters(wanted)}
    return render_template(
        "settings/people/list.html",
        organization=organization,
        people=[(user, *words.moment(user.created_at)) for user in shown],
        wanted=wanted,
        counts=words.people_in_words(numbers),
        seats=words.seats_in_words(organization.seats, numbers.seats_used),
        no_seat=organization.seats is not None and numbers.seats_used >= organization.seats,
        matching=matching,
        roles_of_before=numbers.from_plan(plans.roles_of_other_plans(organization)),
        export=url_for(".export_people", **here),
        next=url_for(".people", **here, after=shown[-1].email) if more else None,
        first=url_for(".people", **here) if after else None,
    )


def _rows(
    organization: Organization, wanted: finding.Filter, after: str, numbers: counting.Counts
) -> tuple[list[finding.Listed], str]:
    """(those of the page and at least one more where there is one, how many match in words)"""
    if not wanted.search:
        matching = numbers.of(wanted.status, wanted.role, wanted.origin)
        rows = finding.page(organization, after, wanted=wanted, matching=matching)
        return rows, words.matching_in_words(matching) if wanted else ""
    if after:
        return finding.page(organization, after, wanted=wanted), words.found_in_words(
            finding.count(organization, wanted)
        )
    # So many that they are counted with it: a search reads the names once.
    rows = finding.page(organization, limit=finding.MOST_COUNTED, wanted=wanted)
    return rows, words.found_in_words(len(rows))


def wanted_people() -> finding.Filter:
    picked = {name: value for name, values in CHOICES.items() if (value := request.args.get(name, "")) in values}
    return finding.Filter(search=_text("q"), **picked)


def _text(name: str) -> str:
    return request.args.get(name, "").replace("\0", "").strip()[:320]
