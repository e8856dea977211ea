"""Which certificates of identity providers end soon, and that it was said: 60, 30, 7 and 1 days ahead, once each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from database import db, insert_unless_there
from models import CertificateNotice, CertificateUse, Organization, SSOConnection
from organizations import audit
from saml.keys import KeyRefused, fingerprint, read_certificate

DAYS = (60, 30, 7, 1)


@dataclass(frozen=True, slots=True)
class Notice:
    """`days`: which of DAYS it is."""

    connection_id: int
    fingerprint: str
    ends_at: datetime
    days: int


def due(at: datetime) -> list[Notice]:
    """Of every activated connection. Where several of DAYS have passed at once, only the nearest counts."""
    said, proved = _said(), _proved()
    found = []
    for connection in _activated():
        ends = _ends_of(connection)
        for print_, ends_at in ends.items():
            passed = [days for days in DAYS if at < ends_at <= at + timedelta(days=days)]
            if not passed or (print_, min(passed)) in said[connection.id]:
                continue
            # A longer-lasting certificate that signed somebody in already: the roll-over is done.
            if any(other in proved[connection.id] and until > ends_at for other, until in ends.items()):
                continue
            found.append(Notice(connection.id, print_, ends_at, min(passed)))
    return found


def record(notice: Notice) -> Organization | None:
    """Take this notice on: from here on nobody else says it. None when somebody has. The caller commits."""
    row = {"connection_id": notice.connection_id, "fingerprint": notice.fingerprint, "days": notice.days}
    if not insert_unless_there(CertificateNotice, **row):
        return None
    organization = db.session.get_one(SSOConnection, notice.connection_id).organization
    audit.record(
        organization,
        "system:certificate:ending",
        actor=audit.SYSTEM,
        subject=notice.fingerprint,
        days=notice.days,
        ends_at=notice.ends_at.isoformat(),
    )
    return organization


def _activated() -> list[SSOConnection]:
    query = select(SSOConnection).where(SSOConnection.activated_at.is_not(None))
    return list(db.session.scalars(query.options(joinedload(SSOConnection.live_configuration))))


def _said() -> dict[int, set[tuple[str, int]]]:
    found: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for row in db.session.scalars(select(CertificateNotice)):
        found[row.connection_id].add((row.fingerprint, row.days))
    return found


def _proved() -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for row in db.session.scalars(select(CertificateUse)):
        found[row.connection_id].add(row.fingerprint)
    return found


def _ends_of(connection: SSOConnection) -> dict[str, datetime]:
    """Fingerprint → end of every certificate of the live configuration that can be read."""
    ends = {}
    for pem in connection.live_configuration.certificates if connection.live_configuration else []:
        try:
            certificate = read_certificate(pem)
        except KeyRefused:
            continue  # the Security tab says so
        ends[fingerprint(certificate)] = certificate.not_valid_after_utc
    return ends
