"""What must hold of the decision whatever the facts are. The combinations are few enough to try all of them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import PLANS, ROLE_OF_PLAN, Organization
from organizations.addresses import AddressRefused, normalise_email
from provisioning.decision import RULES, Account, Claim, Decision, Outcome, Policy, Reason, Status, decide
from tests.unit.facts import DOMAIN, SWITCHES, Facts, as_arguments, every_combination

bounded = settings(deadline=None, max_examples=150, database=None)
ALL = list(every_combination())
OPEN = Policy(
    sso_activated=True,
    verified_domains=frozenset({DOMAIN, "acme.co.example"}),
    jit_unlocked=True,
    jit_on=True,
    seats_left=None,
    role_for_new_people="viewer",
)
REFUSES = "role rule refuses"
NEEDED_FOR_AN_ACCOUNT = {
    "SSO activated": "yes",
    "account found by": "nobody",
    "e-mail": "yes",
    "domain verified": "yes",
    "JIT unlocked": "yes",
    "JIT on": "yes",
    "seat left": "yes",
    "role rule refuses": "no",
}


def decided(facts: Facts, role: str = "collaborator", seats: int | None = None) -> Decision:
    return decide(*as_arguments(facts, role, seats))


def test_there_is_a_decision_for_every_combination_and_every_rule_is_used() -> None:
    assert {decided(facts).rule for facts in ALL} == {rule for rule, *_ in RULES}
    assert len(ALL) > 300


def test_an_account_is_created_exactly_when_all_of_its_conditions_hold() -> None:
    for facts in ALL:
        wanted = all(facts[column] == value for column, value in NEEDED_FOR_AN_ACCOUNT.items())
        assert (decided(facts).outcome is Outcome.CREATE) == wanted, facts


@pytest.mark.parametrize("column", NEEDED_FOR_AN_ACCOUNT)
def test_taking_away_any_one_condition_creates_nothing(column: str) -> None:
    """What is left is a combination that can be, so each condition is shown to be needed on its own."""
    facts = next(facts for facts in ALL if decided(facts).outcome is Outcome.CREATE)
    without = [
        other
        for other in ALL
        if other[column] != facts[column]
        and all(other[name] == facts[name] for name in ("SSO activated", *SWITCHES, REFUSES) if name != column)
    ]
    assert without
    assert all(decided(other).outcome is not Outcome.CREATE for other in without)


def test_locking_switching_off_and_running_out_of_seats_change_nothing_for_people_with_an_account() -> None:
    for facts in ALL:
        if facts["account found by"] == "nobody":
            continue
        answers = {
            decided({**facts, **dict(zip((*SWITCHES, REFUSES), values, strict=True))})
            for values in itertools.product(("yes", "no"), repeat=4)
        }
        assert len(answers) == 1, facts


def test_switching_anything_off_lets_nobody_in_who_was_out() -> None:
    for facts in ALL:
        for column in ("SSO activated", *SWITCHES):
            if facts[column] == "yes":
                assert decided(facts).signs_in or not decided({**facts, column: "no"}).signs_in, (column, facts)


def test_nobody_signs_in_while_sso_is_not_activated() -> None:
    refused = {decided(facts).reason for facts in ALL if facts["SSO activated"] == "no"}
    assert refused == {Reason.SSO_NOT_ACTIVATED}


def test_a_deactivated_account_never_signs_in() -> None:
    deactivated = [facts for facts in ALL if facts["status"] == "deactivated"]
    assert deactivated
    assert not any(decided(facts).signs_in for facts in deactivated)


@pytest.mark.parametrize("role", ["viewer", "collaborator", "admin"])
def test_signing_in_never_changes_a_role(role: str) -> None:
    for facts in ALL:
        decision = decided(facts, role)
        if facts["account found by"] != "nobody":
            assert decision.role == (role if decision.signs_in else None), facts


@pytest.mark.parametrize("plan", PLANS)
def test_no_plan_makes_an_admin(plan: str) -> None:
    role = Organization(slug="acme", name="Acme", plan=plan).role_for_new_people
    assert role == {"flex": "viewer", "seat_based": "collaborator"}[plan]
    decision = decide(replace(OPEN, role_for_new_people=role), Claim(f"eve@{DOMAIN}"), None)
    assert (decision.outcome, decision.role) == (Outcome.CREATE, role)
    assert "admin" not in ROLE_OF_PLAN.values()


@pytest.mark.parametrize(("seats", "created"), [(None, True), (2, True), (1, True), (0, False), (-1, False)])
def test_a_seat_is_left_or_there_is_no_limit(seats: int | None, created: bool) -> None:
    decision = decide(replace(OPEN, seats_left=seats), Claim(f"eve@{DOMAIN}"), None)
    assert (decision.outcome is Outcome.CREATE) == created


def test_the_same_facts_give_the_same_answer() -> None:
    assert [decided(facts) for facts in ALL] == [decided(facts) for facts in ALL]


def lets_in(email: str, account: Account | None = None) -> bool:
    return decide(OPEN, Claim(email), account).signs_in


word = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
look_alikes = st.one_of(
    word.map(lambda text: f"{text}.{DOMAIN}"),
    word.map(lambda text: f"{text}{DOMAIN}"),
    word.map(lambda text: f"{DOMAIN}.{text}"),
    word.map(lambda text: f"{DOMAIN}{text}"),
    st.integers(0, len(DOMAIN) - 1).map(lambda at: DOMAIN[:at] + DOMAIN[at + 1 :]),
    st.tuples(st.integers(0, len(DOMAIN) - 1), st.sampled_from("аеосmn1l-.@ \0")).map(
        lambda change: DOMAIN[: change[0]] + change[1] + DOMAIN[change[0] + 1 :]
    ),
    st.just(f" {DOMAIN}"),
    st.just(f"{DOMAIN}."),
).filter(lambda domain: domain not in OPEN.verified_domains)


@bounded
@given(look_alikes)
def test_a_look_alike_domain_never_matches(domain: str) -> None:
    email = f"eve@{domain}"
    assert decide(OPEN, Claim(email), None).outcome is Outcome.REFUSE
    # Nor does it reach an account that has this address, unless somebody invited it.
    assert not lets_in(email, Account(Status.ACTIVE, "admin", found_by_identity=False))


@bounded
@given(st.text(max_size=40))
def test_whoever_gets_an_account_has_exactly_a_verified_domain_behind_the_last_at(text: str) -> None:
    decision = decide(OPEN, Claim(text), None)
    assert (decision.outcome is Outcome.CREATE) == (text.rpartition("@")[2] in OPEN.verified_domains)


@bounded
@given(st.text("ACMEexamplе@.\u0131\u212a -", max_size=30))
def test_an_address_that_can_be_stored_creates_only_in_a_verified_domain(text: str) -> None:
    try:
        email = normalise_email(f"{text}@{DOMAIN.upper()}")
    except AddressRefused:
        return
    assert email.count("@") == 1
    assert email.endswith(f"@{DOMAIN}")
    assert decide(OPEN, Claim(email), None).outcome is Outcome.CREATE
