"""The sentence beside the switch says what the decision will do with the next new person."""

from __future__ import annotations

import pytest

from blueprints.settings.sentences import jit_effect, turning_off

GETS = "New people at acme.example will get a Viewer account in General"
END = ". Existing accounts do not change."


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ((), ""),
        (("viewer",), ""),
        (("refuse",), "; role rules refuse some"),
        (("collaborator",), "; by role rules, some get Collaborator instead"),
        (("admin", "viewer", "collaborator"), "; by role rules, some get Collaborator or Admin instead"),
        (("refuse", "admin"), "; by role rules, some get Admin instead, or are refused"),
    ],
)
def test_role_rules_are_in_the_sentence(outcomes: tuple[str, ...], said: str) -> None:
    assert jit_effect(True, ["acme.example"], "Viewer", None, outcomes) == (GETS + said + END, False)


@pytest.mark.parametrize(
    ("on", "verified", "seats", "words", "held_up"),
    [
        (False, ["acme.example"], 3, "turned away until you turn this on", False),
        (True, [], 3, "No domain is verified", True),
        (True, ["acme.example"], 0, "No seat is left", True),
        (True, ["acme.example"], 1, "1 seat is left.", False),
        (True, ["acme.example"], 12, "12 seats are left.", False),
    ],
)
def test_what_holds_it_up_is_said_and_marked(
    on: bool, verified: list[str], seats: int, words: str, held_up: bool
) -> None:
    sentence, marked = jit_effect(on, verified, "Viewer", seats, ("admin",))
    assert words in sentence
    assert marked is held_up


@pytest.mark.parametrize(("seats", "verified"), [(None, ["acme.example"]), (0, ["acme.example"]), (3, [])])
def test_rules_that_apply_at_each_sign_in_change_existing_accounts(seats: int | None, verified: list[str]) -> None:
    sentence, _ = jit_effect(True, verified, "Viewer", seats, ("admin",), follow=True)
    assert sentence.endswith(
        "Role rules also apply at each sign-in of the people created here; other accounts do not change."
    )
    assert "Existing accounts do not change" not in sentence


@pytest.mark.parametrize("follow", [True, False])
def test_they_apply_while_it_is_off_and_that_is_said_before_and_after(follow: bool) -> None:
    off, _ = jit_effect(False, ["acme.example"], "Viewer", None, ("admin",), follow=follow)
    for said in (off, turning_off(follow)):
        assert said.startswith("New people are turned away")
        assert "Existing accounts keep working." in said
        assert said.endswith("Role rules still apply at each sign-in of the people created here.") is follow
