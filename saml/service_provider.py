"""Starting a sign-in, and the way through the checks: what was posted goes in, an Identity or a refusal comes out."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from database import db
from models import ConsumedAssertion, PendingRequest, SSOConfiguration, SSOConnection
from saml import rules
from saml.attributes import DISPLAY_NAME, FAMILY_NAME, GIVEN_NAME, Attributes, read_email
from saml.authn_request import new_request_id, redirect_url
from saml.document import decode_form, parse_text
from saml.endpoints import Endpoints
from saml.identity import Identity
from saml.keys import open_signing_key
from saml.receipt import Receipt, Refused
from saml.second_opinion import agree, client_for
from saml.shape import Shape, read_shape
from saml.signatures import verify_element


@dataclass(frozen=True, slots=True)
class Posted:
    """What arrived at the ACS: every value of the two fields, and the SHA-256 of the browser's binding cookie."""

    saml_responses: Sequence[str]
    relay_states: Sequence[str]
    browser_hash: str | None


REQUEST_LIFETIME = timedelta(minutes=10)


def start(
    connection: SSOConnection,
    configuration: SSOConfiguration,
    endpoints: Endpoints,
    *,
    browser_hash: str,
    return_path: str,
    key_encryption_keys: list[str],
    at: datetime,
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
        request_id=new_request_id(),
        relay_state=secrets.token_urlsafe(24),
        browser_hash=browser_hash,
        return_path=return_path,
        expires_at=at + REQUEST_LIFETIME,
    )
    db.session.add(request)
    key = open_signing_key(connection.signing_key, key_encryption_keys)
    return redirect_url(configuration.sso_url, endpoints, request.request_id, request.relay_state, key)


def validate(
    connection: SSOConnection,
    configuration: SSOConfiguration,
    endpoints: Endpoints,
    posted: Posted,
    receipt: Receipt,
    at: datetime,
) -> tuple[Identity, PendingRequest]:
    """Run the checks in their order, on the receipt. Raises Refused at the first that fails.

    Nothing is written. The last check, `once`, belongs to the transaction that uses the identity: see
    `provisioning.provisioner`. The identity and its request are good for `connection` and for no other.
    """
    with receipt.check("form"):
        document = decode_form(posted.saml_responses, posted.relay_states)
    with receipt.check("text"):
        root = parse_text(document)
    with receipt.check("shape"):
        shape = read_shape(root)
    with receipt.check("decrypt") as note:
        note.text = "not encrypted"
    with receipt.check("signature") as note:
        note.text = _verify_signatures(shape, configuration.certificates)
    # From here on everything is read from elements that the signature covers.
    with receipt.check("issuer"):
        rules.check_issuer(shape, configuration.idp_entity_id, endpoints)
    with receipt.check("subject"):
        name_id, in_response_to, confirmation_end = rules.check_subject(shape.assertion, endpoints, at)
    with receipt.check("request"):
        request = _find_request(connection, shape, in_response_to, posted.browser_hash, at)
    with receipt.check("conditions"):
        statement, conditions_end = rules.check_conditions(shape.assertion, endpoints, at)
    attributes = rules.read_attributes(shape.assertion)
    value = name_id.value if name_id else None
    with receipt.check("subject_key"):
        subject = rules.subject_key(name_id, attributes, _email_for_subject(attributes, value))
    with receipt.check("email") as note:
        email = read_email(attributes, value)
        note.text = "" if email else "none was sent"
    with receipt.check("pysaml2"):
        client = client_for(
            endpoints, configuration.idp_entity_id, configuration.sso_url, tuple(configuration.certificates)
        )
        agree(client, document, request.request_id, str(shape.assertion.get("ID")), value)
    identity = Identity(
        idp_entity_id=configuration.idp_entity_id,
        assertion_id=str(shape.assertion.get("ID")),
        request_id=request.request_id,
        subject=subject,
        name_id=value,
        session_index=statement.session_index,
        session_not_on_or_after=statement.session_not_on_or_after,
        expires_at=max(confirmation_end, conditions_end) + rules.SKEW,
        email=email,
        given_name=attributes.first(GIVEN_NAME),
        family_name=attributes.first(FAMILY_NAME),
        display_name=attributes.first(DISPLAY_NAME),
        groups=attributes.groups,
    )
    return identity, request


def _verify_signatures(shape: Shape, certificates: Sequence[str]) -> str:
    """Every signature that is there must verify, and one must be: on the assertion, or on the Response around it."""
    verified: list[str] = []
    if shape.response_signature is not None:
        verified.append("Response: " + verify_element(shape.response, shape.response_signature, certificates))
    if shape.assertion_signature is not None:
        verified.append("assertion: " + verify_element(shape.assertion, shape.assertion_signature, certificates))
    if not verified:
        raise Refused("neither the assertion nor the Response is signed")
    return "; ".join(verified)


def _find_request(
    connection: SSOConnection, shape: Shape, confirmed: str | None, browser_hash: str | None, at: datetime
) -> PendingRequest:
    in_response_to = shape.response.get("InResponseTo")
    if in_response_to is None and confirmed is None:
        raise Refused("the sign-in was started at the identity provider, which is not switched on for this connection")
    if in_response_to != confirmed:
        raise Refused("InResponseTo of the Response and of the subject confirmation differ")
    request = db.session.scalar(
        select(PendingRequest).where(
            PendingRequest.connection_id == connection.id, PendingRequest.request_id == in_response_to
        )
    )
    if request is None:
        raise Refused("it answers no request of this connection")
    if request.used_at is not None:
        raise Refused("the request was already answered")
    if request.expires_at <= at:
        raise Refused("the sign-in took longer than ten minutes")
    if browser_hash is None or not hmac.compare_digest(request.browser_hash, browser_hash):
        raise Refused("the sign-in was started in another browser, or this browser refuses the cookie")
    return request


def _email_for_subject(attributes: Attributes, name_id: str | None) -> str | None:
    """For the subject key only: an ambiguous address is no key; the check `email` says what is wrong with it."""
    try:
        return read_email(attributes, name_id)
    except Refused:
        return None
