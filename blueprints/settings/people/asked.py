"""What the list of people is asked for, as it stands in addresses: in those of its pages; and, as one parameter, in
those of the pages of a person who was opened there, so that they lead back to the list as it was left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import current_app, has_request_context, request

from blueprints import paging
from blueprints.settings import blueprint
from blueprints.settings.people import words
from models import ORIGINS, ROLES, STATUSES
from organizations import finding

# parameter → what it may be; anything else is as if it were not there
CHOICES = {"role": ROLES, "status": STATUSES, "origin": ORIGINS}
FROM = "list"
LONGEST = 1_000  # what is longer does not travel along: not every server takes such an address


def wanted_people(parameters: Mapping[str, str] | None = None) -> finding.Filter:
    """Those of this address, or of other parameters."""
    given = request.args if parameters is None else parameters
    picked = {name: value for name, values in CHOICES.items() if (value := given.get(name, "")) in values}
    return finding.Filter(search=paging.text("q", given), **picked)


def to_a_person(wanted: finding.Filter) -> str:
    """What the address of a person ends with on this page of the list."""
    list_of = urlencode(words.parameters(wanted) | paging.place_in_address(request.args))
    return f"?{urlencode({FROM: list_of})}" if 0 < len(list_of) <= LONGEST else ""


def back_to_the_list() -> dict[str, str]:
    """The parameters of the list that somebody came from: those that the list knows, whatever the address holds."""
    given = dict(parse_qsl(request.args.get(FROM, "")[:LONGEST]))
    return words.parameters(wanted_people(given)) | paging.place_in_address(given)


@blueprint.url_defaults
def _carry_on(endpoint: str, values: dict[str, Any]) -> None:
    """From one page of a person to the next, through forms and redirects."""
    if not has_request_context() or FROM not in request.args or "person" not in (request.view_args or {}):
        return
    if current_app.url_map.is_endpoint_expecting(endpoint, "person"):
        values.setdefault(FROM, request.args[FROM][:LONGEST])
