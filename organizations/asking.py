"""Ask my admin: what is written down when somebody who was refused asks to be helped.

Somebody who needs an account is on the list of the missed already. Others are shown there when they ask, not before:
a new account is not what helps them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.engine import CursorResult

from database import db, now
from models import ASKED_REASONS, MISSED_REASONS, AuditEvent, MissedSignIn, Organization, SignInAttempt, User
from organizations import audit, missed
from organizations.locking import lock

LONGEST_QUESTION = 300
ASKED_AGAIN = timedelta(hours=1)  # one address
MOST_ASKED_AN_HOUR = 20  # one organization
REASONS = MISSED_REASONS + ASKED_REASONS
ASKED = "sso:missed:asked"


def refused_attempt(organization: Organization, reference: str) -> SignInAttempt | None:
    """The attempt under this reference, if it is of somebody whom an admin can help."""
    query = select(SignInAttempt).where(
        SignInAttempt.reference == reference,
        SignInAttempt.organization_id == organization.id,
        SignInAttempt.reason.in_(REASONS),
        SignInAttempt.signed_in.is_(False),
    )
    return db.session.scalar(query)


def address_of(attempt: SignInAttempt) -> str | None:
    """Of the account that the attempt led to, else the one that was sent; None where nobody knows who it was.

    An identity provider may send another address than the account has, or none, for somebody whom it is linked to.
    """
    if attempt.user_id is None:
        return attempt.email
    return db.session.scalar(select(User.email).where(User.id == attempt.user_id)) or attempt.email


def asked_lately(organization: Organization, reference: str) -> bool:
    """Whether the person of this refused attempt has asked, and would be told `before` if they did so again."""
    who = (
        select(func.coalesce(User.email, SignInAttempt.email))
        .select_from(SignInAttempt)
        .outerjoin(User, User.id == SignInAttempt.user_id)
        .where(SignInAttempt.reference == reference, SignInAttempt.organization_id == organization.id)
    )
    query = select(MissedSignIn.id).where(
        MissedSignIn.organization_id == organization.id,
        MissedSignIn.email == who.scalar_subquery(),
        MissedSignIn.closed_at.is_(None),
        MissedSignIn.asked_at > now() - ASKED_AGAIN,
    )
    return db.session.scalar(query) is not None


def ask(organization: Organization, attempt: SignInAttempt, email: str, question: str) -> str:
    """Mark the row of a refused attempt. `asked`, or why not: `before`, `closed`, `too_many`. `email`: `address_of` it.

    Of several clicks at once one counts; an organization is asked MOST_ASKED_AN_HOUR times an hour at most.
    """
    lock(organization, audit.SYSTEM)
    at = now()
    own = (MissedSignIn.organization_id == organization.id, MissedSignIn.email == email)
    if attempt.reason in ASKED_REASONS:
        _put_on_the_list(organization, email)
    row = db.session.scalar(select(MissedSignIn).where(*own).execution_options(populate_existing=True))
    if row is None or row.closed_at is not None:
        return "closed"
    if row.asked_at is not None and (row.asked_at > at - ASKED_AGAIN or row.reference != attempt.reference):
        return "before"
    lately = select(func.count()).where(
        MissedSignIn.organization_id == organization.id, MissedSignIn.asked_at > at - ASKED_AGAIN
    )
    if (db.session.scalar(lately) or 0) >= MOST_ASKED_AN_HOUR:
        return "too_many"
    marked = update(MissedSignIn).where(*own, MissedSignIn.closed_at.is_(None))
    result = db.session.execute(marked.values(asked_at=at, question=question or row.question))
    assert isinstance(result, CursorResult)
    audit.record(organization, ASKED, actor=audit.SYSTEM, subject=row.email, reference=attempt.reference)
    return "asked"


def _put_on_the_list(organization: Organization, email: str) -> None:
    """Unless it is there, or an admin has decided since the last attempt."""
    db.session.execute(
        update(MissedSignIn)
        .where(
            MissedSignIn.organization_id == organization.id,
            MissedSignIn.email == email,
            MissedSignIn.closed_at <= MissedSignIn.last_at,
        )
        .values(closed_at=None, asked_at=None, question=None)
    )


def name_of(organization: Organization, email: str) -> str:
    """As the identity provider gave it, with the address; the address alone where there is no name."""
    own = (MissedSignIn.organization_id == organization.id, MissedSignIn.email == email)
    row = db.session.scalars(select(MissedSignIn).where(*own)).one()
    name = row.display_name or " ".join(filter(None, (row.given_name, row.family_name)))
    return f"{name} ({row.email})" if name else row.email


def references(organization: Organization, rows: Sequence[MissedSignIn]) -> dict[str, list[str]]:
    """E-mail address → the references under which they asked since they are on the list, the latest first.

    The row knows only that of the last attempt; the admins were mailed another one, if the person tried again since.
    One query, and none where nobody of them has asked.
    """
    found: dict[str, list[str]] = {row.email: [] for row in rows if row.asked_at is not None}
    if not found:
        return found
    query = select(AuditEvent.subject, AuditEvent.action, AuditEvent.reference).where(
        AuditEvent.organization_id == organization.id,
        AuditEvent.subject.in_(found),
        AuditEvent.action.in_((ASKED, missed.DISMISSED)),
    )
    before: set[str] = set()
    for email, action, reference in db.session.execute(query.order_by(AuditEvent.id.desc())):
        if action == missed.DISMISSED:
            before.add(email)
        elif reference and email not in before:
            found[email].append(reference)
    return found
