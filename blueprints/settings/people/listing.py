"""Settings → People: every account of the organization, searched, filtered and read page by page."""

from __future__ import annotations

from flask import render_template, request, url_for

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.people import words
from models import ROLES, Organization
from organizations import people as accounts
from organizations import plans

# parameter → what it may be; anything else is as if it were not there
CHOICES = {"role": ROLES, "status": ("active", "invited", "deactivated"), "origin": ("jit", "invitation", "setup")}


@blueprint.get("/people")
@requires("people.read")
def people(organization: Organization) -> str:
    wanted, after = wanted_people(), _text("after")
    rows = accounts.page(organization, after, wanted=wanted)
    shown, more = rows[: accounts.PAGE], len(rows) > accounts.PAGE
    numbers = accounts.counts(organization, wanted)
    here = {"slug": organization.slug, **words.parameters(wanted)}
    return render_template(
        "settings/people/list.html",
        organization=organization,
        people=shown,
        wanted=wanted,
        counts=words.people_in_words(numbers),
        seats=words.seats_in_words(organization.seats, numbers.seats_used),
        matching=words.matching_in_words(numbers.matching) if wanted else "",
        roles_of_before=_roles_of_before(organization, numbers),
        export=url_for(".export_people", **here),
        next=url_for(".people", **here, after=shown[-1].email) if more else None,
        first=url_for(".people", **here) if after else None,
    )


def wanted_people() -> accounts.Filter:
    picked = {name: value for name, values in CHOICES.items() if (value := request.args.get(name, "")) in values}
    return accounts.Filter(search=_text("q"), **picked)


def _text(name: str) -> str:
    return request.args.get(name, "").replace("\0", "").strip()[:320]


def _roles_of_before(organization: Organization, numbers: accounts.Counts) -> int:
    """JIT accounts with the role of a plan of before. Asked only where there can be any."""
    if not numbers.of_jit.keys() & plans.roles_of_other_plans(organization):
        return 0
    return plans.with_another_plans_role(organization)
