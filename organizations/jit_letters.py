"""The words of the e-mails about people who come for the first time. Pure, like letters.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from organizations.letters import one_line

SHOWN = 50  # of the people in one mail


def account_created(organization: str, role: str, sign_in: str) -> tuple[str, str]:
    """To somebody who was turned away before."""
    return (
        f"Your account at {one_line(organization)} is ready",
        f"""An admin of {one_line(organization)} created an account for you, as {role.capitalize()}.

Sign in here: {sign_in}

You sign in through your organization, so there is no password to set.
""",
    )


def asked(organization: str, who: str, question: str, reference: str, page: str) -> tuple[str, str]:
    """To the admins: the first of the day. `question` may be empty."""
    said = f"\nThey wrote: {one_line(question)}\n" if question else ""
    return (
        f"{one_line(who)} asks for help with signing in to {one_line(organization)}",
        f"""{one_line(who)} tried to sign in to {one_line(organization)}, was turned away, and asks for your help.
{said}
Reference code: {reference}

See everybody who was turned away, and decide: {page}

This mail comes once a day at most; others who ask today are on that page.
""",
    )


def new_account(organization: str, name: str, email: str, role: str, reference: str, page: str) -> tuple[str, str]:
    """To the admins who want to hear of each."""
    return (
        f"New account at {one_line(organization)}: {one_line(email)}",
        f"""A first sign-in created an account at {one_line(organization)}.

{_person(name, email, role)}
Reference code: {reference}

See the account: {page}

In Settings, Security you choose how often you get this mail.
""",
    )


def new_accounts(
    organization: str, day: date, people: Sequence[tuple[str, str, str]], count: int, security_tab: str
) -> tuple[str, str]:
    """To the admins who want to hear once a day. `people`: (name, e-mail, role) of the first SHOWN of `count`."""
    more = f"\nand {count - len(people)} more\n" if count > len(people) else ""
    number = f"{count} new account" + ("" if count == 1 else "s")
    return (
        f"{number} at {one_line(organization)} on {day.day} {day:%B %Y}",
        f"""First sign-ins created {number} at {one_line(organization)} on {day.day} {day:%B %Y} (UTC).

{chr(10).join(_person(*person) for person in people)}
{more}
See them, undo them, or choose how often you get this mail: {security_tab}
""",
    )


def _person(name: str, email: str, role: str) -> str:
    who = one_line(email) if name == email else f"{one_line(name)}, {one_line(email)}"
    return f"{who}, {role.capitalize()}"
