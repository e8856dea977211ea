"""A test sign-in: what would be decided about a verified identity. Nothing of it is carried out."""

from __future__ import annotations

from dataclasses import replace

from models import SSOConnection
from provisioning import facts
from provisioning.decision import Decision, decide
from saml.identity import Identity


def would_decide(connection: SSOConnection, identity: Identity) -> Decision:
    """The decision of a real sign-in, as if SSO were activated: a test is what comes before that."""
    loaded = facts.load(connection, identity)
    return decide(replace(loaded.policy, sso_activated=True), loaded.claim, loaded.account)
