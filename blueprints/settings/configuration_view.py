"""One version of what a connection trusts, as pages show it: its certificates, and what differs from the live one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from blueprints.settings import sentences
from models import SSOConfiguration
from saml.keys import KeyRefused, fingerprint, read_certificate

MAPPED = {
    "email": "E-mail address",
    "given_name": "Given name",
    "family_name": "Family name",
    "display_name": "Display name",
    "groups": "Groups",
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """`proved_at`: the first sign-in that it verified."""

    words: str
    subject: str = ""
    ends_at: datetime | None = None
    fingerprint: str | None = None
    urgent: bool = False
    ended: bool = False
    proved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Configuration:
    row: SSOConfiguration
    certificates: list[Certificate]
    mapping: list[tuple[str, str]]
    changes: list[Change]


def configuration_view(
    row: SSOConfiguration,
    at: datetime,
    proved: Mapping[str, datetime] | None = None,
    live: SSOConfiguration | None = None,
) -> Configuration:
    """`proved`: fingerprint → the first sign-in; `live`: what this version is compared with."""
    return Configuration(
        row,
        [certificate_view(pem, at, proved or {}) for pem in row.certificates],
        [(words, row.attribute_mapping[key]) for key, words in MAPPED.items() if row.attribute_mapping.get(key)],
        _changes(live, row, at) if live is not None and live.id != row.id else [],
    )


def certificate_view(pem: str, at: datetime, proved: Mapping[str, datetime]) -> Certificate:
    try:
        certificate = read_certificate(pem)
    except KeyRefused as refused:
        return Certificate(str(refused))
    ends_at, name = certificate.not_valid_after_utc, fingerprint(certificate)
    return Certificate(
        sentences.certificate(ends_at, at),
        certificate.subject.rfc4514_string(),
        ends_at,
        name,
        (ends_at - at).days < sentences.CERTIFICATE_IS_URGENT_DAYS,
        ends_at <= at,
        proved.get(name),
    )


def lasting(certificates: Sequence[Certificate]) -> Certificate | None:
    """The one that ends last: a new one beside an old one is a roll-over under way."""
    readable = [certificate for certificate in certificates if certificate.ends_at]
    return max(readable, key=lambda certificate: str(certificate.ends_at), default=None)


def _changes(live: SSOConfiguration, row: SSOConfiguration, at: datetime) -> list[Change]:
    fields = {
        "Entity ID": (live.idp_entity_id, row.idp_entity_id),
        "Sign-in URL": (live.sso_url, row.sso_url),
        "Logout URL": (live.slo_url or "none", row.slo_url or "none"),
        "Address of logout answers": (live.slo_response_url or "the same", row.slo_response_url or "the same"),
    }
    fields |= {
        f"Attribute for {words.lower()}": (
            live.attribute_mapping.get(key) or "its usual names",
            row.attribute_mapping.get(key) or "its usual names",
        )
        for key, words in MAPPED.items()
    }
    changes = [Change(what, before, after) for what, (before, after) in fields.items() if before != after]
    added = [pem for pem in row.certificates if pem not in live.certificates]
    gone = [pem for pem in live.certificates if pem not in row.certificates]
    changes += [Change("Certificate", "not there", _name(pem, at)) for pem in added]
    changes += [Change("Certificate", _name(pem, at), "not there any more") for pem in gone]
    return changes


def _name(pem: str, at: datetime) -> str:
    view = certificate_view(pem, at, {})
    return f"SHA-256 {view.fingerprint[:23]}…, {view.words}" if view.fingerprint else view.words
