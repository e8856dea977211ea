"""Settings → Audit log: what happened in the organization, searched and read page by page, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from flask import render_template, request, url_for

from blueprints import paging
from blueprints.access import requires
from blueprints.paging import Place
from blueprints.row_ids import LARGEST_ID
from blueprints.settings import blueprint
from database import db
from models import JIT_PROVISIONING, ROLES, AuditEvent, Organization
from organizations import audit, receipts
from provisioning.decision import Reason

PAGE = 50
SUBJECTS = {JIT_PROVISIONING: "JIT Provisioning"}
ACTORS = {
    audit.SUPPORT: "Support (Latchkey)",
    audit.OPERATOR: "Operator (Latchkey)",
    audit.SYSTEM: "System",
}
LABELS = {
    "idp_entity_id": "Identity provider",
    "ends_at": "Until",
    "because": "Because",
    "wanted": "Wanted state",
    "each_time": "At each sign-in",
}
# Names that the code stores, as opposed to what somebody wrote (a reason that support gave stays as it is).
CODES = frozenset(reason.value for reason in Reason) | {
    *("recovery_code", "sso_only", "wrong_password", "wrong_second_factor")
}
HOLD_ROLES = frozenset({"role", "before", "after", "instead_of"})
# Names that are other words to a reader.
WORDS = {"totp": "authenticator app", "flex": "Flex", "seat_based": "Seat-based"}


@dataclass(frozen=True, slots=True)
class EventInWords:
    at: datetime
    title: str
    who: str
    subject: str
    details: list[tuple[str, str]]
    reference: str | None


@blueprint.get("/audit-log")
@requires("audit.read")
def audit_log(organization: Organization) -> str:
    search, person = paging.text("q", request.args)[:200], paging.text("person", request.args)

    def rows_at(place: Place[int]) -> list[AuditEvent]:
        query = audit.events(organization, search, place.behind, after=place.ahead, subject=person)
        return list(db.session.scalars(query.limit(PAGE + 1)))

    page = paging.read(rows_at, Place(_number("before"), _number("after")), PAGE)
    here = {"slug": organization.slug, "q": search or None, "person": person or None}
    return render_template(
        "settings/audit_log.html",
        organization=organization,
        search=search,
        person=person,
        events=[event_in_words(event) for event in page.rows],
        receipts=receipts.there(organization, [event.reference for event in page.rows]),
        **page.links(partial(url_for, ".audit_log", **here), lambda event: event.id, paging.NEWEST_FIRST),
    )


def _number(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number <= LARGEST_ID else None


def event_in_words(event: AuditEvent) -> EventInWords:
    title = audit.ACTIONS[event.action][0] if event.action in audit.ACTIONS else event.action
    details = [(_label(key), _value(key, value)) for key, value in event.details.items() if value is not None]
    return EventInWords(
        at=event.at,
        title=title,
        who=ACTORS.get(event.actor, event.actor),
        subject=SUBJECTS.get(event.subject, event.subject),
        details=details,
        reference=event.reference,
    )


def _label(key: str) -> str:
    return LABELS.get(key, key.replace("_", " ").capitalize())


def _value(key: str, value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(f"{number}. {_value(key, one)}" for number, one in enumerate(value, 1)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key in HOLD_ROLES and value in ROLES:
        return str(value).capitalize()
    if key == "link_made_by":
        return ACTORS.get(value, str(value))
    if value in WORDS:
        return WORDS[value]
    return str(value).replace("_", " ") if value in CODES else str(value)
