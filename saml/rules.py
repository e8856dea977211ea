"""What a verified assertion must say: the checks `issuer`, `subject`, `request`, `conditions` and `subject_key`.

Every function takes elements that were found by the shape and are covered by the signature, and raises Refused.
SAML profiles 4.1.4.2 and 4.1.4.3 (Web Browser SSO), core 2.4 and 2.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lxml import etree

from models import SSOConfiguration
from saml.attributes import PAIRWISE_ID, SUBJECT_ID, Attributes
from saml.endpoints import Endpoints
from saml.receipt import Refused
from saml.shape import SAML, only
from saml.subjects import EMAIL

# How far the clocks of two honest machines may be apart.
SKEW = timedelta(seconds=180)
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?")
_KNOWN_CONDITIONS = (f"{SAML}AudienceRestriction", f"{SAML}OneTimeUse", f"{SAML}ProxyRestriction")
_NAME_ID_ATTRIBUTES = ("Format", "NameQualifier", "SPNameQualifier", "SPProvidedID")
MAXIMUM_SUBJECT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class NameID:
    """`attributes` are those it was sent with; a LogoutRequest has to repeat them."""

    value: str
    format: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """What the one AuthnStatement says of the session."""

    session_index: str | None
    session_not_on_or_after: datetime | None


def check_issuer(
    response: etree._Element,
    response_signed: bool,
    assertion: etree._Element,
    configuration: SSOConfiguration,
    endpoints: Endpoints,
) -> None:
    """Core 2.2.5 and 3.2.2, profiles 4.1.4.2: who says it, and to which address it was sent."""
    issuers = [*only(response, f"{SAML}Issuer"), *only(assertion, f"{SAML}Issuer")]
    if response_signed and len(issuers) < 2:
        raise Refused("the signed Response has no Issuer")
    if any(text_of(issuer) != configuration.idp_entity_id for issuer in issuers):
        raise Refused("the issuer is not the identity provider of this connection")
    if any(issuer.get("Format", _ENTITY) != _ENTITY for issuer in issuers):
        raise Refused("the issuer is not an entity ID")
    destination = response.get("Destination")
    if destination is None and response_signed:
        raise Refused("the signed Response has no Destination")
    if destination is not None and destination != endpoints.acs:
        raise Refused("the Destination is not this connection's ACS URL")


def check_subject(
    assertion: etree._Element, endpoints: Endpoints, at: datetime
) -> tuple[NameID | None, str | None, datetime]:
    """(NameID or None, InResponseTo or None, NotOnOrAfter) of the subject and its bearer confirmation."""
    [subject] = only(assertion, f"{SAML}Subject")  # the shape requires it
    name_ids = only(subject, f"{SAML}NameID")
    if len(name_ids) > 1 or any(child.tag not in (f"{SAML}NameID", f"{SAML}SubjectConfirmation") for child in subject):
        raise Refused("the subject does not hold just one NameID and its confirmations")
    name_id = None
    if name_ids:
        value = text_of(name_ids[0])
        if not value or len(value) > MAXIMUM_SUBJECT_LENGTH or not value.isprintable():
            raise Refused("the NameID is blank, too long, or holds control characters")
        attributes = {name: name_ids[0].get(name) for name in _NAME_ID_ATTRIBUTES if name_ids[0].get(name)}
        name_id = NameID(value, attributes.get("Format", UNSPECIFIED), attributes)
    causes: list[str] = []
    for confirmation in only(subject, f"{SAML}SubjectConfirmation"):
        try:
            in_response_to, not_on_or_after = _read_bearer(confirmation, endpoints, at)
        except Refused as refused:
            causes.append(refused.detail)
        else:
            return name_id, in_response_to, not_on_or_after
    raise Refused(causes[0] if causes else "the subject has no confirmation")


def _read_bearer(confirmation: etree._Element, endpoints: Endpoints, at: datetime) -> tuple[str | None, datetime]:
    data = only(confirmation, f"{SAML}SubjectConfirmationData")
    if confirmation.get("Method") != BEARER or len(data) != 1:
        raise Refused("the subject has no bearer confirmation")
    if data[0].get("Recipient") != endpoints.acs:
        raise Refused("the Recipient is not this connection's ACS URL")
    not_on_or_after = moment(data[0], "NotOnOrAfter")
    if not_on_or_after is None:
        raise Refused("the bearer confirmation has no NotOnOrAfter")
    _check_window(data[0], at, "bearer confirmation")
    return data[0].get("InResponseTo"), not_on_or_after


def check_conditions(assertion: etree._Element, endpoints: Endpoints, at: datetime) -> tuple[Statement, datetime]:
    """(the AuthnStatement, the Conditions' NotOnOrAfter)."""
    [conditions] = only(assertion, f"{SAML}Conditions")  # the shape requires it
    not_on_or_after = moment(conditions, "NotOnOrAfter")
    if not_on_or_after is None:
        raise Refused("the Conditions have no NotOnOrAfter")
    _check_window(conditions, at, "assertion")
    if any(child.tag not in _KNOWN_CONDITIONS for child in conditions):
        raise Refused("the Conditions hold a condition that is not known here")
    restrictions = only(conditions, f"{SAML}AudienceRestriction")
    if not restrictions:
        raise Refused("the assertion names no audience")
    for restriction in restrictions:
        if endpoints.entity_id not in [text_of(audience) for audience in only(restriction, f"{SAML}Audience")]:
            raise Refused("the audience is not this connection's entity ID")
    statements = only(assertion, f"{SAML}AuthnStatement")
    if len(statements) != 1 or len(only(assertion, f"{SAML}AttributeStatement")) > 1:
        raise Refused("the assertion does not hold exactly one AuthnStatement and at most one AttributeStatement")
    session_end = moment(statements[0], "SessionNotOnOrAfter")
    if session_end is not None and session_end + SKEW <= at:
        raise Refused("the session at the identity provider is over (SessionNotOnOrAfter)")
    return Statement(statements[0].get("SessionIndex"), session_end), not_on_or_after


def read_attributes(assertion: etree._Element, mapping: Mapping[str, str] | None = None) -> Attributes:
    """Names, FriendlyNames and values of the one AttributeStatement; an attribute may have no value."""
    return Attributes(
        [
            (
                attribute.get("Name", ""),
                attribute.get("FriendlyName"),
                ["".join(value.itertext()) for value in only(attribute, f"{SAML}AttributeValue")],
            )
            for statement in only(assertion, f"{SAML}AttributeStatement")
            for attribute in only(statement, f"{SAML}Attribute")
        ],
        mapping,
    )


def subject_key(name_id: NameID | None, attributes: Attributes, email: str | None) -> str:
    """What identifies the person at this identity provider from one sign-in to the next."""
    if name_id is not None and name_id.format == EMAIL_ADDRESS:
        return name_id.value.lower() if name_id.value.isascii() else name_id.value
    if name_id is not None and name_id.format in (PERSISTENT, UNSPECIFIED):
        return name_id.value
    if name_id is not None and name_id.format != TRANSIENT:
        raise Refused("the NameID format is none of persistent, emailAddress, unspecified and transient")
    for kind, names in (("pairwise-id", PAIRWISE_ID), ("subject-id", SUBJECT_ID)):
        values = attributes.values(names)
        if len(values) > 1:
            raise Refused(f"the assertion holds several values of {kind}")
        if values:
            return f"{kind}:{values[0][:MAXIMUM_SUBJECT_LENGTH]}"
    if email is None:
        raise Refused("there is no lasting NameID, no pairwise-id or subject-id, and no e-mail address")
    return f"{EMAIL}{email.lower()}"


def _check_window(element: etree._Element, at: datetime, what: str) -> None:
    not_before, not_on_or_after = moment(element, "NotBefore"), moment(element, "NotOnOrAfter")
    if not_before is not None and not_before - SKEW > at:
        raise Refused(f"the {what} is not valid yet (NotBefore): the clocks differ by more than {SKEW.seconds} seconds")
    if not_on_or_after is not None and not_on_or_after + SKEW <= at:
        raise Refused(f"the {what} is not valid any more (NotOnOrAfter)")


def moment(element: etree._Element, name: str) -> datetime | None:
    """An xs:dateTime attribute; without a zone it is UTC (core 1.3.3)."""
    text = element.get(name)
    if text is None:
        return None
    if not _DATE_TIME.fullmatch(text):
        raise Refused(f"{name} is not a date and time")
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(f"{name} is not a date and time") from error


def text_of(element: etree._Element) -> str:
    """The text of an element that has nothing but text."""
    if len(element):
        raise Refused(f"{etree.QName(element).localname} holds other elements")
    return (element.text or "").strip()
