"""The lock on an organization: of two who change it, one comes behind the other and sees what the first one did.

Who changes accounts, the connection, domains, rules, the switch or what support has unlocked holds it, and so does a
sign-in that creates an account: each of those changes comes before a creation or after it. The caller's transaction has
to be a write transaction.
"""

from __future__ import annotations

from database import db, lock_row
from models import Organization, User


class NotAnAdmin(Exception):
    """Who acts was demoted or deactivated while they waited; nothing was changed."""


def lock(organization: Organization, actor: User | str) -> None:
    """Let nobody else change this organization until the transaction ends. What was loaded before is loaded again.

    Take it first, then load what is decided on. A row that was loaded before may be gone: it cannot be looked at any
    more, so find it by its number. Raises NotAnAdmin. Sign-ins that change nothing only refer to the organization and
    are not held up (PostgreSQL, FOR NO KEY UPDATE).
    """
    db.session.flush()
    db.session.expire_all()
    lock_row(organization, key_share=True)
    if isinstance(actor, User) and (actor.role != "admin" or actor.status != "active"):
        raise NotAnAdmin("Nothing was changed: you are not an admin any more.")
