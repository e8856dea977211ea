"""Ask my admin: what is written down when somebody who was refused asks to be helped.

Somebody who needs an account is on the list of the missed already. Others are shown there when they ask, not before:
a new account is not what helps them.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.engine import CursorResult

from database import db, now
from models import ASKED_REASONS, MISSED_REASONS, MissedSignIn, Organization, SignInAttempt
from organizations import audit
from organizations.locking import lock

LONGEST_QUESTION = 300
ASKED_AGAIN = timedelta(hours=1)  # one address
MOST_ASKED_AN_HOUR = 20  # one organization
REASONS = MISSED_REASONS + ASKED_REASONS


def refused_attempt(organization: Organization, reference: str) -> SignInAttempt | None:
    """The attempt under this reference, if it is of somebody whom an admin can help."""
    query = select(SignInAttempt).where(
        SignInAttempt.reference == reference,
        SignInAttempt.organization_id == organization.id,
        SignInAttempt.reason.in_(REASONS),
        SignInAttempt.signed_in.is_(False),
    )
    return db.session.scalar(query)


def ask(organization: Organization, attempt: SignInAttempt, question: str) -> str:
    """Mark the row of a refused attempt. `asked`, or why not: `before`, `closed`, `too_many`.

    Of several clicks at once one counts; an organization is asked MOST_ASKED_AN_HOUR times an hour at most.
    """
    lock(organization, audit.SYSTEM)
    at = now()
    own = (MissedSignIn.organization_id == organization.id, MissedSignIn.email == attempt.email)
    if attempt.reason in ASKED_REASONS:
        _put_on_the_list(organization, attempt.email)
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
    audit.record(organization, "sso:missed:asked", actor=audit.SYSTEM, subject=row.email, reference=attempt.reference)
    return "asked"


def _put_on_the_list(organization: Organization, email: str | None) -> None:
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


def name_of(attempt: SignInAttempt) -> str:
    """As the identity provider gave it, with the address; the address alone where there is no name."""
    own = (MissedSignIn.organization_id == attempt.organization_id, MissedSignIn.email == attempt.email)
    row = db.session.scalars(select(MissedSignIn).where(*own)).one()
    name = row.display_name or " ".join(filter(None, (row.given_name, row.family_name)))
    return f"{name} ({row.email})" if name else row.email
