"""How one person gets in: what has to be known to say it, on their page and before something of it is changed."""

from __future__ import annotations

from dataclasses import dataclass

from models import User
from organizations import domains, sso_links
from organizations.addresses import domain_of


@dataclass(frozen=True, slots=True)
class WaysIn:
    """`sso`: it is activated. `verified`: the domain of their address is, here. `linked`: the identity provider that is
    live knows them.
    """

    status: str
    is_admin: bool
    password: bool
    sso: bool
    verified: bool
    linked: bool

    @property
    def covered(self) -> bool:
        """Signing in through SSO links them by their address, and nobody but an admin gets in by a password."""
        return self.sso and self.verified

    @property
    def may_lose_link(self) -> bool:
        """Without their SSO link nothing is harder for them: the next sign-in makes another, or they have no way in."""
        return self.covered or self.status == "deactivated"

    @property
    def only_support_helps(self) -> bool:
        """To a password: other admins make a link for nobody who is one, and single sign-on is no certain way in."""
        return self.is_admin and self.status == "active" and not self.covered


def of(user: User) -> WaysIn:
    organization = user.organization
    connection = organization.connection
    return WaysIn(
        status=user.status,
        is_admin=user.role == "admin",
        password=user.password_hash is not None,
        sso=connection is not None and connection.activated_at is not None,
        verified=domain_of(user.email) in domains.verified_names(organization),
        linked=sso_links.identity_of(user, connection) is not None,
    )
