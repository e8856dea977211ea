"""What is said of how somebody gets in. Pure: facts in, words out."""

from __future__ import annotations

from blueprints.settings.people.words import indefinite
from organizations.ways_in import WaysIn
from provisioning.decision import Decision, Outcome, Reason


def signs_in_by(ways: WaysIn, sign_in_link: str) -> str:
    """`sign_in_link`: where SSO begins for those whose address does not lead to it."""
    if ways.status == "deactivated":
        return "Cannot sign in: the account is deactivated"
    if ways.status == "invited":
        return f"Not yet. {accepting(ways, sign_in_link)}"
    if ways.covered:
        return "Single sign-on, and a password for emergencies" if ways.is_admin and ways.password else "Single sign-on"
    if ways.sso and ways.linked:
        return f"Single sign-on at {sign_in_link}{', or a password' if ways.password else ''}"
    if ways.password:
        return "A password"
    why = "single sign-on does not know them" if ways.sso else "single sign-on is not activated"
    return f"Nothing at the moment: they have no password, and {why}"


def accepting(ways: WaysIn, sign_in_link: str) -> str:
    """What accepts their invitation."""
    if ways.covered:
        return "Signing in through single sign-on accepts the invitation."
    if ways.sso:
        return f"Single sign-on at {sign_in_link} accepts the invitation, and so does a link to set a password."
    return "A link to set a password accepts the invitation."


def no_link(ways: WaysIn) -> str:
    """Where no identity is theirs: what makes it so, or why nothing does."""
    if ways.status == "deactivated":
        return "None. A deactivated account gets none."
    if not ways.sso:
        return "None. Single sign-on is not activated."
    if ways.status == "invited":
        return "None yet. Accepting the invitation through single sign-on makes it."
    if ways.verified:
        return "None yet. The first sign-in through single sign-on makes it, by the e-mail address."
    return "None. They can connect it in their profile once they have signed in with a password."


def password_link(ways: WaysIn) -> str:
    """What a link to set a password is for."""
    if ways.password:
        return "For when they have forgotten theirs, which works until they set another."
    if not ways.sso:
        return "They have none, and cannot sign in without one."
    if ways.linked:
        return "They have none, and sign in through single sign-on."
    return "They have none. With one they sign in, and can connect SSO in their profile."


def after_reset(ways: WaysIn, support: str) -> str:
    """What comes of it when their SSO link is forgotten. `support`: how it is reached."""
    if ways.status == "deactivated":
        return "The account is deactivated: nobody signs in to it, and it gets no new link."
    if ways.covered:
        return "The next sign-in through single sign-on makes a new one, by the e-mail address."
    if not ways.sso:
        until, then = "SSO is activated", "SSO is not activated: until it is, no new link is made."
    else:
        until = "their domain is verified"
        then = "The domain of this address is not verified, so single sign-on alone makes no new link."
    if not ways.password:
        return f"{then} They have no password: until {until}, they need a link to set one{_from(ways, support)}"
    connect = ", and choose Connect SSO in their profile" if ways.sso else ""
    return f"{then} They sign in with their password{connect}."


def reset_in_words(ways: WaysIn, support: str) -> tuple[str, str]:
    """(what comes after the SSO link was reset, the kind of notice); the page that asks first says the same."""
    return f"The SSO link is reset. {after_reset(ways, support)}", "success" if ways.may_lose_link else "warning"


def _from(ways: WaysIn, support: str) -> str:
    return f", which only support makes for an admin: {support}" if ways.is_admin else ". Their page offers it."


def after_withdrawal(has_link: bool, decision: Decision, role_rules: bool) -> list[str]:
    """`has_link`: one that sets a password was made. `decision`: that of their next sign-in; `role_rules` are on."""
    ends = "The link that was sent stops working, the account" if has_link else "The account"
    found = [f"{ends} is removed, and its seat is free. You can invite the address again."]
    if decision.outcome is Outcome.CREATE:
        rules = ", or what your role rules say" if role_rules else ""
        found.append(
            f"JIT Provisioning is on: at their next sign-in they get {indefinite(decision.role or '')} account{rules}, "
            "as anybody at this domain does. To keep them out, let them accept and deactivate the account, or add a "
            "role rule that refuses a group they are in."
        )
    elif decision.reason is Reason.JIT_OFF:
        found.append("Single sign-on turns them away for as long as JIT Provisioning is off.")
    elif decision.reason is not Reason.SSO_NOT_ACTIVATED:
        found.append("Single sign-on turns them away.")
    return found
