"""What would be decided: in a test sign-in, and of whose account is removed. Nothing of it is carried out."""

from __future__ import annotations

from dataclasses import replace

from models import SSOConnection, User
from organizations import counting
from provisioning import facts
from provisioning.decision import Decision, decide
from saml.identity import Identity


def would_decide(connection: SSOConnection, identity: Identity) -> Decision:
    """The decision of a real sign-in, as if SSO were activated: a test is what comes before that."""
    loaded = facts.load(connection, identity)
    return decide(replace(loaded.policy, sso_activated=True), loaded.claim, loaded.account)


def would_decide_without(invited: User) -> Decision:
    """The decision of this person's next sign-in if their account, which takes a seat, were removed before it.

    Which groups they come with is not known.
    """
    organization = invited.organization
    loaded = facts.load_for_address(organization, invited.email)
    used = counting.seats_used(organization) - 1
    left = None if organization.seats is None else organization.seats - used
    return decide(replace(loaded.policy, seats_left=left), loaded.claim, None)
