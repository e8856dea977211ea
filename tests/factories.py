"""Plain functions that make rows, and commit them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import current_app

from database import db, now
from demo.cast import Person
from demo.identity_provider import IdentityProvider
from models import (
    JIT_PROVISIONING,
    Domain,
    EncryptionKey,
    Entitlement,
    Organization,
    SSOConfiguration,
    SSOConnection,
    User,
)
from organizations import audit, creation, passwords
from saml.endpoints import Endpoints, endpoints
from saml.keys import make_key
from saml.metadata import read_idp_metadata

PASSWORD = "a password for the tests"
EVE = Person("eve@acme.example", "Eve", "Lindqvist", ("research",))
KEY_FOLDER = Path(tempfile.mkdtemp(prefix="latchkey-test-idp-"))


@cache
def _signing_key(key_encryption_key: str) -> tuple[bytes, str]:
    """One key for all connections of a test run: making an RSA key takes longer than most tests."""
    return make_key("tests", [key_encryption_key])


@cache
def _password_hash() -> str:
    user = User(email="nobody@example.example")
    passwords.set_password(user, PASSWORD)
    return user.password_hash or ""


def make_organization(
    slug: str = "acme",
    plan: str = "flex",
    *,
    seats: int | None = None,
    domain: str | None = None,
    sso: str = "not_set_up",
    unlocked: bool = False,
    jit_on: bool = False,
    is_operator: bool = False,
    admin: str | None = None,
) -> Organization:
    """An organization with an admin and a verified domain. `sso`: `not_set_up`, `enabled` or `activated`."""
    domain = domain or f"{slug}.example"
    organization, _admin = creation.create(slug, slug.title(), plan, admin or f"admin@{domain}", seats, f"it@{domain}")
    organization.is_operator = is_operator
    db.session.add(Domain(organization_id=organization.id, name=domain, verified_at=now()))
    if sso != "not_set_up":
        make_connection(organization, activated=sso == "activated")
    if unlocked:
        db.session.add(Entitlement(organization_id=organization.id, feature=JIT_PROVISIONING, reason="test"))
    organization.jit_on = jit_on
    db.session.commit()
    return organization


def make_connection(organization: Organization, *, activated: bool = True) -> SSOConnection:
    key, certificate = _signing_key(current_app.config["KEY_ENCRYPTION_KEYS"][0])
    connection = SSOConnection(
        organization_id=organization.id,
        public_id=f"{organization.slug}-connection",
        signing_key=key,
        signing_certificate=certificate,
    )
    db.session.add(connection)
    db.session.flush()
    db.session.add(
        EncryptionKey(
            organization_id=organization.id, connection_id=connection.id, private_key=key, certificate=certificate
        )
    )
    idp = read_idp_metadata(identity_provider(organization.slug).metadata, allow_http=True)
    configuration = SSOConfiguration(
        organization_id=organization.id,
        connection_id=connection.id,
        version=1,
        idp_entity_id=idp.entity_id,
        sso_url=idp.sso_url,
        certificates=list(idp.certificates),
        metadata_source="test",
        live_at=now(),
    )
    db.session.add(configuration)
    db.session.flush()
    connection.live_configuration_id = configuration.id
    connection.activated_at = now() if activated else None
    db.session.commit()
    return connection


@cache
def identity_provider(slug: str, sign_response: bool = True, sign_assertion: bool = True) -> IdentityProvider:
    """The real demo identity provider, in this process; its keys are made once a run."""
    return IdentityProvider(
        "http://127.0.0.1:8001", slug, KEY_FOLDER, sign_response=sign_response, sign_assertion=sign_assertion
    )


def our_endpoints(organization: Organization) -> Endpoints:
    assert organization.connection is not None
    return endpoints(current_app.config["PUBLIC_BASE_URL"], organization.connection.public_id)


def make_user(
    organization: Organization,
    email: str,
    *,
    role: str = "viewer",
    status: str = "active",
    origin: str = "setup",
    with_password: bool = True,
    **values: object,
) -> User:
    user = creation.add_user(organization, email, role=role, origin=origin, status=status, **values)
    user.password_hash = _password_hash() if with_password else None
    db.session.commit()
    return user


def make_password_link(user: User) -> str:
    """The path of a one-time link to set the password, as an operator makes it."""
    token = passwords.make_link(user)
    audit.record(user.organization, "operator:password_link:created", actor=audit.OPERATOR, subject=user.email)
    db.session.commit()
    return f"/set-password/{token}"


@dataclass
class Cast:
    """The people every test knows. Eve is `EVE`: the identity provider knows her, Acme does not."""

    acme: Organization
    globex: Organization
    ana: User
    ben: User
    cleo: User


def make_cast() -> Cast:
    acme = make_organization("acme", "flex", sso="activated", unlocked=True, admin="root@acme.example")
    globex = make_organization("globex", "flex", admin="root@globex.example")
    return Cast(
        acme,
        globex,
        ana=make_user(acme, "ana@acme.example", role="admin", given_name="Ana", family_name="Sousa"),
        ben=make_user(acme, "ben@acme.example", role="viewer", given_name="Ben", family_name="Okafor"),
        cleo=make_user(globex, "cleo@globex.example", role="admin", given_name="Cleo", family_name="Marchetti"),
    )
