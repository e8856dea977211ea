"""The audit log takes only what its vocabulary lists, so that whoever reads it can rely on it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from database import db
from models import AuditEvent, Organization
from organizations import audit
from tests.factories import Cast


@pytest.fixture
def organization() -> Organization:
    return Organization(id=1, slug="acme", name="Acme", plan="flex")


@pytest.mark.parametrize(
    ("action", "details"),
    [
        ("sso:account:made", {}),
        ("", {}),
        ("Account created by JIT Provisioning", {}),
        ("sso:account:linked", {}),
        ("sso:account:linked", {"configuration": 1, "email": "eve@acme.example"}),
        ("sso:account:linked", {"Configuration": 1}),
        ("admin:jit:turned_on", {"reason": "because"}),
        ("support:entitlement:unlocked", {"reason": "because"}),
    ],
)
def test_an_unknown_action_or_other_details_are_refused(
    organization: Organization, action: str, details: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="is not in ACTIONS"):
        audit.record(organization, action, actor=audit.SYSTEM, subject="x", **details)


def test_a_known_action_with_its_details_is_stored_with_the_change(app: Flask, cast: Cast) -> None:
    audit.record(cast.acme, "sso:account:linked", actor=cast.ana, subject="x", reference="ABCD-EFGH", configuration=3)
    db.session.rollback()
    assert db.session.scalars(audit.events(cast.acme, "sso:account:linked")).all() == []
    audit.record(cast.acme, "sso:account:linked", actor=cast.ana, subject="x", reference="ABCD-EFGH", configuration=3)
    db.session.commit()
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "sso:account:linked")).one()
    assert (event.organization_id, event.actor, event.subject) == (cast.acme.id, "ana@acme.example", "x")
    assert (event.reference, event.details) == ("ABCD-EFGH", {"configuration": 3})


def test_a_search_takes_its_signs_as_they_are(app: Flask, cast: Cast) -> None:
    audit.record(cast.acme, "operator:domain:added", actor=audit.OPERATOR, subject="100%_.example", reason=None)
    db.session.commit()
    found = {search: len(db.session.scalars(audit.events(cast.acme, search)).all()) for search in ("100%_", "%", "0__")}
    assert found == {"100%_": 1, "%": 1, "0__": 0}
    assert db.session.scalars(audit.events(cast.globex, "100%_")).all() == []


def test_every_action_names_a_source_a_subject_and_what_happened() -> None:
    for action, (title, details) in audit.ACTIONS.items():
        assert re.fullmatch(r"(operator|support|admin|handover|system|sso|password|user):[a-z_]+:[a-z_]+", action)
        assert title[0].isupper()
        assert not title.endswith(".")
        assert all(re.fullmatch(r"[a-z_]+", detail) for detail in details)
    titles = [title for source in ("admin", "operator") for title, _ in [audit.ACTIONS[f"{source}:jit:turned_on"]]]
    assert titles == ["JIT Provisioning turned on"] * 2
