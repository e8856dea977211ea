"""A database with any number of organizations, each with its own identity provider certificate and activated SSO."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask
from sqlalchemy import insert, update

from app import create_app
from database import db, now
from models import (
    Domain,
    EncryptionKey,
    Entitlement,
    Organization,
    PendingRequest,
    SSOConfiguration,
    SSOConnection,
    Workspace,
)
from saml.endpoints import Endpoints, endpoints
from tests.saml.forge import Signer

BASE_URL = "http://localhost"
KEY_ENCRYPTION_KEY = Fernet.generate_key().decode()
SECRET_KEY = "a secret for the measurements that is long enough"
BROWSER = "the-browser-of-the-measurements"
# RSA keys take long to make, so organizations share a few; their certificates are all different, and so are the
# ciphertexts of their own keys, because caches go by those.
KEYS = 4


@dataclass(frozen=True)
class KeyPair:
    """An RSA-2048 key as the contenders take it: an object, PEM, and python-xmlsec's."""

    private: rsa.RSAPrivateKey
    pem: bytes
    xmlsec_key: xmlsec.Key


@cache
def key_pair(number: int) -> KeyPair:
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPair(private, pem, xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem))


@cache
def _authority() -> ec.EllipticCurvePrivateKey:
    """Signs the certificates, since EC signs ten thousand of them in seconds; nobody looks at who signed one."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate(number: int, common_name: str) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key_pair(number % KEYS).private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365))
        .sign(_authority(), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


@dataclass(frozen=True)
class Customer:
    """One organization, as its identity provider sees it."""

    number: int
    slug: str
    ours: Endpoints
    idp_entity_id: str
    signer: Signer

    @property
    def domain(self) -> str:
        return f"{self.slug}.example"


@dataclass(frozen=True)
class World:
    """An application with its database, and what is needed to sign in at any of its organizations."""

    app: Flask
    customers: list[Customer]
    encryption_certificate: str
    encryption_key: KeyPair


def settings(database_url: str) -> dict[str, str]:
    """The environment of an application on this database."""
    return {
        "LATCHKEY_ENV": "development",
        "SECRET_KEY": SECRET_KEY,
        "PUBLIC_BASE_URL": BASE_URL,
        "KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
        "DATABASE_URL": database_url,
    }


def build(database_url: str, organizations: int) -> World:
    """Make the tables and fill them. The environment must hold `settings()`."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": database_url})
    pair, cipher = key_pair(0), Fernet(KEY_ENCRYPTION_KEY)
    plain = pair.private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    ours_certificate = certificate(0, "Latchkey")
    customers = [_customer(number) for number in range(organizations)]
    with app.app_context():
        db.create_all()
        for start in range(0, organizations, 500):
            _insert(customers[start : start + 500], ours_certificate, lambda: cipher.encrypt(plain))
        db.session.execute(update(SSOConnection).values(live_configuration_id=SSOConnection.id, activated_at=now()))
        db.session.commit()
        db.session.remove()
    return World(app, customers, ours_certificate, pair)


def _customer(number: int) -> Customer:
    slug = f"customer-{number:05d}"
    pem = certificate(number, f"Identity provider of {slug}")
    entity_id = f"https://idp.{slug}.example/metadata"
    signer = Signer(key_pair(number % KEYS).xmlsec_key, pem)
    return Customer(number, slug, endpoints(BASE_URL, f"{slug}-connection"), entity_id, signer)


def _insert(customers: list[Customer], our_certificate: str, encrypted_key: Any) -> None:
    """Rows of one organization share one number as their id in every table."""

    def put(table: Any, row: Any) -> None:
        db.session.execute(insert(table), [{"id": customer.number + 1, **row(customer)} for customer in customers])

    def of(customer: Customer, **values: Any) -> dict[str, Any]:
        return {"organization_id": customer.number + 1, **values}

    put(Organization, lambda it: {"slug": it.slug, "name": it.slug, "plan": "flex", "jit_on": True})
    put(Workspace, lambda it: of(it, name="General", is_general=True))
    put(Domain, lambda it: of(it, name=it.domain, verified_at=now()))
    put(Entitlement, lambda it: of(it, feature="jit_provisioning", reason="measurements"))
    put(
        SSOConnection,
        lambda it: of(
            it,
            public_id=f"{it.slug}-connection",
            signing_key=encrypted_key(),
            signing_certificate=our_certificate,
        ),
    )
    put(
        EncryptionKey,
        lambda it: of(it, connection_id=it.number + 1, private_key=encrypted_key(), certificate=our_certificate),
    )
    put(
        SSOConfiguration,
        lambda it: of(
            it,
            connection_id=it.number + 1,
            version=1,
            idp_entity_id=it.idp_entity_id,
            sso_url=f"https://idp.{it.slug}.example/sso",
            certificates=[it.signer.certificate],
            metadata_source="measurements",
        ),
    )


def expect_answers(customers: list[Customer], request_ids: list[str], browser_hash: str) -> None:
    """Store a pending request for each; commits. Call inside the world's application context."""
    rows = [
        {
            "organization_id": customer.number + 1,
            "connection_id": customer.number + 1,
            "configuration_id": customer.number + 1,
            "request_id": request_id,
            "relay_state": request_id,
            "browser_hash": browser_hash,
            "return_path": "/",
            "expires_at": now() + timedelta(minutes=10),
        }
        for customer, request_id in zip(customers, request_ids, strict=True)
    ]
    db.session.execute(insert(PendingRequest), rows)
    db.session.commit()
    db.session.remove()
