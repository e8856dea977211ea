"""What counts once: a request is answered once, and a message is used once, whoever is first."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, bindparam, update

from database import db, insert_unless_there, now
from models import ConsumedAssertion, PendingRequest, SSOConnection
from saml.receipt import Refused

_ANSWER = (
    update(PendingRequest)
    .where(PendingRequest.id == bindparam("answered"), PendingRequest.used_at.is_(None))
    .values(used_at=bindparam("at"))
    .execution_options(synchronize_session=False)
)


def answer_once(request_id: int) -> None:
    """Use the request with this id up, in the current transaction. Raises Refused where it was: of two one is first."""
    taken = db.session.execute(_ANSWER, {"answered": request_id, "at": now()})
    if cast("CursorResult[object]", taken).rowcount != 1:
        raise Refused("the request was already answered")


def use_once(connection: SSOConnection, idp_entity_id: str, message_id: str, expires_at: datetime, what: str) -> None:
    """Remember an assertion or a logout request until nobody would accept it any more, in the current transaction.

    Raises Refused when it came before: the unique constraint decides, so of two at once one is refused.
    """
    values = {"idp_entity_id": idp_entity_id, "assertion_id": message_id, "expires_at": expires_at}
    if not insert_unless_there(ConsumedAssertion, connection_id=connection.id, **values):
        raise Refused(f"{what} was already used")
