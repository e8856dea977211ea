"""The sentences of the People pages. Pure: facts in, words out."""

from __future__ import annotations

from datetime import datetime

from models import ROLES
from organizations.counting import Counts
from organizations.finding import MOST_COUNTED, Filter

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ROLE_WORDS = {role: role.capitalize() for role in ROLES}


def people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def people_in_words(counts: Counts) -> str:
    parts = [f"{counts.of('active'):,} active"]
    parts += [f"{number:,} {status}" for status in ("invited", "deactivated") if (number := counts.of(status))]
    return f"{people(counts.of())}: {', '.join(parts)}." if len(parts) > 1 else f"{people(counts.of())}."


def seats_in_words(seats: int | None, used: int) -> str:
    """Deactivated people take no seat; after support lowered the number there may be more people than seats."""
    if seats is None:
        return "There is no limit of seats."
    if used > seats:
        more = people(used - seats)
        return (
            f"{used:,} of {seats:,} seats are taken, {more} too many: nobody new gets an account until some are free."
        )
    left = {0: "none is left", 1: "1 is left"}.get(seats - used, f"{seats - used:,} are left")
    return f"{used:,} of {seats:,} seats are taken, {left}."


def matching_in_words(number: int) -> str:
    return f"{people(number)} {'matches' if number == 1 else 'match'}."


def found_in_words(number: int) -> str:
    return matching_in_words(number) if number <= MOST_COUNTED else f"More than {MOST_COUNTED:,} people match."


def parameters(wanted: Filter) -> dict[str, str]:
    """As they stand in an address; what is not asked for does not."""
    named = {"q": wanted.search, "role": wanted.role, "status": wanted.status, "origin": wanted.origin}
    return {name: value for name, value in named.items() if value}


def indefinite(role: str) -> str:
    """With its article: `an Admin`, `a Viewer`."""
    return f"{'an' if role == 'admin' else 'a'} {ROLE_WORDS[role]}"


def moment(at: datetime) -> tuple[str, str]:
    """What the component `time` shows, for the machine and in words: for lists, where its strftime is most of a row."""
    words = f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at.hour:02}:{at.minute:02} UTC"
    return f"{at.isoformat()[:19]}Z", words
