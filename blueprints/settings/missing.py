"""What an organization still has to do before a first sign-in can create an account: shown where that option is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from database import now
from models import Organization
from organizations import counting, entitlements

_STATES = ("not_set_up", "enabled", "tested", "activated")


@dataclass(frozen=True, slots=True)
class Step:
    """`word` says what is, or what is to be done; `target` is where, for the first steps that are open."""

    word: str
    done: bool
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """`ask_support`: SSO is activated, and support has not made the option available, whether a domain is verified by
    now or not. `ended`: it was there until that last day; none where support took it away. `wish`: that it was on, and
    what brings it back. `to_undo`: it created accounts, and some still work.
    """

    sentence: str
    steps: list[Step]
    ask_support: bool
    ended: datetime | None
    wish: str
    to_undo: bool


def missing_steps(organization: Organization, obstacle: str) -> Missing:
    """`obstacle`: as `jit.obstacle` gives it."""
    connection = organization.connection
    state = connection.state if connection else "not_set_up"
    reached = _STATES.index(state)
    live = connection.live_configuration if connection else None
    tested = reached >= _STATES.index("tested") and bool(live and live.tested_at)
    setup = url_for("settings.sso_setup", slug=organization.slug)
    verified = any(domain.verified_at for domain in organization.domains)
    without_test = state == "activated" and not tested
    steps = [
        Step("A domain is verified", True) if verified else Step("Verify a domain", False, "#domains"),
        Step("SSO is enabled", True) if reached else Step("Enable SSO: give the details", False, setup),
        Step("The test was skipped" if without_test else "SSO is tested", True)
        if tested or without_test
        else Step("Test SSO", False, setup if reached else None),
        Step("SSO is activated", True)
        if state == "activated"
        else Step("Activate SSO", False, setup if tested else None),
    ]
    end = entitlements.end_of(organization)
    created = counting.counts(organization)
    return Missing(
        _sentence(state),
        steps,
        ask_support=obstacle == "jit_locked",
        ended=end if end and end <= now() else None,
        wish=_wish(state, entitlements.is_unlocked(organization)) if organization.jit_on else "",
        to_undo=any(created.of(status, origin="jit") for status in ("active", "invited")),
    )


def _wish(state: str, unlocked: bool) -> str:
    """What is stored counts again by itself. It names no area, for there is none."""
    awaited = [] if state == "activated" else ["SSO is activated"]
    if not unlocked:
        awaited.append("support makes it available again")
    return f"Creating accounts at sign-in was on. It is on again as soon as {' and '.join(awaited)}."


def _sentence(state: str) -> str:
    if state == "activated":
        return ""
    if state == "not_set_up":
        return "SSO is not set up yet. Options for creating accounts at sign-in need it enabled and activated."
    return "SSO is enabled, but not activated. Options for creating accounts at sign-in need it activated."
