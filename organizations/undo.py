"""Undoing a time window: the accounts that were created in it, what they did since, and ending them.

First sign-ins created them, or admins for people who were turned away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from database import db, now
from models import AuditEvent, Organization, SignInAttempt, SignInSession, User
from organizations import audit, invitations, passwords
from organizations.locking import lock

MOST = 200
# Counted apart, or no act of theirs.
_PLAIN = ("sso:account:created", "sso:sign_in:succeeded", "password:sign_in:succeeded")
_ONLY_ADMINS = "admin:"


@dataclass(frozen=True, slots=True)
class Created:
    """`acts`: what they did other than signing in, in the words of the audit log, and how often. `left_out`: why this
    account is not touched; empty where it can be ended.
    """

    user: User
    sign_ins: int
    last_seen: datetime | None
    acts: list[tuple[str, int]]
    left_out: str

    @property
    def waits(self) -> bool:
        """Nobody has signed in to it yet. Deactivated, and one day reactivated, nobody could: it is withdrawn."""
        return self.user.status == "invited"


@dataclass(frozen=True, slots=True)
class Undone:
    deactivated: list[User]
    withdrawn: list[User]
    left: list[Created]


def window(organization: Organization, begins: datetime, ends: datetime) -> list[Created]:
    """Who was created from `begins` on and before `ends` and still has a working account, at most MOST + 1 of them.

    Four queries, however many there are; each is about them only, however long ago the window was.
    """
    query = (
        select(User)
        .where(
            User.organization_id == organization.id,
            User.origin == "jit",
            User.status != "deactivated",
            User.created_at >= begins,
            User.created_at < ends,
        )
        .order_by(User.created_at, User.id)
        .limit(MOST + 1)
        .options(joinedload(User.invited_by))
        .execution_options(populate_existing=True)
    )
    users = db.session.scalars(query).all()
    ids = [user.id for user in users]
    seen, invited = _sign_ins(ids), _invited(ids)
    never: tuple[int, datetime | None] = (0, None)
    acts = _acts(organization, begins, [user.email for user in users])
    return [
        Created(
            user,
            *seen.get(user.id, never),
            _in_words(acts[user.email]),
            _why_not(user, acts[user.email], invited.get(user.id, 0)),
        )
        for user in users
    ]


def _sign_ins(ids: Sequence[int]) -> dict[int | None, tuple[int, datetime | None]]:
    """How often each of these people signed in, and when last."""
    query = (
        select(SignInAttempt.user_id, func.count(), func.max(SignInAttempt.at))
        .where(SignInAttempt.user_id.in_(ids), SignInAttempt.signed_in.is_(True))
        .group_by(SignInAttempt.user_id)
    )
    return {user_id: (number, last) for user_id, number, last in db.session.execute(query)}


def _invited(ids: Sequence[int]) -> dict[int | None, int]:
    """How many accounts each of these people vouched for or invited, if any."""
    query = select(User.invited_by_id, func.count()).where(User.invited_by_id.in_(ids)).group_by(User.invited_by_id)
    return dict(iter(db.session.execute(query)))


def _acts(organization: Organization, begins: datetime, emails: Sequence[str]) -> dict[str, Counter[str]]:
    """Action → how often, of each address since `begins`: before, nobody could act under it, for no account is removed
    that was ever used.
    """
    query = (
        select(AuditEvent.actor, AuditEvent.action, func.count())
        .where(
            AuditEvent.organization_id == organization.id,
            AuditEvent.at >= begins,
            AuditEvent.actor.in_(emails),
            AuditEvent.action.not_in(_PLAIN),
        )
        .group_by(AuditEvent.actor, AuditEvent.action)
    )
    found: dict[str, Counter[str]] = {email: Counter() for email in emails}
    for actor, action, times in db.session.execute(query):
        found[actor][action] = times
    return found


def _in_words(acts: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent first. Several actions have the same title."""
    titles: Counter[str] = Counter()
    for action, times in sorted(acts.items()):
        titles[audit.ACTIONS[action][0] if action in audit.ACTIONS else action] += times
    return titles.most_common()


def _why_not(user: User, acts: Counter[str], invited: int) -> str:
    if user.role == "admin":
        return "is an admin now"
    changes = sum(times for action, times in acts.items() if action.startswith(_ONLY_ADMINS))
    if changes:
        return f"has acted as an admin ({changes} {'change' if changes == 1 else 'changes'})"
    if invited:
        return f"has invited {invited} {'person' if invited == 1 else 'people'}"
    return ""


def end(organization: Organization, begins: datetime, ends: datetime, shown: Collection[int], actor: User) -> Undone:
    """End those of `shown` (ids) who still can be: who signed in is deactivated and signed out at once, who waits to
    sign in for the first time is withdrawn.

    Looked at again under a lock: somebody who became an admin since the page was made is left out, and who was not on
    the page is not touched. Raises NotAnAdmin.
    """
    lock(organization, actor)
    # As for withdrawing one: whoever is accepting holds their own row, too, and is waited for.
    ours = (User.organization_id == organization.id, User.id.in_(shown))
    db.session.execute(select(User.id).where(*ours).order_by(User.id).with_for_update())
    found = [created for created in window(organization, begins, ends) if created.user.id in shown]
    deactivated = [created.user for created in found if not created.left_out and not created.waits]
    withdrawn = [created.user for created in found if not created.left_out and created.waits]
    because = f"undo of {_moment(begins)} to {_moment(ends)} UTC"
    for user in deactivated:
        user.status = "deactivated"
        audit.record(organization, "admin:account:deactivated", actor=actor, subject=user.email, because=because)
    ids = [user.id for user in deactivated]
    running = (SignInSession.user_id.in_(ids), SignInSession.ended_at.is_(None))
    db.session.execute(update(SignInSession).where(*running).values(ended_at=now()))
    passwords.end_links(*ids)
    invitations.remove(organization, withdrawn, actor)
    return Undone(deactivated, withdrawn, [created for created in found if created.left_out])


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
