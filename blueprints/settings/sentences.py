"""The sentences of the Security tab. Pure: facts in, words out, so that each wording can be tested on its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from provisioning.decision import REFUSES

CERTIFICATE_IS_URGENT_DAYS = 60

STATES = {"not_set_up": "Not set up", "enabled": "Enabled", "tested": "Tested", "activated": "Activated"}


MOST_PEOPLE = 6  # named in one notice: more would be no notice, and no cookie would hold it


def listed(names: Sequence[str], most: int = 3, word: str = "domains") -> str:
    """`a`, `a and b`, `a, b and c`; of more than `most`, the others are counted."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more {word}"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def by_rule(said: str, rule: str | None) -> str:
    """`rule`: the role rule that decided, in words; None where none did."""
    return f"{said} It is the role rule {rule}." if rule else said


def counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number:,} {word}s"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits; a clock that is a little ahead reads as "just now"."""
    seconds = max(0, int((now - at).total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{counted(seconds // size, word)} ago"
    return "just now"


def certificate(ends_at: datetime, now: datetime) -> str:
    days = (ends_at - now).days
    if ends_at <= now:
        return f"ended {ago(ends_at, now)}"
    return f"ends in {counted(days, 'day')}" if days else "ends today"


def sso_status(state: str, verified: Sequence[str]) -> str:
    """The first sentence of the tab: the state of SSO and what it means for people."""
    if state == "activated" and verified:
        return f"SSO is activated for {counted(len(verified), 'domain')}."
    if state == "activated":
        return "SSO is activated, but no domain is verified, so nobody is sent to it."
    if state == "not_set_up":
        return "SSO is not set up. People sign in with a password."
    return "SSO is not activated. People sign in with a password."


def sso_state(state: str, verified: Sequence[str]) -> str:
    """Inside the card: which of not set up, enabled, enabled and activated (S11)."""
    if state == "activated":
        who = f"People at {listed(verified)} sign in through it." if verified else "No domain is verified yet."
        return f"SSO is enabled and activated. {who}"
    if state == "tested":
        return "SSO is enabled and tested, but not activated. People sign in with a password until it is."
    if state == "enabled":
        return "SSO is enabled, but not activated. People sign in with a password until it is."
    return "SSO is not set up: the details of your identity provider are missing."


def attention(
    lost: Sequence[str], metadata_error: str | None, draft: int | None, ending: str, nobody: bool = False
) -> list[str]:
    """What somebody should look at. `lost`: domains whose record is gone; `ending`: when the certificate does;
    `nobody`: SSO is activated and no domain is verified.
    """
    found = [
        f"The TXT record of {name} is gone. Put it back, so that the domain stays proved to be yours. "
        "People sign in as before."
        for name in lost
    ]
    if nobody:
        found.append("No domain is verified, so no e-mail address leads to SSO. Verify one below.")
    if metadata_error:
        found.append(f"Your identity provider's metadata could not be read: {metadata_error}")
    if draft is not None:
        found.append(f"Version {draft} is a draft: test and activate it, or discard it.")
    if ending:
        found.append(f"The identity provider's certificate {ending}. Add the next one.")
    return found


def jit_effect(
    on: bool,
    verified: Sequence[str],
    role: str,
    seats_left: int | None,
    outcomes: Iterable[str] = (),
    follow: bool = False,
) -> tuple[str, bool]:
    """What the switch does now, and whether something holds it up although it is on.

    `role` is the one that the plan gives new people, `outcomes` what the role rules in effect give: a role, or REFUSES;
    `seats_left` is None where there is no limit; `follow`: the rules also apply at each sign-in.
    """
    if not on:
        return f"New people are turned away until you turn this on. {_kept(follow)}", False
    others = "Existing accounts do not change."
    if follow:
        others = "Role rules also apply at each sign-in of the people created here; other accounts do not change."
    if not verified:
        return f"No domain is verified, so nobody new gets an account yet. {others}", True
    where = listed(verified)
    if seats_left == 0:
        return f"No seat is left, so new people at {where} are turned away. {others}", True
    seats = {None: "", 1: "1 seat is left. "}.get(seats_left, f"{seats_left} seats are left. ")
    gets = f"New people at {where} will get a {role} account in General{_by_rules(role, set(outcomes))}."
    return f"{gets} {seats}{others}", False


def turning_off(follow: bool) -> str:
    """What turning it off means; `follow` as for `jit_effect`."""
    return f"New people are turned away from the next sign-in on. {_kept(follow)}"


def _kept(follow: bool) -> str:
    """What being off leaves as it is."""
    rules = " Role rules still apply at each sign-in of the people created here." if follow else ""
    return f"Existing accounts keep working.{rules}"


def _by_rules(role: str, outcomes: set[str]) -> str:
    others = [other for other in ("Viewer", "Collaborator", "Admin") if other.lower() in outcomes and other != role]
    if not others:
        return "; role rules refuse some" if REFUSES in outcomes else ""
    refused = ", or are refused" if REFUSES in outcomes else ""
    return f"; by role rules, some get {' or '.join(others)} instead{refused}"


def another_role(before: str, after: str) -> str:
    """What a sign-in would do to the role of an account that exists."""
    return f"Their role would change from {before.capitalize()} to {after.capitalize()}."


def jit_refused(because: str, organization: str, contact: str) -> str:
    """Why a change of the switch was refused. It names no area, because the page it is shown on has none."""
    if because == "sso_not_activated":
        return (
            "Nothing was changed: SSO is not activated, and accounts are created at sign-in only while it is. "
            "Activate it first."
        )
    return (
        f"Nothing was changed: creating accounts at sign-in is not available to {organization}. "
        f"Contact support ({contact}) to check whether it can be made available."
    )
