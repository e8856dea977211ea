"""The e-mail domains of an organization. Only a verified one routes a sign-in or lets anybody in."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from database import db, now
from models import CHALLENGE_LABEL, Domain, Organization, SSOConnection, User
from organizations import audit, challenges
from organizations.addresses import normalise_domain
from organizations.locking import lock
from organizations.public_domains import why_nobodys

MOST = 100  # of one organization, by its own admins: each is asked for at the name servers again and again


class DomainRefused(ValueError):
    """The domain cannot be added or verified; the text says what to do."""


_VERIFIED_NAMES = select(Domain.name).where(
    Domain.organization_id == bindparam("organization_id"), Domain.verified_at.is_not(None)
)


def verified_names(organization: Organization) -> frozenset[str]:
    return frozenset(db.session.scalars(_VERIFIED_NAMES, {"organization_id": organization.id}))


def add(
    organization: Organization, text: str, reason: str | None = None, *, actor: User | str = audit.OPERATOR
) -> Domain:
    """A pending domain with a challenge of its own. Raises AddressRefused, DomainRefused or NotAnAdmin.

    `reason` is an operator's only.
    """
    name = normalise_domain(text)
    refusal = why_nobodys(name)
    if refusal:
        raise DomainRefused(refusal)
    if len(CHALLENGE_LABEL + name) > challenges.LONGEST_NAME:
        raise DomainRefused(f"{name} is too long: there is no room for the name of its TXT record in front of it.")
    lock(organization, actor)
    if find(organization, name):
        raise DomainRefused(f"{name} is already a domain of {organization.name}.")
    if is_taken(name):
        raise DomainRefused(f"{name} is verified for another organization. If it is yours, contact support.")
    by_operator = actor == audit.OPERATOR
    count = select(func.count()).where(Domain.organization_id == organization.id)
    if not by_operator and (db.session.scalar(count) or 0) >= MOST:
        raise DomainRefused(f"There are {MOST} domains already. Remove one, or contact support to add more.")
    at = now()
    domain = Domain(organization_id=organization.id, name=name, created_at=at, next_check_at=challenges.first_check(at))
    db.session.add(domain)
    details = {"reason": (reason or "").strip() or None} if by_operator else {}
    audit.record(organization, f"{audit.source_of(actor)}:domain:added", actor=actor, subject=name, **details)
    return domain


def find(organization: Organization, text: str) -> Domain | None:
    query = select(Domain).where(Domain.organization_id == organization.id, Domain.name == normalise_domain(text))
    return db.session.scalar(query)


def is_taken(name: str) -> bool:
    """Whether it is verified, for whichever organization."""
    return db.session.scalar(select(Domain.id).where(Domain.name == name, Domain.verified_at.is_not(None))) is not None


def remove(organization: Organization, text: str, actor: User | str) -> bool:
    """From now on its people are not sent to SSO, and nobody new gets an account. Accounts stay as they are.

    False when it is no domain of the organization (any more). Raises AddressRefused, NotAnAdmin.
    """
    lock(organization, actor)
    domain = find(organization, text)
    if domain is None:
        return False
    audit.record(
        organization,
        f"{audit.source_of(actor)}:domain:removed",
        actor=actor,
        subject=domain.name,
        was_verified=domain.verified_at is not None,
    )
    db.session.delete(domain)
    return True


def verify_by_support(organization: Organization, text: str, reason: str) -> Domain:
    """Mark a domain as verified on support's word; the reason stands in the customer's audit log.

    Raises AddressRefused, DomainRefused.
    """
    lock(organization, audit.SUPPORT)
    domain = find(organization, text)
    if domain is None:
        raise DomainRefused(f"{text} is not a domain of {organization.name}. Add it first.")
    if domain.verified_at:
        raise DomainRefused(f"{domain.name} is already verified; nothing was changed.")
    if not reason.strip():
        raise DomainRefused("Give the reason: it stands in the customer's audit log.")
    if is_taken(domain.name):
        raise DomainRefused(f"{domain.name} is verified for another organization. Contact that organization first.")
    domain.verified_at, domain.verified_by = now(), "support"
    # Support's word does not hang on the DNS: there is nothing to look for any more.
    domain.next_check_at, domain.checked_at, domain.check_result, domain.check_found = None, None, None, []
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
