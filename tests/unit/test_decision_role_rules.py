"""Role rules in the decision: which one wins, whom it concerns, and what it can never do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations import role_rules
from provisioning.decision import Account, Claim, Decision, Outcome, Policy, Reason, Status, decide, role_rule_in_words
from tests.unit.test_decision_document import read_table
from tests.unit.test_decision_properties import DOMAIN, OPEN, bounded

WRITTEN = read_table("the first rule that matches says")
GROUPS = ("research", "it", "Research", "", "contractors")
rules = st.lists(
    st.tuples(st.sampled_from(GROUPS), st.sampled_from(role_rules.OUTCOMES)), max_size=4, unique_by=lambda rule: rule[0]
)
groups = st.lists(st.sampled_from(GROUPS), max_size=4)
policies = st.builds(
    Policy,
    sso_activated=st.booleans(),
    verified_domains=st.sampled_from([frozenset({DOMAIN}), frozenset()]),
    jit_unlocked=st.booleans(),
    jit_on=st.booleans(),
    seats_left=st.sampled_from([None, 0, 1]),
    role_for_new_people=st.sampled_from(["viewer", "collaborator"]),
    role_rules=rules.map(tuple),
    roles_each_time=st.booleans(),
)
accounts = st.builds(
    Account,
    status=st.sampled_from(list(Status)),
    role=st.sampled_from(["viewer", "collaborator", "admin"]),
    found_by_identity=st.booleans(),
    linked_to_another_subject=st.booleans(),
    role_may_follow=st.booleans(),
    role_from_plan=st.booleans(),
)


def asked(policy: Policy, groups: list[str], account: Account | None = None) -> Decision:
    return decide(policy, Claim(f"eve@{DOMAIN}", tuple(groups)), account)


def with_rules(*rules: tuple[str, str], each_time: bool = False) -> Policy:
    return replace(OPEN, role_rules=rules, roles_each_time=each_time)


def account(role: str = "collaborator", *, follows: bool = True) -> Account:
    return Account(Status.ACTIVE, role, found_by_identity=True, role_may_follow=follows)


@pytest.mark.parametrize("row", WRITTEN, ids=lambda row: next(iter(row.values())))
@pytest.mark.parametrize("by_identity", [True, False])
def test_the_table_of_the_document_is_what_the_code_decides(row: dict[str, str], by_identity: bool) -> None:
    said, created, follows, otherwise = row.values()
    policy = with_rules(("others", "admin"), ("research", said if said != "none matches" else "refuse"))
    mine = ["unheard-of"] if said == "none matches" else ["unheard-of", "research"]
    new = asked(policy, mine)
    if created == "refused by row 15":
        assert (new.outcome, new.reason, new.rule) == (Outcome.REFUSE, Reason.REFUSED_BY_ROLE_RULE, 15)
        assert (new.role, new.role_rule) == (None, "“research” → Refused")
    else:
        assert (new.outcome, new.rule) == (Outcome.CREATE, 14)
        assert new.role == (OPEN.role_for_new_people if created == "the plan's" else created)
        assert new.role_rule == (None if said == "none matches" else role_rule_in_words("research", said))
    for each_time, may_follow, cell in ((True, True, follows), (True, False, otherwise), (False, True, otherwise)):
        somebody = replace(account(follows=may_follow), found_by_identity=by_identity)
        later = asked(replace(policy, roles_each_time=each_time), mine, somebody)
        assert later.signs_in
        assert later.role == {"unchanged": "collaborator", "the plan's": "viewer"}.get(cell, cell)
        assert (later.role_rule is not None) == (cell not in ("unchanged", "the plan's"))


@pytest.mark.parametrize("from_plan", [True, False])
def test_another_plan_alone_changes_no_role(from_plan: bool) -> None:
    somebody = replace(account("collaborator"), role_from_plan=from_plan)
    decision = asked(with_rules(("it", "admin"), each_time=True), ["unheard-of"], somebody)
    assert decision.role == ("collaborator" if from_plan else "viewer")
    assert asked(with_rules(("it", "admin"), each_time=True), ["it"], somebody).role == "admin"


def test_the_document_has_a_row_for_each_outcome() -> None:
    assert {next(iter(row.values())) for row in WRITTEN} == {*role_rules.OUTCOMES, "none matches"}


def test_the_first_rule_wins_whatever_the_order_of_the_groups() -> None:
    policy = with_rules(("it", "collaborator"), ("research", "refuse"))
    assert asked(policy, ["research", "it"]).role == "collaborator"
    assert asked(policy, ["research"]).reason is Reason.REFUSED_BY_ROLE_RULE


@pytest.mark.parametrize("group", ["Research", "research ", "researc", "research2", "RESEARCH", ""])
def test_a_group_is_compared_letter_by_letter(group: str) -> None:
    assert asked(with_rules(("research", "collaborator")), [group]).role == "viewer"


def test_the_words_are_the_same_in_both_rooms() -> None:
    for outcome in role_rules.OUTCOMES:
        assert role_rules.in_words("it", outcome) == role_rule_in_words("it", outcome)


@bounded
@given(policies, groups, st.none() | accounts)
def test_an_admin_is_made_by_an_admin_rule_only(policy: Policy, groups: list[str], account: Account | None) -> None:
    decision = asked(policy, groups, account)
    if decision.role == "admin" and (account is None or account.role != "admin"):
        assert decision.role_rule is not None
        assert decision.role_rule.endswith("→ Admin")
        assert any((group, "admin") in policy.role_rules for group in groups)


@bounded
@given(policies, groups, accounts)
def test_rules_neither_let_in_nor_refuse_people_with_an_account(
    policy: Policy, groups: list[str], account: Account
) -> None:
    with_them, without = asked(policy, groups, account), asked(replace(policy, role_rules=()), groups, account)
    assert (with_them.outcome, with_them.rule) == (without.outcome, without.rule)


@bounded
@given(policies, groups, accounts)
def test_a_role_changes_only_where_it_may_follow(policy: Policy, groups: list[str], account: Account) -> None:
    decision = asked(policy, groups, account)
    if decision.signs_in and decision.role != account.role:
        assert account.role_may_follow
        assert account.status is Status.ACTIVE
        assert policy.roles_each_time
        assert policy.role_rules
        assert policy.jit_unlocked


@bounded
@given(policies, groups)
def test_rules_create_nothing_that_would_not_be_created_without_them(policy: Policy, groups: list[str]) -> None:
    without = asked(replace(policy, role_rules=()), groups)
    decision = asked(policy, groups)
    assert without.outcome is Outcome.CREATE or decision == without
    if not set(groups) & {group for group, _ in policy.role_rules}:
        assert decision == without
