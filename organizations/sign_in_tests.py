"""Test sign-ins: a real answer of the identity provider, judged by one configuration, with nobody signed in.

What an answer held is personal data of whoever tested, so a test is kept for a day. That a configuration passed is
kept with it for good.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from database import db, now
from models import Organization, SignInTest, SSOConfiguration, SSOConnection, User
from organizations import audit

LIFETIME = timedelta(hours=24)


def start(connection: SSOConnection, configuration: SSOConfiguration, actor: User | str) -> SignInTest:
    test = SignInTest(
        organization_id=connection.organization_id,
        connection_id=connection.id,
        configuration_id=configuration.id,
        public_id=secrets.token_urlsafe(12),
        started_by=actor.email if isinstance(actor, User) else actor,
        expires_at=now() + LIFETIME,
    )
    db.session.add(test)
    db.session.flush()
    return test


def find(organization: Organization, public_id: str) -> SignInTest | None:
    return db.session.scalar(
        select(SignInTest).where(
            SignInTest.organization_id == organization.id,
            SignInTest.public_id == public_id,
            SignInTest.expires_at > now(),
        )
    )


def last_of(configuration: SSOConfiguration) -> SignInTest | None:
    """The newest finished test of this very configuration, as long as it is kept."""
    query = (
        select(SignInTest)
        .where(
            SignInTest.configuration_id == configuration.id,
            SignInTest.finished_at.is_not(None),
            SignInTest.expires_at > now(),
        )
        .order_by(SignInTest.id.desc())
    )
    return db.session.scalar(query.limit(1))


def finish(
    test: SignInTest,
    *,
    passed: bool,
    reference: str,
    checks: Sequence[Mapping[str, object]],
    attributes: Sequence[Mapping[str, object]],
    mapped: Mapping[str, object],
    decision: Mapping[str, object],
) -> None:
    """Store the result, in the current transaction. A passed test is what activating asks for.

    A test of a draft that was discarded meanwhile is shown, and proves nothing.
    """
    at = now()
    test.finished_at, test.passed, test.reference = at, passed, reference
    test.checks = [dict(check) for check in checks]
    test.attributes = [dict(attribute) for attribute in attributes]
    test.mapped, test.decision = dict(mapped), dict(decision)
    configuration = db.session.get_one(SSOConfiguration, test.configuration_id)
    if passed and configuration.discarded_at is None:
        configuration.tested_at = at
    organization = db.session.get_one(Organization, test.organization_id)
    source = "handover" if test.started_by.startswith(audit.HANDOVER) else "admin"
    details: dict[str, Any] = {"version": configuration.version, "passed": passed}
    audit.record(
        organization,
        f"{source}:sso:tested",
        actor=test.started_by,
        subject=configuration.idp_entity_id,
        reference=reference,
        **details,
    )
