"""Sample data, made by the functions that operators use. Running it again changes nothing that is there."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from database import begin_write, db
from demo import refuse_production
from demo.cast import OPERATOR, PASSWORD, SAMPLES, Sample
from demo.identity_provider import IdentityProvider
from models import Organization
from organizations import activation, connections, creation, domains, entitlements, jit, passwords
from saml.metadata import IdPMetadata, read_idp_metadata

WHY = "Demo"


def seed(app: Flask, idp_url: str, key_folder: Path) -> None:
    """Create what is missing; commits once for each organization."""
    refuse_production()
    for sample in (*SAMPLES, OPERATOR):
        begin_write()
        organization = creation.find(sample.slug) or _create(sample)
        if sample.sso:
            provider = IdentityProvider(idp_url, sample.slug, key_folder)
            idp = read_idp_metadata(provider.metadata, allow_http=True)
            _connect(organization, idp, app.config["KEY_ENCRYPTION_KEYS"])
        if sample.jit_on and not organization.jit_on:
            jit.set_wish(organization, True, "operator")
        db.session.commit()


def _create(sample: Sample) -> Organization:
    admin = sample.people["admin"]
    organization, user = creation.create(
        sample.slug, sample.name, sample.plan, admin.email, sample.seats, f"it@{sample.domain}"
    )
    organization.is_operator = sample is OPERATOR
    user.given_name, user.family_name = admin.first_name, admin.last_name
    passwords.set_password(user, PASSWORD)
    for role, person in sample.people.items():
        if role != "admin":
            member = creation.add_user(organization, person.email, role=role, origin="setup")
            member.given_name, member.family_name = person.first_name, person.last_name
    domains.add(organization, sample.domain)
    if sample.sso:
        domains.verify_by_support(organization, sample.domain, WHY)
    if sample.unlocked:
        entitlements.unlock(organization, WHY)
    return organization


def _connect(organization: Organization, idp: IdPMetadata, key_encryption_keys: list[str]) -> None:
    """Also when the demo was moved to another port, or its keys are new."""
    live = organization.connection.live_configuration if organization.connection else None
    if live and live.sso_url == idp.sso_url and live.certificates == list(idp.certificates):
        return
    connections.configure(organization, idp, f"{idp.entity_id}", key_encryption_keys)
    activation.activate(organization, without_test_reason=WHY)
