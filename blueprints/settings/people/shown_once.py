"""A link to hand on, carried from the request that made it to the page that shows it, so that to load that page again
makes no new link and does not end this one.

It goes in the cookie of the admin who made it, which no script reads; not in an address, which stays in histories and
logs. There it is encrypted, good for a few minutes, and taken out when it is shown.
"""

from __future__ import annotations

import json
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app, session
from flask_login import current_user

from database import now
from models import User

SLOT, LIFETIME = "link_shown_once", timedelta(minutes=5)


def keep(user: User, address: str, through_sso: bool = False) -> None:
    """For the next page of the signed-in person; another one that waits is forgotten."""
    content = json.dumps([current_user.user.id, user.id, user.status, address, through_sso])
    session[SLOT] = _cipher().encrypt_at_time(content.encode(), int(now().timestamp())).decode()


def take(user: User) -> tuple[str, bool] | None:
    """(address, whether it leads to single sign-on) of the link that the signed-in person made for this one, once.

    None, too, where the account is in another state since: an invitation was accepted.
    """
    try:
        sealed, at = session.pop(SLOT, ""), int(now().timestamp())
        content = _cipher().decrypt_at_time(sealed, int(LIFETIME.total_seconds()), at)
    except InvalidToken:
        return None
    by, whom, status, address, through_sso = json.loads(content)
    same = (by, whom, status) == (current_user.user.id, user.id, user.status)
    return (address, through_sso) if same else None


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in current_app.config["KEY_ENCRYPTION_KEYS"]])
