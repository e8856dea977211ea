"""What a decided sign-in leaves behind for the admins, in its own transaction: a missed sign-in, or a mail."""

from __future__ import annotations

from models import ASKED_REASONS, MISSED_REASONS, Organization, SSOConfiguration, User
from organizations import digests, missed
from provisioning.decision import Decision, Outcome
from saml.identity import Identity


def follow(
    decision: Decision,
    organization: Organization,
    configuration: SSOConfiguration,
    identity: Identity,
    email: str | None,
    user: User | None,
    reference: str,
    public_base_url: str,
) -> None:
    """Who signs in as known was never missed, so that costs nothing."""
    if decision.outcome is Outcome.REFUSE:
        if email and decision.reason in MISSED_REASONS + ASKED_REASONS:
            missed.note(
                organization,
                email,
                identity,
                reason=decision.reason,
                reference=reference,
                configuration_id=configuration.id,
                listed=decision.reason in MISSED_REASONS,
            )
    elif decision.outcome is not Outcome.SIGN_IN and user is not None:
        missed.close(organization, user.email)
        if decision.outcome is Outcome.CREATE:
            digests.tell_of_one(organization, user, public_base_url)
