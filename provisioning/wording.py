"""Reason → what the employee reads, and what the admin reads.

The employee's sentence never says whether an account exists for somebody else and holds no technical detail;
the admin's names the cause and the cure. A test holds that every Reason has both.
"""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.decision import Reason


@dataclass(frozen=True, slots=True)
class Sentences:
    employee: str
    admin: str


WORDING: dict[Reason, Sentences] = {
    Reason.SSO_NOT_ACTIVATED: Sentences(
        "Single sign-on is not active for your organization at the moment.",
        "SSO is not activated, so nobody can sign in through it. Activate it, or people use their passwords.",
    ),
    Reason.ACCOUNT_DEACTIVATED: Sentences(
        "You cannot sign in with this account any more.",
        "The account is deactivated. Signing in never revives it; an admin can reactivate it.",
    ),
    Reason.KNOWN_IDENTITY: Sentences(
        "You are signed in.",
        "The identity was already linked to this account.",
    ),
    Reason.EMAIL_MISSING: Sentences(
        "Your organization's sign-in did not tell us your e-mail address.",
        "The assertion holds no usable e-mail address. Let the identity provider send one, as the attribute “email”.",
    ),
    Reason.INVITATION_ACCEPTED: Sentences(
        "You are signed in, and your invitation is accepted.",
        "There was an invitation for this address; signing in accepted it with the invited role.",
    ),
    Reason.IDENTITY_CHANGED: Sentences(
        "Your organization's sign-in now knows you by another name than before.",
        "This address already belongs to another NameID of the same identity provider. If it is the same person, "
        "their SSO link has to be reset; if the address was given to somebody else, the old account has to go first.",
    ),
    Reason.LINK_REQUIRED: Sentences(
        "Your e-mail address is outside your organization's domains, so we cannot connect it by itself.",
        "An account with this address exists, but the domain is not verified for the organization, so an identity "
        "provider's word for it is not enough. Verify the domain, or they sign in with their password and connect SSO "
        "in their profile. If they have none, their page says how they get one.",
    ),
    Reason.EXISTING_ACCOUNT_LINKED: Sentences(
        "You are signed in.",
        "An account with this address existed and its domain is verified, so the identity was linked to it.",
    ),
    Reason.DOMAIN_NOT_VERIFIED: Sentences(
        "Your e-mail address is not in a domain that your organization has verified.",
        "The domain of this address is not one of the organization's verified domains; sub-domains count separately.",
    ),
    Reason.JIT_LOCKED: Sentences(
        "There is no account for you yet, and your organization does not create accounts at sign-in.",
        "Creating accounts at sign-in is not available here. Contact support to check if it can be made available.",
    ),
    Reason.JIT_OFF: Sentences(
        "There is no account for you yet, and your organization does not create accounts at sign-in.",
        "Creating accounts at sign-in is off. Turn it on in the Security tab and let the person sign in again.",
    ),
    Reason.NO_SEAT_LEFT: Sentences(
        "There is no account for you yet, and your organization has no seat left.",
        "All seats are taken. Free one, or ask for more, and let the person sign in again.",
    ),
    Reason.REFUSED_BY_ROLE_RULE: Sentences(
        "There is no account for you yet, and your organization's rules do not create one for you.",
        "A role rule refuses people in one of this person's groups. Change the rule, or their groups at the identity "
        "provider, and let the person sign in again.",
    ),
    Reason.CREATED_JUST_IN_TIME: Sentences(
        "Welcome. Your account is ready.",
        "A first sign-in from a verified domain: the account was created with the role of the plan, or of the role "
        "rule that is named.",
    ),
}
