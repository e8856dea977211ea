"""The page of somebody who was refused: one plain sentence, what to do, whom to ask, and the reference."""

from __future__ import annotations

from database import now
from models import Organization
from provisioning.decision import Reason
from provisioning.wording import WORDING

# For a message that failed a check, the employee is told what they can do about it and nothing of the message.
_AGAIN = "Sign in again. If it happens once more, give the reference below to your IT contact."
_BY_CHECK = {
    "request": "This sign-in took too long, was used before, or was not started here in this browser.",
    "logout": "The request to sign out could not be accepted.",
    "logout_answer": (
        "Signing out here ended your session. Whether your organization's own sign-in ended, too, is not known: "
        "we could not accept its answer."
    ),
    "once": "This sign-in was already used.",
    "email": "Your organization's sign-in sent an e-mail address that we cannot use.",
}
_OTHERWISE = "Your organization's sign-in sent an answer that we cannot accept."
_HELP = "Your admin can change this. Send them the reference below."

# In place of what `explain` says to somebody who is signed in already and wanted to connect their identity.
NOT_CONNECTED = {
    "title": "Your account is not connected",
    "help": "You are still signed in, and nothing was changed. Start it again from your profile; if it happens once "
    "more, give the reference below to your IT contact.",
    "again": "Back to your profile",
}
# The same where the form of *Ask my admin* is too old, or of another browser.
NOT_ASKED = {
    "title": "Your admin was not asked",
    "sentence": "You can ask for 15 minutes after the attempt, in the same browser.",
    "help": "Sign in again, then ask.",
    "again": "Sign in again",
}


def explain(reason: str, organization: Organization, reference: str, try_again: str) -> dict[str, object]:
    """The context of auth/refused.html, for the Reason of a decision or the name of a check that failed.

    `reference` is empty where it is not theirs to know.
    """
    if reason in set(Reason):
        words = WORDING[Reason(reason)]
        sentence, advice = words.employee, _HELP
    else:
        sentence, advice = _BY_CHECK.get(reason, _OTHERWISE), _AGAIN
    return {
        "title": "You are not signed in",
        "sentence": sentence,
        "help": advice,
        "contact": organization.it_contact,
        "reference": reference,
        "at": now(),
        "try_again": try_again,
        "again": "Try again",
        "organization_name": organization.name,
        "ask": None,
    }
