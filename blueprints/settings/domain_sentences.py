"""What the domains card says of times and of consequences. Pure: facts in, words out."""

from __future__ import annotations

from datetime import datetime

from blueprints.settings.sentences import counted


def ahead(at: datetime, now: datetime) -> str:
    """In how long, rounded up; what is due already waits for the next run of the jobs."""
    minutes = max(1, -int((now - at).total_seconds() // 60))
    for size, word in ((1_440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"in {counted(-(-minutes // size), word)}"
    raise AssertionError("a minute at least")


def added(domain: str) -> str:
    return f"{domain} is added. Now put its TXT record in place, then check it."


def checked(domain: str, state: str, *, changed: bool) -> tuple[str, str]:
    """(sentence, kind of notice) once the DNS was looked at; why not stands beside the domain. `changed`: by that."""
    return {
        "verified": (f"{domain} is verified.", "success"),
        "attention": (f"The TXT record of {domain} is {'gone' if changed else 'still gone'}.", "warning"),
    }.get(state, (f"{domain} is not verified yet: the reason stands beside it.", "warning"))


def removal(
    domain: str, *, verified: bool, sso_activated: bool, jit_in_effect: bool, is_last: bool, sign_in_link: str
) -> list[str]:
    """What removing it means, the gravest first. `is_last`: no other domain of the organization is verified."""
    if not verified:
        return [f"{domain} is not verified, so nothing changes for anybody."]
    if not sso_activated:
        return ["Single sign-on is not activated, so nobody's sign-in changes. Accounts that exist keep working."]
    found = [f"People with an address at {domain} are no longer sent to single sign-on."]
    if jit_in_effect and is_last:
        found.append(
            "It is your last verified domain and JIT Provisioning is on: no new person gets an account until another "
            "domain is verified."
        )
    elif jit_in_effect:
        found.append(f"New people at {domain} no longer get an account.")
    return [
        *found,
        f"Accounts that exist keep working. Who signed in through single sign-on before still can, at {sign_in_link}",
    ]
