"""The keys for which an identity provider may encrypt assertions to one connection, and their roll-over.

All that are not retired are published in our metadata and tried, the newest first. The old one is retired by hand,
when the identity provider has taken the new one.
"""

from __future__ import annotations

from database import db, now
from models import EncryptionKey, Organization, SSOConnection
from organizations import audit
from saml.keys import fingerprint, make_key, read_certificate


class ConnectionRefused(ValueError):
    """SSO cannot be set up or changed so; the text says what to do."""


def make(connection: SSOConnection, key_encryption_keys: list[str]) -> EncryptionKey:
    """A new key of this connection; what it is made for is the caller's to record."""
    private_key, certificate = make_key(f"{connection.organization.slug} at Latchkey", key_encryption_keys)
    key = EncryptionKey(
        organization_id=connection.organization_id,
        connection_id=connection.id,
        private_key=private_key,
        certificate=certificate,
    )
    db.session.add(key)
    db.session.flush()
    db.session.expire(connection, ["encryption_keys"])
    return key


def add(organization: Organization, key_encryption_keys: list[str]) -> EncryptionKey:
    """A new key beside the ones there are: both are published and tried, until the old one is retired by hand."""
    if organization.connection is None:
        raise ConnectionRefused(f"SSO is not prepared for {organization.name}: prepare it first.")
    key = make(organization.connection, key_encryption_keys)
    audit.record(
        organization, "operator:encryption_key:added", actor=audit.OPERATOR, subject=_fingerprint(key.certificate)
    )
    return key


def retire(organization: Organization, key_id: int) -> EncryptionKey:
    """Stop publishing and trying a key. Raises ConnectionRefused for the last one, or one that is not there."""
    keys = organization.connection.encryption_keys if organization.connection else []
    key = next((key for key in keys if key.id == key_id), None)
    if key is None:
        raise ConnectionRefused(f"{organization.name} has no active encryption key {key_id}.")
    if len(keys) == 1:
        raise ConnectionRefused("This is the only encryption key. Add the next one first, and let the IdP take it.")
    key.retired_at = now()
    db.session.flush()
    db.session.expire(organization.connection, ["encryption_keys"])
    audit.record(
        organization, "operator:encryption_key:retired", actor=audit.OPERATOR, subject=_fingerprint(key.certificate)
    )
    return key


def _fingerprint(certificate: str) -> str:
    return fingerprint(read_certificate(certificate))
