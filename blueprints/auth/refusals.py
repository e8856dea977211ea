"""The page of somebody who was refused: one plain sentence, what to do, whom to ask, and the reference."""

from __future__ import annotations

from flask import url_for
from flask_login import current_user

from database import now
from models import Organization
from provisioning.decision import Reason
from provisioning.wording import WORDING

# For a message that failed a check, the employee is told what they can do about it and nothing of the message.
_AGAIN = "Sign in again. If it happens once more, give the reference below to your IT contact."
_ANEW = "To sign in anew, try again. If it is not accepted then, give the reference below to your IT contact."
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
# What helps, by the Reason of a decision; for any other, an admin does, and the page has the form to ask one.
_ASK = "Your admin can change this. Ask them here, or send them the reference below."
_HELP = {
    Reason.SSO_NOT_ACTIVATED: "If you have a password here, sign in with it. If you have none, send your admin the "
    "reference below.",
    Reason.EMAIL_MISSING: "Whoever looks after your organization's sign-in can change this. Send them the reference "
    "below.",
    Reason.LINK_REQUIRED: "If you have a password here: sign in with it, open Settings, Profile, and choose Connect "
    "SSO. If you have none, ask your admin: here, or with the reference below.",
}

# In place of what `explain` says otherwise; see `explain_not_connected`.
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
    page = _explain(reason, organization, reference, try_again)
    if current_user.is_authenticated:  # such as an answer that is sent once more
        page["title"] = "This sign-in is not accepted"
        page["sentence"] = f"{page['sentence']} You are still signed in as {current_user.user.email}."
        page["help"] = page["help"] if reason in set(Reason) else _ANEW
    return page


def _explain(reason: str, organization: Organization, reference: str, try_again: str) -> dict[str, object]:
    password = None
    if reason in set(Reason):
        decided = Reason(reason)
        sentence, advice = WORDING[decided].employee, _HELP.get(decided, _ASK)
        password = _password_form(decided, organization)
    else:
        sentence, advice = _BY_CHECK.get(reason, _OTHERWISE), _AGAIN
    return {
        "title": "You are not signed in",
        "sentence": sentence,
        "help": advice,
        "password": password,
        "contact": organization.it_contact,
        "reference": reference,
        "at": now(),
        "try_again": try_again,
        "again": "Try again",
        "organization_name": organization.name,
        "ask": None,
    }


def explain_not_connected(reason: str, organization: Organization, reference: str, profile: str) -> dict[str, object]:
    """The same, to somebody who is signed in already and wanted to connect their identity."""
    page = _explain(reason, organization, reference, profile) | NOT_CONNECTED
    if reason == Reason.SSO_NOT_ACTIVATED:
        page["help"] = (
            "You are still signed in, and nothing was changed. Start it from your profile once single sign-on is "
            "active again."
        )
    return page | {"password": None}


def _password_form(reason: Reason, organization: Organization) -> str | None:
    """Where a password may be the way in: its form, which leads to where they go on."""
    slug = organization.slug
    if reason is Reason.LINK_REQUIRED:
        return url_for("auth.password", organization=slug, next=url_for("settings.profile", slug=slug))
    return url_for("auth.password", organization=slug) if reason is Reason.SSO_NOT_ACTIVATED else None
