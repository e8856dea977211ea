"""Requests on their way: stored when a sign-in starts, found again when an answer comes. Logout: pending_logout.py."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from database import db
from models import ConsumedAssertion, PendingRequest, SSOConfiguration, SSOConnection
from saml.authn_request import authn_request, new_message_id
from saml.endpoints import Endpoints
from saml.keys import open_key
from saml.receipt import Refused
from saml.redirect import signed_url

REQUEST_LIFETIME = timedelta(minutes=10)
# Written down once, and of columns: putting it together, or making an object of the row, takes longer than asking.
_TABLE = PendingRequest.__table__.c
_SENT_TO_SIGN_IN = select(
    _TABLE.id,
    _TABLE.request_id,
    _TABLE.return_path,
    _TABLE.used_at,
    _TABLE.expires_at,
    _TABLE.browser_hash,
    _TABLE.configuration_id,
    _TABLE.sign_in_test_id,
    _TABLE.user_id,
).where(
    _TABLE.connection_id == bindparam("connection_id"),
    _TABLE.request_id == bindparam("request_id"),
    _TABLE.purpose.in_(("sign_in", "test", "connect")),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that may wait for its answer, as it is stored.

    `id`: of its row; `request_id`: its ID on the wire. One of a test sign-in names the test, and the configuration
    that is tested; one of a person who connects their own identity names their account.
    """

    id: int
    request_id: str
    return_path: str
    used_at: datetime | None
    expires_at: datetime
    browser_hash: str
    configuration_id: int
    sign_in_test_id: int | None
    user_id: int | None


def start(
    connection: SSOConnection,
    configuration: SSOConfiguration,
    endpoints: Endpoints,
    *,
    browser_hash: str,
    return_path: str,
    key_encryption_keys: list[str],
    at: datetime,
    sign_in_test_id: int | None = None,
    user_id: int | None = None,
) -> str:
    """Store a request for this browser and return the address of the identity provider to send it to.

    The RelayState is a random key, never a URL: where to return to stays here. What has ended of this connection
    is removed on the way, so the tables hold only what still counts. The caller commits.
    """
    for table in (PendingRequest, ConsumedAssertion):
        db.session.execute(delete(table).where(table.connection_id == connection.id, table.expires_at < at))
    request = PendingRequest(
        organization_id=connection.organization_id,
        connection_id=connection.id,
        configuration_id=configuration.id,
        request_id=new_message_id(),
        relay_state=secrets.token_urlsafe(24),
        browser_hash=browser_hash,
        return_path=return_path,
        purpose="test" if sign_in_test_id is not None else "connect" if user_id is not None else "sign_in",
        user_id=user_id,
        sign_in_test_id=sign_in_test_id,
        expires_at=at + REQUEST_LIFETIME,
    )
    db.session.add(request)
    key = open_key(connection.signing_key, key_encryption_keys)
    message = authn_request(configuration.sso_url, endpoints, request.request_id)
    return signed_url(configuration.sso_url, "SAMLRequest", message, request.relay_state, key)


def find_request(connection: SSOConnection, in_response_to: str | None) -> Waiting | None:
    """The request of this connection with this ID, used and ended ones too: `judge` decides whether it counts."""
    if in_response_to is None:
        return None
    asked = {"connection_id": connection.id, "request_id": in_response_to}
    row = db.session.execute(_SENT_TO_SIGN_IN, asked).one_or_none()
    return Waiting(*row) if row is not None else None


def judge(
    connection: SSOConnection,
    request: Waiting | None,
    in_response_to: str | None,
    confirmed: str | None,
    browser_hash: str | None,
    at: datetime,
) -> Waiting | None:
    """The request if this is its answer; None for an answer to none, where the connection allows it.

    `in_response_to` is the Response's, by which the request was found, `confirmed` that of the subject confirmation.
    Raises Refused.
    """
    if in_response_to is None and confirmed is None:
        if connection.idp_initiated:
            return None
        raise Refused("the sign-in was started at the identity provider, which is not switched on for this connection")
    if in_response_to != confirmed:
        raise Refused("InResponseTo of the Response and of the subject confirmation differ")
    if request is None or request.request_id != in_response_to:
        raise Refused("it answers no request of this connection")
    if request.used_at is not None:
        raise Refused("the request was already answered")
    if request.expires_at <= at:
        raise Refused("the sign-in took longer than ten minutes")
    if browser_hash is None or not hmac.compare_digest(request.browser_hash, browser_hash):
        raise Refused("the sign-in was started in another browser, or this browser refuses the cookie")
    return request


def find_purpose(
    connection: SSOConnection, relay_states: Sequence[str], browser_hash: str | None
) -> tuple[int | None, int | None]:
    """What a refused answer belongs to, going by its RelayState and the browser.

    (the test sign-in, the account whose person connects their own identity): both None for an ordinary sign-in.
    """
    query = select(_TABLE.sign_in_test_id, _TABLE.user_id).where(
        _TABLE.connection_id == connection.id,
        _TABLE.relay_state.in_(relay_states[:1]),
        _TABLE.browser_hash == browser_hash,
        _TABLE.purpose.in_(("test", "connect")),
        _TABLE.used_at.is_(None),
    )
    found = db.session.execute(query).first()
    return (found.sign_in_test_id, found.user_id) if found else (None, None)
