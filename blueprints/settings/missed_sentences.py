"""What the list of the missed says of somebody. Pure: facts in, words out."""

from __future__ import annotations

from collections.abc import Iterable

from blueprints.settings.sentences import MOST_PEOPLE, listed
from provisioning.by_admin import NotCreated
from provisioning.decision import Reason


def turned_away(then: Reason, by_now: Reason, words: str, signs_in: bool, account: bool, here: str = "") -> str:
    """Why somebody was turned away, and what would come of it by now.

    `words`: of the reason that holds now. `account`: there is one with their address. `here`: see `by_an_admin`.
    """
    if then is by_now:
        return f"{words} {here}".strip()
    before = _THEN[then] if account or then not in _BY_ACCOUNT else "The account that stood in the way is gone."
    if signs_in and account:
        return f"{before} By now they would be signed in to the account they have: let them sign in again."
    if by_now is Reason.CREATED_JUST_IN_TIME:
        return f"{before} By now they would get an account: let them sign in again, or create it here."
    return f"{before} By now something else stands in the way. {words} {here}".strip()


def by_an_admin(by_now: Reason, vouched: Reason, rule: str | None) -> str:
    """What an admin can do here all the same. `vouched`: what decides then, `rule`: the role rule that refuses."""
    if by_now is vouched:
        return ""
    if vouched is Reason.CREATED_JUST_IN_TIME:
        return "You can still create the account here."
    if vouched is Reason.NO_SEAT_LEFT:
        return "To create the account here, free a seat first."
    return f"Nor can it be created here, because of the role rule {rule}."


def not_created(refused: Iterable[NotCreated]) -> list[str]:
    """A sentence for each reason, however many there are of it."""
    emails: dict[str, list[str]] = {}
    for one in refused:
        emails.setdefault(one.why, []).append(one.email)
    return [f"No account was created for {listed(who, MOST_PEOPLE, 'people')}. {why}" for why, who in emails.items()]


def role_later(role: str, later: str, rule: str | None, next_time: bool) -> str:
    """Of whom the role rules give another role at a sign-in to come."""
    when = "at their next sign-in" if next_time else "at the sign-in after their next one"
    return f"{role.capitalize()} now; {later.capitalize()} {when}, by the role rule {rule}."


_THEN = {
    Reason.DOMAIN_NOT_VERIFIED: "The domain of this address was not verified.",
    Reason.JIT_LOCKED: "Creating accounts at sign-in was not available.",
    Reason.JIT_OFF: "Creating accounts at sign-in was off.",
    Reason.NO_SEAT_LEFT: "All seats were taken.",
    Reason.REFUSED_BY_ROLE_RULE: "A role rule refused people in one of this person's groups.",
    Reason.ACCOUNT_DEACTIVATED: "The account was deactivated.",
    Reason.IDENTITY_CHANGED: "The address belonged to another NameID.",
    Reason.LINK_REQUIRED: "There was an account with this address, and its domain was not verified.",
}
_BY_ACCOUNT = (Reason.ACCOUNT_DEACTIVATED, Reason.IDENTITY_CHANGED, Reason.LINK_REQUIRED)
