"""How admins are told by e-mail of the accounts that first sign-ins create: not at all, once a day, or each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import exists, func, literal, select, union_all

from database import db, now
from models import DIGESTS, AuditEvent, Organization, OutboxMessage, User
from organizations import audit, jit_letters, outbox
from organizations.locking import lock

DAYS = 7  # so far back a day is still told of
CHANGED = "admin:digest:changed"


def choose(organization: Organization, wanted: str, actor: User, base_url: str) -> bool:
    """Store it; True when it was a change. Raises NotAnAdmin, and ValueError for what is not in DIGESTS.

    Whom the daily mail was still to tell of is told of at once, because the new choice counts for those who come from
    now on; but not where nobody wants to hear of anybody any more.
    """
    if wanted not in DIGESTS:
        raise ValueError(wanted)
    # A first sign-in holds the same lock: what the choice of before has told of was created before this is recorded.
    lock(organization, actor)
    before = organization.digest
    if before == wanted:
        return False
    if before == "daily" and wanted != "off":
        _tell_of_the_rest(organization, base_url)
    organization.digest = wanted
    audit.record(organization, CHANGED, actor=actor, subject=organization.slug, before=before, after=wanted)
    return True


def tell_of_one(organization: Organization, user: User, base_url: str) -> None:
    """In the transaction that creates the account, where the organization wants to hear of each."""
    if organization.digest == "each":
        subject, body = jit_letters.new_account(organization.name, _newcomer(user, base_url))
        outbox.tell_admins(organization, subject, body)


def due(at: datetime) -> list[tuple[int, date]]:
    """(organization, day) of what is still to be told once a day: the last DAYS days (UTC) on which somebody new came.

    Yesterday, and the days before on which this did not run. One query.
    """
    days = _days_before(at)
    each = [
        select(Organization.id, literal(number).label("number")).where(
            Organization.digest == "daily",
            exists().where(User.organization_id == Organization.id, *_new_on(day)),
            ~exists().where(OutboxMessage.organization_id == Organization.id, OutboxMessage.key.startswith(_key(day))),
        )
        for number, day in enumerate(days)
    ]
    found = db.session.execute(union_all(*each).order_by("number", "id"))
    return [(organization_id, days[number]) for organization_id, number in found]


def tell_of_the_day(organization_id: int, day: date, base_url: str) -> bool:
    """Put the mail about that day into the outbox, unless another run was faster. The caller commits."""
    locked = select(Organization).where(Organization.id == organization_id).with_for_update()
    organization = db.session.scalar(locked.execution_options(populate_existing=True))
    if organization is None or organization.digest != "daily" or _is_told(organization, day):
        return False
    return _tell(organization, day, base_url, _key(day) + str(organization_id))


def _tell_of_the_rest(organization: Organization, base_url: str) -> None:
    """Of the days before that were not told of, and of today so far. Without a key: today may be told of once more, of
    those who come after another choice.
    """
    at = now()
    for day in (*_days_before(at), at.astimezone(UTC).date()):
        if not _is_told(organization, day):
            _tell(organization, day, base_url)


def _tell(organization: Organization, day: date, base_url: str, key: str | None = None) -> bool:
    """False where nobody new came on that day."""
    new = select(User).join(User.organization).where(User.organization_id == organization.id, *_new_on(day))
    count = db.session.scalar(select(func.count()).select_from(new.with_only_columns(User.id).subquery())) or 0
    if not count:
        return False
    people = db.session.scalars(new.order_by(User.created_at, User.id).limit(jit_letters.SHOWN))
    rows = [_newcomer(user, base_url) for user in people]
    security_tab = f"{base_url}/o/{organization.slug}/settings/security"
    subject, body = jit_letters.new_accounts(organization.name, day, rows, count, security_tab)
    outbox.tell_admins(organization, subject, body, key=key)
    return True


def _newcomer(user: User, base_url: str) -> jit_letters.Newcomer:
    page = f"{base_url}/o/{user.organization.slug}/settings/people/{user.id}"
    return jit_letters.Newcomer(user.name, user.email, user.role, user.created_by_reference or "", page)


def _is_told(organization: Organization, day: date) -> bool:
    told = select(OutboxMessage.id).where(
        OutboxMessage.organization_id == organization.id, OutboxMessage.key.startswith(_key(day))
    )
    return db.session.scalar(told.limit(1)) is not None


def _days_before(at: datetime) -> list[date]:
    """The last DAYS that are over (UTC), the oldest first."""
    today = at.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in range(DAYS, 0, -1)]


def _key(day: date) -> str:
    return f"digest:{day}:"


def _new_on(day: date) -> tuple:  # type: ignore[type-arg]
    """Of an organization that is in the same query: whom a first sign-in created on that day, under today's choice.

    Who came before the choice was changed was mailed of by then (`choose`), or nobody wanted to hear of them. Whom an
    admin created is no news to the admins.
    """
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    changed_since = exists().where(
        AuditEvent.organization_id == Organization.id,
        AuditEvent.subject == Organization.slug,
        AuditEvent.action == CHANGED,
        AuditEvent.at >= User.created_at,
    )
    created = (User.created_at >= begins, User.created_at < begins + timedelta(days=1))
    return User.origin == "jit", User.invited_by_id.is_(None), *created, ~changed_since
