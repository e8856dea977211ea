"""The identity provider's signing certificates of one configuration: the next one added, an old one retired.

Both make a version like any other change does: a draft beside the live one, or live at once before activation. Which
certificate has proved itself is noted at the first sign-in that it verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from database import db, insert_unless_there
from models import CertificateUse, Organization, SSOConfiguration, SSOConnection, User
from organizations import connections
from organizations.encryption_keys import ConnectionRefused
from organizations.locking import lock
from saml.keys import fingerprint, read_certificate
from saml.metadata import IdPMetadata

# Certificates that are known to be stored; a process asks the database once or twice for each.
_PROVED: set[tuple[int, int, str]] = set()
_PROVED_AT_MOST = 10_000


def add(
    organization: Organization, certificates: Sequence[str], actor: User | str, key_encryption_keys: list[str]
) -> SSOConfiguration:
    """A version that trusts these too.

    Raises ConnectionRefused when it does already, or nothing is set up; NotAnAdmin.
    """
    newest = _newest(organization, actor)
    added = [pem for pem in certificates if pem not in newest.certificates]
    if not added:
        raise ConnectionRefused("This certificate is there already; nothing was changed.")
    return _configure(organization, newest, (*newest.certificates, *added), actor, key_encryption_keys)


def retire(
    organization: Organization, name: str, actor: User | str, key_encryption_keys: list[str]
) -> SSOConfiguration:
    """A version without the certificate of this SHA-256 fingerprint.

    Raises ConnectionRefused for the only one, NotAnAdmin.
    """
    newest = _newest(organization, actor)
    left = tuple(pem for pem in newest.certificates if fingerprint(read_certificate(pem)) != name)
    if len(left) == len(newest.certificates):
        raise ConnectionRefused("This certificate is not there any more; nothing was changed.")
    if not left:
        raise ConnectionRefused("It is the only certificate: without it nobody could sign in. Add the next one first.")
    return _configure(organization, newest, left, actor, key_encryption_keys)


def details_of(configuration: SSOConfiguration) -> IdPMetadata:
    """What a version says of its identity provider, in the form in which details are given."""
    return IdPMetadata(
        configuration.idp_entity_id,
        configuration.sso_url,
        tuple(configuration.certificates),
        configuration.slo_url,
        configuration.slo_response_url,
    )


def proved(connection: SSOConnection) -> dict[str, datetime]:
    """SHA-256 fingerprint of a certificate → the first sign-in that it verified."""
    query = select(CertificateUse.fingerprint, CertificateUse.first_used_at)
    return dict(iter(db.session.execute(query.where(CertificateUse.connection_id == connection.id))))


def prove(connection_id: int, fingerprints: Sequence[str]) -> None:
    """Note the first sign-in that these certificates verified, in the current transaction."""
    for name in dict.fromkeys(fingerprints):  # an assertion and the Response around it, by the same key
        key = (id(db.engine), connection_id, name)
        if key in _PROVED or insert_unless_there(CertificateUse, connection_id=connection_id, fingerprint=name):
            continue
        if len(_PROVED) >= _PROVED_AT_MOST:
            _PROVED.clear()
        _PROVED.add(key)


def _newest(organization: Organization, actor: User | str) -> SSOConfiguration:
    lock(organization, actor)
    connection = organization.connection
    newest = connections.newest(connection) if connection else None
    if newest is None:
        raise ConnectionRefused("Give the details of your identity provider first.")
    return newest


def _configure(
    organization: Organization,
    newest: SSOConfiguration,
    certificates: tuple[str, ...],
    actor: User | str,
    key_encryption_keys: list[str],
) -> SSOConfiguration:
    return connections.configure(
        organization,
        replace(details_of(newest), certificates=certificates),
        newest.metadata_source,
        key_encryption_keys,
        actor,
        metadata_url=newest.metadata_url,
    )
