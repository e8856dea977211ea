"""The e-mail domains of an organization. Only a verified one routes a sign-in or lets anybody in."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from database import db, now
from models import Domain, Organization, SSOConnection
from organizations import audit
from organizations.addresses import normalise_domain


class DomainRefused(ValueError):
    """The domain cannot be added or verified; the text says what to do."""


# Anybody can have an address there, so it proves nothing about an organization. The complete offline lists come
# with the customer's own domain set-up; here an operator is stopped from the obvious mistake.
_PUBLIC = """
    163.com aol.com fastmail.com gmail.com gmx.de gmx.net googlemail.com hotmail.com icloud.com live.com mail.com
    mail.ru me.com msn.com outlook.com proton.me protonmail.com qq.com web.de yahoo.com yandex.ru zoho.com
"""
PUBLIC_MAIL_DOMAINS = frozenset(_PUBLIC.split())


_VERIFIED_NAMES = select(Domain.name).where(
    Domain.organization_id == bindparam("organization_id"), Domain.verified_at.is_not(None)
)


def verified_names(organization: Organization) -> frozenset[str]:
    return frozenset(db.session.scalars(_VERIFIED_NAMES, {"organization_id": organization.id}))


def add(organization: Organization, text: str, reason: str | None = None) -> Domain:
    """A pending domain. Raises AddressRefused or DomainRefused."""
    name = normalise_domain(text)
    if name in PUBLIC_MAIL_DOMAINS:
        raise DomainRefused(f"{name} is a public mail domain, where anybody can have an address. Use your own domain.")
    if find(organization, name):
        raise DomainRefused(f"{name} is already a domain of {organization.name}.")
    domain = Domain(organization_id=organization.id, name=name)
    db.session.add(domain)
    audit.record(
        organization,
        "operator:domain:added",
        actor=audit.OPERATOR,
        subject=name,
        reason=(reason or "").strip() or None,
    )
    return domain


def find(organization: Organization, text: str) -> Domain | None:
    query = select(Domain).where(Domain.organization_id == organization.id, Domain.name == normalise_domain(text))
    return db.session.scalar(query)


def verify_by_support(organization: Organization, text: str, reason: str) -> Domain:
    """Mark a domain as verified on support's word; the reason stands in the customer's audit log."""
    domain = find(organization, text)
    if domain is None:
        raise DomainRefused(f"{text} is not a domain of {organization.name}. Add it first.")
    if domain.verified_at:
        raise DomainRefused(f"{domain.name} is already verified; nothing was changed.")
    if not reason.strip():
        raise DomainRefused("Give the reason: it stands in the customer's audit log.")
    taken = select(Domain.id).where(Domain.name == domain.name, Domain.verified_at.is_not(None))
    if db.session.scalar(taken):
        raise DomainRefused(f"{domain.name} is verified for another organization. Contact that organization first.")
    domain.verified_at = now()
    audit.record(
        organization, "support:domain:verified", actor=audit.SUPPORT, subject=domain.name, reason=reason.strip()
    )
    return domain


def connection_for(domain_name: str) -> SSOConnection | None:
    """The activated connection of the organization that has verified this domain, else None."""
    query = (
        select(SSOConnection)
        .join(Domain, Domain.organization_id == SSOConnection.organization_id)
        .where(Domain.name == domain_name, Domain.verified_at.is_not(None), SSOConnection.activated_at.is_not(None))
    )
    return db.session.scalar(query)
