"""Every table, with the constraints that carry the product's rules.

A row that belongs to an organization says so in its own column, and points at its neighbours with a foreign
key that includes the organization. A membership, an identity or a session that crosses from one organization
into another therefore cannot be stored at all: tenant isolation does not rest on anybody's WHERE clause.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from database import Model, UTCDateTime, db, now

PLANS = ("flex", "seat_based")
ROLES = ("viewer", "collaborator", "admin")
STATUSES = ("invited", "active", "deactivated")
ORIGINS = ("jit", "invitation", "setup")
ROLE_OF_PLAN = {"flex": "viewer", "seat_based": "collaborator"}
# Why somebody was turned away whom an admin could let in.
MISSED_REASONS = ("jit_off", "jit_locked", "no_seat_left", "domain_not_verified")
# A new account is not what helps these: they are on the list of the missed only once they ask.
ASKED_REASONS = ("account_deactivated", "identity_changed", "link_required", "refused_by_role_rule")
DIGESTS = ("off", "daily", "each")
JIT_PROVISIONING = "jit_provisioning"
# What a look at the DNS for a domain's TXT record can give.
CHECK_RESULTS = ("found", "nothing", "other", "dns_error", "taken")
CHALLENGE_LABEL = "_latchkey-challenge."
_ASKED = db.text("(asked_at IS NOT NULL)")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=f"{column}_known")


def _where(condition: str) -> dict[str, Any]:
    """Of a partial index."""
    return {f"{dialect}_where": db.text(condition) for dialect in ("sqlite", "postgresql")}


def _new_challenge() -> str:
    return secrets.token_hex(16)


def _within_organization(*columns: str, table: str, **options: Any) -> ForeignKeyConstraint:
    """A foreign key to a row of the same organization."""
    return ForeignKeyConstraint(
        ["organization_id", *columns], [f"{table}.organization_id", *(f"{table}.id" for _ in columns)], **options
    )


def _of_organization() -> Mapped[int]:
    return mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)


class Organization(Model):
    """A customer. `seats` None means no limit; `jit_on` is the customer's stored wish, read at every sign-in."""

    __tablename__ = "organization"
    __table_args__ = (
        _one_of("plan", PLANS),
        CheckConstraint("seats IS NULL OR seats >= 0", name="seats_not_negative"),
        CheckConstraint("NOT (is_operator AND jit_on)", name="operator_without_jit"),
        _one_of("digest", DIGESTS),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    plan: Mapped[str]
    seats: Mapped[int | None]
    it_contact: Mapped[str | None]
    is_operator: Mapped[bool] = mapped_column(default=False)
    jit_on: Mapped[bool] = mapped_column(default=False)
    # Roles by groups of the identity provider: at creation, and if wanted at each sign-in of whom JIT created.
    role_rules_on: Mapped[bool] = mapped_column(default=False, server_default=db.false())
    role_rules_each_time: Mapped[bool] = mapped_column(default=False, server_default=db.false())
    # How admins are told by e-mail of accounts that JIT created.
    digest: Mapped[str] = mapped_column(default="off", server_default="off")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    connection: Mapped[SSOConnection | None] = relationship(back_populates="organization", uselist=False)
    domains: Mapped[list[Domain]] = relationship(order_by="Domain.name")

    @property
    def role_for_new_people(self) -> str:
        return ROLE_OF_PLAN[self.plan]


class Named:
    """How somebody is called: a user, and the few columns of one that a list reads."""

    if TYPE_CHECKING:
        email: Any
        given_name: Any
        family_name: Any
        display_name: Any

    __slots__ = ()

    @property
    def name(self) -> str:
        return self.display_name or " ".join(filter(None, (self.given_name, self.family_name))) or self.email

    @property
    def initials(self) -> str:
        words = [self.given_name, self.family_name] if self.given_name and self.family_name else self.name.split()
        letters = [word[0] for word in words if word and word[0].isalnum()]
        return "".join(letters[:1] + letters[1:][-1:]).upper() or self.email[0].upper()


class User(Named, Model):
    """One account in exactly one organization; the key is (organization, normalised e-mail)."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("organization_id", "email"),
        UniqueConstraint("organization_id", "id"),
        _one_of("role", ROLES),
        _one_of("status", STATUSES),
        _one_of("origin", ORIGINS),
        CheckConstraint("origin <> 'jit' OR created_by_configuration_id IS NOT NULL", name="jit_has_provenance"),
        Index("ix_user_organization_id_origin_created_at", "organization_id", "origin", "created_at"),
        Index("ix_user_counts", "organization_id", "status", "role", "origin"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    email: Mapped[str] = mapped_column(index=True)
    given_name: Mapped[str | None]
    family_name: Mapped[str | None]
    display_name: Mapped[str | None]
    role: Mapped[str]
    # JIT gave the role that the plan had then, and neither an admin nor a rule has said anything else since.
    role_from_plan: Mapped[bool] = mapped_column(default=False, server_default=db.false())
    status: Mapped[str] = mapped_column(default="active")
    origin: Mapped[str]
    password_hash: Mapped[str | None]
    # Second factor of the emergency sign-in (RFC 6238). The secret counts once a first code has confirmed it; a code
    # of the step that was used last, or of an earlier one, is not taken again.
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted with KEY_ENCRYPTION_KEY
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    totp_last_step: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    # Provenance of an account that JIT created: under which configuration, at which sign-in.
    created_by_configuration_id: Mapped[int | None] = mapped_column(ForeignKey("sso_configuration.id"))
    created_by_reference: Mapped[str | None]
    created_by_rule: Mapped[str | None]  # why its first role: the role rule in words, None for the plan's
    created_role: Mapped[str | None]  # the role it began with
    # Of the role of now: since when, and an admin's address, or a role rule or the plan in words; None for the first.
    role_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    role_given_by: Mapped[str | None]
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    organization: Mapped[Organization] = relationship()
    created_by_configuration: Mapped[SSOConfiguration | None] = relationship()
    invited_by: Mapped[User | None] = relationship(remote_side=[id])


class PeopleCount(Model):
    """How many people of a kind an organization has. Triggers of the user table keep it (organizations/counting.py)."""

    __tablename__ = "people_count"
    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    status: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(primary_key=True)
    role_from_plan: Mapped[bool] = mapped_column(primary_key=True)
    number: Mapped[int]


class Workspace(Model):
    __tablename__ = "workspace"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("organization_id", "name"),
        Index("uq_workspace_general", "organization_id", unique=True, **_where("is_general")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    name: Mapped[str]
    is_general: Mapped[bool] = mapped_column(default=False)


class Membership(Model):
    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("workspace_id", "user_id"),
        _within_organization("workspace_id", table="workspace", ondelete="CASCADE"),
        _within_organization("user_id", table="user", ondelete="CASCADE"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    workspace_id: Mapped[int]
    user_id: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Domain(Model):
    """An e-mail domain, in lower-case ASCII (IDNA). Verified, it belongs to one organization only.

    `challenge` is what the TXT record has to hold. `check_result` is what the last look at the DNS gave, with the
    other values that stood there in `check_found`, or which error it was. A verified domain whose record is gone
    since `missing_since` keeps its effect and wants attention.
    """

    __tablename__ = "domain"
    __table_args__ = (
        UniqueConstraint("organization_id", "name"),
        CheckConstraint("name = lower(name)", name="name_lower_case"),
        _one_of("verified_by", ("dns", "support")),
        _one_of("check_result", CHECK_RESULTS),
        Index("ix_domain_next_check_at", "next_check_at"),
        Index("uq_domain_verified", "name", unique=True, **_where("verified_at IS NOT NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verified_by: Mapped[str | None]
    challenge: Mapped[str] = mapped_column(default=_new_challenge)
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_check_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    check_result: Mapped[str | None]
    check_found: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    missing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def state(self) -> str:
        """`verified`, `attention` (verified, but the record is gone), `failed` (looked for in vain) or `pending`."""
        if self.verified_at:
            return "attention" if self.missing_since else "verified"
        return "failed" if self.check_result else "pending"

    @property
    def record_name(self) -> str:
        return CHALLENGE_LABEL + self.name

    @property
    def record_value(self) -> str:
        return f"latchkey-verification={self.challenge}"


class SSOConnection(Model):
    """One organization's trust in one identity provider. `public_id` stands in the ACS path."""

    __tablename__ = "sso_connection"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        _within_organization("live_configuration_id", table="sso_configuration", use_alter=True),
        CheckConstraint("activated_at IS NULL OR live_configuration_id IS NOT NULL", name="activated_is_configured"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), unique=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    live_configuration_id: Mapped[int | None]
    activated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    signing_key: Mapped[bytes] = mapped_column(LargeBinary)  # PKCS#8, encrypted with KEY_ENCRYPTION_KEY
    signing_certificate: Mapped[str]  # PEM
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    # Sign-ins that start at the identity provider answer no request of ours: off unless the customer wants them.
    idp_initiated: Mapped[bool] = mapped_column(default=False, server_default=db.false())
    # The metadata of the live configuration, where it is published at an address, is read again by the jobs.
    metadata_read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    metadata_next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    metadata_error: Mapped[str | None]  # the sentence of the last attempt that failed
    organization: Mapped[Organization] = relationship(back_populates="connection")
    encryption_keys: Mapped[list[EncryptionKey]] = relationship(
        primaryjoin="and_(EncryptionKey.connection_id == SSOConnection.id, EncryptionKey.retired_at.is_(None))",
        foreign_keys="EncryptionKey.connection_id",
        order_by="EncryptionKey.id.desc()",
        viewonly=True,
    )
    live_configuration: Mapped[SSOConfiguration | None] = relationship(
        primaryjoin="SSOConnection.live_configuration_id == SSOConfiguration.id",
        foreign_keys="SSOConnection.live_configuration_id",
        viewonly=True,
    )

    @property
    def state(self) -> str:
        """`enabled`, `tested` or `activated`; an organization without a connection is `not_set_up`."""
        if self.activated_at:
            return "activated"
        if self.live_configuration_id is None:
            return "not_set_up"
        return "tested" if self.live_configuration and self.live_configuration.tested_at else "enabled"


class EncryptionKey(Model):
    """A key for which an identity provider may encrypt assertions. Several during a roll-over; retired ones are not
    published and not tried any more."""

    __tablename__ = "encryption_key"
    __table_args__ = (_within_organization("connection_id", table="sso_connection", ondelete="CASCADE"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    connection_id: Mapped[int] = mapped_column(index=True)
    private_key: Mapped[bytes] = mapped_column(LargeBinary)  # PKCS#8, encrypted with KEY_ENCRYPTION_KEY
    certificate: Mapped[str]  # PEM
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SSOConfiguration(Model):
    """One version of what a connection trusts; never changed after it was made.

    `tested_at`, `live_at` and `discarded_at` are what happened to it: what was never live and is not discarded is the
    draft, one at most. `attribute_mapping` names the identity provider's own
    attributes: `{"email" | "given_name" | "family_name" | "display_name" | "groups": name}`.
    """

    __tablename__ = "sso_configuration"
    __table_args__ = (
        UniqueConstraint("connection_id", "version"),
        UniqueConstraint("organization_id", "id"),
        _within_organization("connection_id", table="sso_connection", ondelete="CASCADE"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    connection_id: Mapped[int]
    version: Mapped[int]
    idp_entity_id: Mapped[str]
    sso_url: Mapped[str]
    slo_url: Mapped[str | None]  # single logout, HTTP-Redirect
    slo_response_url: Mapped[str | None]  # where answers go, if elsewhere
    certificates: Mapped[list[str]] = mapped_column(JSON)  # PEM, signing
    metadata_source: Mapped[str]  # the URL or file it came from
    metadata_url: Mapped[str | None]  # where the identity provider publishes it, to be read again
    attribute_mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    tested_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    live_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    discarded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Identity(Model):
    """(connection, IdP entity ID, subject) → one user; and one subject of an IdP per user."""

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("connection_id", "idp_entity_id", "subject"),
        UniqueConstraint("connection_id", "idp_entity_id", "user_id"),
        _within_organization("connection_id", table="sso_connection", ondelete="CASCADE"),
        _within_organization("user_id", table="user", ondelete="CASCADE"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    connection_id: Mapped[int]
    idp_entity_id: Mapped[str]
    subject: Mapped[str]
    user_id: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Entitlement(Model):
    """A feature that support has unlocked for one organization; no row, or an end in the past, is locked."""

    __tablename__ = "entitlement"
    __table_args__ = (UniqueConstraint("organization_id", "feature"), _one_of("feature", (JIT_PROVISIONING,)))
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    feature: Mapped[str]
    reason: Mapped[str]
    unlocked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SignInSession(Model):
    """Somebody signed in. The cookie holds the token, this row its SHA-256.

    A session made at the ACS waits under `handover_hash` until the browser comes back to finish it.
    """

    __tablename__ = "sign_in_session"
    __table_args__ = (
        _within_organization("user_id", table="user", ondelete="CASCADE"),
        _one_of("method", ("sso", "password")),
        Index("ix_sign_in_session_logout", "connection_id", "name_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    user_id: Mapped[int] = mapped_column(index=True)
    method: Mapped[str]
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    handover_hash: Mapped[str | None] = mapped_column(unique=True)
    return_path: Mapped[str] = mapped_column(default="/")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("sso_connection.id", ondelete="CASCADE"))
    name_id: Mapped[str | None]
    name_id_attributes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    session_index: Mapped[str | None]
    user: Mapped[User] = relationship(primaryjoin="SignInSession.user_id == User.id", viewonly=True)


class PendingRequest(Model):
    """A request on its way to the identity provider: single use, ten minutes.

    An AuthnRequest (`sign_in`, `test` for a test sign-in, `connect` for a person who links their own identity) is bound
    to one browser by a cookie's SHA-256; a LogoutRequest (`logout`) is not.
    """

    __tablename__ = "pending_request"
    __table_args__ = (
        _within_organization("connection_id", table="sso_connection", ondelete="CASCADE"),
        _one_of("purpose", ("sign_in", "test", "connect", "logout")),
        CheckConstraint("(purpose = 'connect') = (user_id IS NOT NULL)", name="connect_has_its_user"),
        _within_organization("user_id", table="user", ondelete="CASCADE"),
        CheckConstraint("(purpose = 'test') = (sign_in_test_id IS NOT NULL)", name="test_has_its_page"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    connection_id: Mapped[int]
    configuration_id: Mapped[int] = mapped_column(ForeignKey("sso_configuration.id", ondelete="CASCADE"))
    request_id: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str] = mapped_column(default="sign_in", server_default="sign_in")
    relay_state: Mapped[str]
    browser_hash: Mapped[str]
    return_path: Mapped[str]
    sign_in_test_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in_test.id", ondelete="CASCADE"))
    user_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ConsumedAssertion(Model):
    """Replay protection: an assertion counts once per connection until nobody would accept it any more."""

    __tablename__ = "consumed_assertion"
    __table_args__ = (UniqueConstraint("connection_id", "idp_entity_id", "assertion_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("sso_connection.id", ondelete="CASCADE"))
    idp_entity_id: Mapped[str]
    assertion_id: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class SignInAttempt(Model):
    """The receipt of one attempt to sign in: what was checked, what was decided, under which reference.

    `checks` is a list of `{"name", "passed", "detail"}` in the order they ran. A password attempt for an
    address without an account has no organization.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        _one_of("method", ("sso", "password")),
        Index("ix_sign_in_attempt_organization_id_at", "organization_id", "at"),
        Index("ix_sign_in_attempt_outcome", "organization_id", "method", "signed_in", "at"),
        Index("ix_sign_in_attempt_user_id_at", "user_id", "at"),
        Index("ix_sign_in_attempt_throttle_email", "method", "email", "at"),
        Index("ix_sign_in_attempt_throttle_address", "method", "address", "at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    configuration_id: Mapped[int | None] = mapped_column(ForeignKey("sso_configuration.id", ondelete="SET NULL"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    method: Mapped[str]
    signed_in: Mapped[bool]
    reason: Mapped[str]
    rule: Mapped[int | None]
    email: Mapped[str | None]
    address: Mapped[str | None]  # the network address it came from
    detail: Mapped[str | None]  # the technical cause, for the admin
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    configuration: Mapped[SSOConfiguration | None] = relationship()


class AuditEvent(Model):
    """What happened in an organization, for its own admins. `action` is `source:subject:action`."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_organization_id_id", "organization_id", "id"),
        Index("ix_audit_event_organization_id_subject_id", "organization_id", "subject", "id"),
        Index("ix_audit_event_organization_id_actor_id", "organization_id", "actor", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    actor: Mapped[str]  # an e-mail address, or "support", "operator", "system"
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reference: Mapped[str | None]


class OneTimeLink(Model):
    """A link that sets a password once; the row holds the SHA-256 of what stands in the link."""

    __tablename__ = "one_time_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship()


class SignInTest(Model):
    """A test sign-in: what one configuration made of one real answer. Nobody was signed in and nothing was created.

    `attributes` is a list of `{"name", "friendly_name", "values"}` as they were received, `mapped` what was understood
    of them, `decision` what the provisioner would have decided. It holds personal data, so it is removed when it ends.
    """

    __tablename__ = "sign_in_test"
    __table_args__ = (
        _within_organization("connection_id", table="sso_connection", ondelete="CASCADE"),
        _within_organization("configuration_id", table="sso_configuration", ondelete="CASCADE"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    connection_id: Mapped[int] = mapped_column(index=True)
    configuration_id: Mapped[int] = mapped_column(index=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    started_by: Mapped[str]  # an e-mail address, or whose hand-over link it was
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    passed: Mapped[bool | None]
    reference: Mapped[str | None]
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    attributes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    mapped: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    decision: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    configuration: Mapped[SSOConfiguration] = relationship(
        primaryjoin="SignInTest.configuration_id == SSOConfiguration.id",
        foreign_keys="SignInTest.configuration_id",
        viewonly=True,
    )


class CertificateUse(Model):
    """The first sign-in that a certificate of an identity provider has proved itself with."""

    __tablename__ = "certificate_use"
    __table_args__ = (UniqueConstraint("connection_id", "fingerprint"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("sso_connection.id", ondelete="CASCADE"))
    fingerprint: Mapped[str]  # SHA-256
    first_used_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class CertificateNotice(Model):
    """That a certificate ends was said so many days ahead, once."""

    __tablename__ = "certificate_notice"
    __table_args__ = (UniqueConstraint("connection_id", "fingerprint", "days"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("sso_connection.id", ondelete="CASCADE"))
    fingerprint: Mapped[str]
    days: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class HandoverLink(Model):
    """A link with which an IT colleague without an account sets SSO up, and may do nothing else.

    The row holds the SHA-256 of what stands in the link.
    """

    __tablename__ = "handover_link"
    __table_args__ = (_within_organization("created_by_id", table="user", ondelete="CASCADE"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    created_by_id: Mapped[int]
    colleague: Mapped[str]  # for whom, as the admin wrote it
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    organization: Mapped[Organization] = relationship()
    created_by: Mapped[User] = relationship(primaryjoin="HandoverLink.created_by_id == User.id", viewonly=True)


class RecoveryCode(Model):
    """Stands in for a TOTP code once; the row holds its SHA-256, for the codes are long and random."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class OutboxMessage(Model):
    """An e-mail that is to be sent: stored with the change it tells of, sent by the jobs.

    `key` names what it is about where it must be said once only.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "sent_at", "next_try_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), index=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    next_try_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=now)  # None: sent, or given up
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str | None]


class RoleRule(Model):
    """A row of an organization's role rules: who is in this group of the identity provider gets this role.

    The first row that matches wins; `refuse` turns people away. Groups are compared letter by letter.
    """

    __tablename__ = "role_rule"
    __table_args__ = (UniqueConstraint("organization_id", "group_name"), _one_of("outcome", (*ROLES, "refuse")))
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    position: Mapped[int]
    group_name: Mapped[str]
    outcome: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class SeenGroup(Model):
    """A group name that a real sign-in of this organization brought, to be offered when rules are made."""

    __tablename__ = "seen_group"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    name: Mapped[str]
    first_seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class WaitingIdentity(Model):
    """An identity that somebody proved to have, until they confirm that it is to be linked to their account.

    It is bound to the browser and to the account that asked for it, one for each account, and used once.
    """

    __tablename__ = "waiting_identity"
    __table_args__ = (
        _within_organization("connection_id", table="sso_connection", ondelete="CASCADE"),
        _within_organization("configuration_id", table="sso_configuration", ondelete="CASCADE"),
        _within_organization("user_id", table="user", ondelete="CASCADE"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    connection_id: Mapped[int]
    configuration_id: Mapped[int]
    user_id: Mapped[int] = mapped_column(unique=True)
    browser_hash: Mapped[str]
    idp_entity_id: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str | None]
    reference: Mapped[str]  # of the receipt of the sign-in that proved it
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class MissedSignIn(Model):
    """Somebody was turned away although an admin could have helped: one row for each address, however often.

    `reason` and `reference` are of the last attempt. `asked_at`: the person asked for help, with `question`. It is
    open until it is dismissed or an account exists; with one of ASKED_REASONS, until the account is mended.
    """

    __tablename__ = "missed_sign_in"
    __table_args__ = (
        UniqueConstraint("organization_id", "email"),
        _one_of("reason", MISSED_REASONS + ASKED_REASONS),
        # In the order of the list. PostgreSQL takes it from an index for what "is NULL" in its condition only.
        Index("ix_missed_sign_in_open", "organization_id", _ASKED, "last_at", "id", **_where("closed_at IS NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = _of_organization()
    email: Mapped[str]
    given_name: Mapped[str | None]
    family_name: Mapped[str | None]
    display_name: Mapped[str | None]
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
    reason: Mapped[str]
    reference: Mapped[str]
    configuration_id: Mapped[int | None] = mapped_column(ForeignKey("sso_configuration.id", ondelete="SET NULL"))
    times: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    question: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
