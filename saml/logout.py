"""Single logout (SAML core 3.7, profiles 4.4): messages we send, and what must hold for those that arrive.

Both bindings are accepted, and on both a message must be signed by the connection's identity provider, fresh, meant
for this endpoint, and new. Nothing is asked of a cookie: logout arrives in frames and by cross-site POST, where there
is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

from lxml import etree

from models import SSOConfiguration
from saml.authn_request import assertion, envelope, new_message_id, protocol
from saml.document import decode_form, parse_text
from saml.endpoints import Endpoints
from saml.receipt import Refused
from saml.redirect import inflate, read_query, verify_query
from saml.rules import SKEW, moment, text_of
from saml.shape import DS, SAML, SAMLP, SUCCESS, Children, check_ids
from saml.signatures import verify_element

# How old a message may be; its ID is remembered for that long.
FRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """The identity provider signs somebody out; without session indexes, of every session they have."""

    message_id: str
    name_id: str
    session_indexes: tuple[str, ...]
    relay_state: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LogoutResponse:
    in_response_to: str
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came to the logout endpoint: the raw query of a GET, or the fields of a POST."""

    query: bytes | None
    requests: Sequence[str] = ()
    responses: Sequence[str] = ()
    relay_states: Sequence[str] = ()


def read(
    arrived: Arrived, configuration: SSOConfiguration, endpoints: Endpoints, at: datetime
) -> LogoutRequest | LogoutResponse:
    """Raises Refused."""
    certificates = tuple(configuration.certificates)
    if arrived.query is not None:
        parameters = read_query(arrived.query)
        verify_query(parameters, certificates)
        is_request = "SAMLRequest" in parameters
        root = parse_text(inflate(parameters["SAMLRequest" if is_request else "SAMLResponse"]))
        relay_state = _unquoted(parameters.get("RelayState"))
    else:
        is_request = bool(arrived.requests)
        if is_request == bool(arrived.responses):
            raise Refused("the form holds neither a request nor a response, or both")
        root = parse_text(decode_form(arrived.requests or arrived.responses, arrived.relay_states))
        relay_state = next(iter(arrived.relay_states), None)
    children = Children(root)
    issuer = children.required(f"{SAML}Issuer")
    signature = children.optional(f"{DS}Signature")
    check_ids(root)
    if signature is not None:
        verify_element(root, signature, certificates)
    elif arrived.query is None:
        raise Refused("the message is not signed")
    if root.tag != f"{SAMLP}{'LogoutRequest' if is_request else 'LogoutResponse'}" or root.get("Version") != "2.0":
        raise Refused("the message is not a SAML 2.0 logout message of its kind")
    if text_of(issuer) != configuration.idp_entity_id:
        raise Refused("the issuer is not the identity provider of this connection")
    if root.get("Destination") != endpoints.logout:
        raise Refused("the Destination is not this connection's logout URL")
    issued = moment(root, "IssueInstant")
    if issued is None or not at - FRESH - SKEW < issued < at + SKEW:
        raise Refused("the message is too old, or from the future")
    return _read_request(root, children, relay_state, issued, at) if is_request else _read_response(root, children)


def _read_request(
    root: etree._Element, children: Children, relay_state: str | None, issued: datetime, at: datetime
) -> LogoutRequest:
    ends = moment(root, "NotOnOrAfter")
    if ends is not None and ends + SKEW <= at:
        raise Refused("the request is not valid any more (NotOnOrAfter)")
    children.optional(f"{SAMLP}Extensions")
    name_id = text_of(children.required(f"{SAML}NameID"))
    indexes: list[str] = []
    while (index := children.optional(f"{SAMLP}SessionIndex")) is not None:
        indexes.append(text_of(index))
    children.end()
    if not name_id:
        raise Refused("the NameID is blank")
    message_id = str(root.get("ID", ""))
    return LogoutRequest(message_id, name_id, tuple(indexes), relay_state, issued + FRESH + 2 * SKEW)


def _read_response(root: etree._Element, children: Children) -> LogoutResponse:
    children.optional(f"{SAMLP}Extensions")
    status = children.required(f"{SAMLP}Status")
    children.end()
    code = status.find(f"{SAMLP}StatusCode")
    return LogoutResponse(str(root.get("InResponseTo", "")), code is not None and code.get("Value") == SUCCESS)


def logout_request(
    slo_url: str, endpoints: Endpoints, name_id: str, name_id_attributes: dict[str, str], session_index: str | None
) -> tuple[str, etree._Element]:
    """(its ID, a LogoutRequest for one session of one person), to be sent signed."""
    message_id = new_message_id()
    message = protocol.LogoutRequest(
        assertion.Issuer(endpoints.entity_id),
        assertion.NameID(name_id, **name_id_attributes),
        **envelope(message_id, slo_url),
    )
    if session_index:
        message.append(protocol.SessionIndex(session_index))
    return message_id, message


def logout_response(address: str, endpoints: Endpoints, in_response_to: str) -> etree._Element:
    """The answer to a LogoutRequest that was carried out."""
    return protocol.LogoutResponse(
        assertion.Issuer(endpoints.entity_id),
        protocol.Status(protocol.StatusCode(Value=SUCCESS)),
        InResponseTo=in_response_to,
        **envelope(new_message_id(), address),
    )


def _unquoted(value: bytes | None) -> str | None:
    return unquote_plus(value.decode("ascii", "replace")) if value else None
