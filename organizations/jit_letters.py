"""The words of the e-mails about people who come for the first time. Pure, like letters.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from organizations.letters import one_line

SHOWN = 50  # of the people in one mail


@dataclass(frozen=True, slots=True)
class Newcomer:
    """`reference`: of the sign-in that created the account. `page`: where an admin sees it."""

    name: str
    email: str
    role: str
    reference: str
    page: str

    @property
    def words(self) -> str:
        who = one_line(self.email) if self.name == self.email else f"{one_line(self.name)}, {one_line(self.email)}"
        return f"""{who}, {self.role.capitalize()}
Reference code: {self.reference}
The account: {self.page}
"""


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


def new_account(organization: str, newcomer: Newcomer) -> tuple[str, str]:
    """To the admins who want to hear of each."""
    return (
        f"New account at {one_line(organization)}: {one_line(newcomer.email)}",
        f"""A first sign-in created an account at {one_line(organization)}.

{newcomer.words}
In Settings, Security you choose how often you get this mail.
""",
    )


def new_accounts(
    organization: str, day: date, people: Sequence[Newcomer], count: int, security_tab: str
) -> tuple[str, str]:
    """To the admins who want to hear once a day. `people`: the first SHOWN of `count`."""
    more = f"and {count - len(people)} more\n\n" if count > len(people) else ""
    number = f"{count} new account" + ("" if count == 1 else "s")
    return (
        f"{number} at {one_line(organization)} on {day.day} {day:%B %Y}",
        f"""First sign-ins created {number} at {one_line(organization)} on {day.day} {day:%B %Y} (UTC).

{chr(10).join(one.words for one in people)}
{more}See them, undo them, or choose how often you get this mail: {security_tab}
""",
    )
