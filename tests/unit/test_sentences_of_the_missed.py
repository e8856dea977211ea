"""What stands beside somebody who was turned away fits the button beside it."""

from __future__ import annotations

import pytest

from blueprints.settings.missed_sentences import by_an_admin, turned_away
from models import ASKED_REASONS, MISSED_REASONS
from provisioning.decision import Reason
from provisioning.wording import WORDING

OPEN = (Reason.JIT_OFF, Reason.JIT_LOCKED, Reason.DOMAIN_NOT_VERIFIED)
STILL = "You can still create the account here."


@pytest.mark.parametrize("by_now", OPEN)
def test_where_only_an_admin_can_let_them_in_it_says_so(by_now: Reason) -> None:
    words = WORDING[by_now].admin
    here = by_an_admin(by_now, Reason.CREATED_JUST_IN_TIME, None)
    assert turned_away(by_now, by_now, words, False, False, here) == f"{words} {STILL}"
    then = turned_away(Reason.NO_SEAT_LEFT, by_now, words, False, False, here)
    assert then == f"All seats were taken. By now something else stands in the way. {words} {STILL}"


@pytest.mark.parametrize("by_now", OPEN)
def test_where_an_admin_cannot_either_it_says_why(by_now: Reason) -> None:
    assert by_an_admin(by_now, Reason.NO_SEAT_LEFT, None) == "To create the account here, free a seat first."
    assert (
        by_an_admin(by_now, Reason.REFUSED_BY_ROLE_RULE, "“research” → Refused")
        == "Nor can it be created here, because of the role rule “research” → Refused."
    )


@pytest.mark.parametrize(
    "reason",
    [Reason.CREATED_JUST_IN_TIME, Reason.NO_SEAT_LEFT, Reason.REFUSED_BY_ROLE_RULE, Reason.SSO_NOT_ACTIVATED],
)
def test_what_holds_for_the_admin_as_well_is_said_once(reason: Reason) -> None:
    assert by_an_admin(reason, reason, "“research” → Refused") == ""


def test_who_would_get_in_by_now_is_told_so_without_more() -> None:
    said = turned_away(Reason.JIT_OFF, Reason.CREATED_JUST_IN_TIME, "", True, False, "")
    assert said == (
        "Creating accounts at sign-in was off. By now they would get an account: let them sign in again, or create it "
        "here."
    )


@pytest.mark.parametrize("then", MISSED_REASONS + ASKED_REASONS)
def test_each_reason_has_a_sentence_of_what_it_was(then: str) -> None:
    said = turned_away(Reason(then), Reason.SSO_NOT_ACTIVATED, "Words.", False, True)
    assert said.endswith(". By now something else stands in the way. Words.")
