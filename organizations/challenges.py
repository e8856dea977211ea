"""Whether a domain is its organization's, proved by a TXT record. Here is what a look at the DNS changes.

A look takes seconds and must not hold a write transaction, so it has three steps, and who calls commits after the
first and the last: `begin` notes that somebody looks, `txt_records.look` looks, `conclude` loads the domain again and
stores what was seen. Two who look at once are kept apart by `begin`; two organizations that prove the same domain at
once by the unique index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from database import db, lock_row
from models import Domain, Organization, User
from organizations import audit, outbox, txt_records
from organizations.domain_wording import lost_record
from organizations.locking import lock
from organizations.txt_records import Look

LONGEST_NAME = 253  # characters of a name in the DNS (RFC 1035, 2.3.4)
BETWEEN_LOOKS = timedelta(seconds=5)  # at one domain, so that a button cannot be used to flood a name server
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Younger than … → looked at every …; older than all of these: no more, until somebody asks.
INTERVALS = (
    (timedelta(minutes=10), timedelta(minutes=1)),
    (timedelta(hours=2), timedelta(minutes=10)),
    (timedelta(days=2), HOUR),
    (timedelta(days=30), DAY),
)
GONE = ("nothing", "other")  # a name server that does not answer says nothing about the record


@dataclass(frozen=True, slots=True)
class Question:
    """What to look for, without a row of the database."""

    organization_id: int
    domain_id: int
    domain: str
    name: str
    value: str

    def ask(self, resolvers: Sequence[tuple[str, int]]) -> Look:
        """Takes up to `txt_records.SECONDS`: not within a write transaction."""
        return txt_records.look(self.domain, self.name, self.value, resolvers)


def first_check(at: datetime) -> datetime:
    return at + INTERVALS[0][1]


def is_checked(domain: Domain) -> bool:
    """Support's word does not hang on the DNS."""
    return domain.verified_at is None or domain.verified_by == "dns"


def begin(domain: Domain, at: datetime) -> Question | None:
    """Note that the DNS is looked at now; None when it was moments ago, or does not matter for this domain."""
    lock_row(domain)  # of two who ask at once, one waits for the other's note
    if not is_checked(domain) or (domain.checked_at and domain.checked_at > at - BETWEEN_LOOKS):
        return None
    domain.checked_at = at
    # Should this look never end, the next one is due all the same; and nobody else finds this one due meanwhile.
    domain.next_check_at = at + INTERVALS[1][1]
    return Question(domain.organization_id, domain.id, domain.name, domain.record_name, domain.record_value)


def due(at: datetime, limit: int = 50) -> list[int]:
    """The ids of the domains whose next look is due, the longest waiting first."""
    query = select(Domain.id).where(Domain.next_check_at <= at).order_by(Domain.next_check_at, Domain.id).limit(limit)
    return list(db.session.scalars(query))


def conclude(question: Question, seen: Look, at: datetime, actor: User | str = audit.SYSTEM) -> Domain | None:
    """Store what was seen: the domain is verified, not yet, or lost its record. None when it was removed meanwhile.

    `actor` is who asked for the look, SYSTEM for the jobs. Call it in a write transaction. Raises NotAnAdmin.
    """
    organization = db.session.get_one(Organization, question.organization_id)
    lock(organization, actor)
    domain = db.session.get(Domain, question.domain_id, populate_existing=True, with_for_update=True)
    if domain is None or domain.record_value != question.value or not is_checked(domain):
        return domain
    domain.check_result, domain.check_found = seen.result, list(seen.found)
    if domain.verified_at:
        _still_there(organization, domain, seen, at)
    elif seen.result == "found" and not _verify(domain, at):
        domain.check_result = "taken"
    elif seen.result == "found":
        audit.record(organization, f"{audit.source_of(actor)}:domain:verified", actor=actor, subject=domain.name)
    domain.next_check_at = _next(domain, at, asked=actor != audit.SYSTEM)
    return domain


def _verify(domain: Domain, at: datetime) -> bool:
    """False when another organization has verified it, even at this moment: the unique index decides."""
    try:
        with db.session.begin_nested():
            domain.verified_at, domain.verified_by = at, "dns"
    except IntegrityError:
        db.session.refresh(domain)
        return False
    return True


def _still_there(organization: Organization, domain: Domain, seen: Look, at: datetime) -> None:
    """A record that is gone is told once, and changes nothing else: people go on signing in."""
    gone = seen.result in GONE or "no_such_domain" in seen.found
    if gone and domain.missing_since is None:
        domain.missing_since = at
        audit.record(
            organization, "system:domain:record_lost", actor=audit.SYSTEM, subject=domain.name, result=seen.result
        )
        outbox.tell_admins(organization, *lost_record(domain))
    elif seen.result == "found" and domain.missing_since is not None:
        domain.missing_since = None
        audit.record(organization, "system:domain:record_found", actor=audit.SYSTEM, subject=domain.name)


def _next(domain: Domain, at: datetime, asked: bool) -> datetime | None:
    """A verified domain daily, sooner where something is wrong; a pending one for its first month."""
    if domain.verified_at and domain.missing_since is None:
        return at + (DAY if domain.check_result == "found" else HOUR)
    since = domain.missing_since or domain.created_at
    for age, interval in INTERVALS:
        if at - since < age:
            return at + interval
    if domain.verified_at:
        return at + DAY
    return at + HOUR if asked else None  # somebody is at it again
