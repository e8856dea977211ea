"""Any order of what admins, support and people can do keeps the promises of the product (Hypothesis, real code).

Each machine knows a part of the steps, and one knows all; each run begins with a state of its own. What a step must do
is foretold in the words of the requirements, from the tables, and compared with what it did: rows, and audit events.
"""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.stateful import run_state_machine_as_test

from provisioning.decision import Reason
from tests.flows.machine.accounts import Ends, Invitations, RolesByHand
from tests.flows.machine.beginning import Cast
from tests.flows.machine.rules import Rules
from tests.flows.machine.sign_ins import SignIns
from tests.flows.machine.stepping import REACHED, Steps
from tests.flows.machine.switches import Connections, Domains, Switch
from tests.flows.machine.themselves import Themselves
from tests.flows.machine.turned_away import Plans, TurnedAway, Undoing

pytestmark = pytest.mark.both_databases


SIGN_INS = {name: 2 for name in vars(SignIns) if name.endswith(("signs_in", "signs_in_at_acme"))}


class SwitchesAndDomains(Switch, Domains, SignIns):
    OFTEN = SIGN_INS | {"toggle": 2, "unlock": 2, "add_domain": 2, "verify_domain": 2}


class Swaps(Connections, SignIns):
    OFTEN = SIGN_INS | {"configure": 3, "activate": 3, "discard": 2, "deactivate_sso": 2}


class People(Invitations, Ends, RolesByHand, Themselves, SignIns):
    OFTEN = SIGN_INS | {"accept_by_password": 2, "deactivate": 2, "reactivate": 2}


class Accounts(TurnedAway, Undoing, Plans, SignIns):
    OFTEN = SIGN_INS | {"a_newcomer_signs_in_at_acme": 4, "set_plan": 2, "let_roles_follow_the_plan": 2, "set_seats": 2}


class RoleRules(Rules, RolesByHand, SignIns):
    OFTEN = SIGN_INS | {"somebody_whom_jit_made_signs_in": 4, "whom_rules_must_not_touch_signs_in": 4}
    OFTEN |= {"switch_rules": 2, "switch_each_time": 2}


class Everything(
    *(Switch, Domains, Connections, Rules, TurnedAway, Undoing, Plans, Invitations, Ends, RolesByHand, Themselves),
    SignIns,
):
    OFTEN = dict.fromkeys(SIGN_INS, 5) | {"activate": 2, "unlock": 2}


# How often each machine runs, and how many steps a run has.
MACHINES = {
    SwitchesAndDomains: (8, 30),
    Swaps: (6, 20),
    People: (8, 35),
    Accounts: (8, 35),
    RoleRules: (8, 30),
    Everything: (4, 40),
}

# What can become of each step; a plan, say, is never refused. Nearly all of it has to have happened: a change of the
# code may shift what is drawn, and then a few are not there by chance.
NOT_THERE_AT_MOST = 8
CAN_BE = {
    "changed": ["remove_domain", "the_end_date_passes"],
    "changed nothing": [
        *(
            "accept_by_password",
            "ask",
            "choose_digest",
            "dismiss",
            "reset_the_sso_link",
            "set_plan",
            "set_seats",
            "sign_in_with_a_password",
        ),
        *("sign_out_everywhere", "undo"),
    ],
    "changed refused": [
        *("activate", "add_domain", "add_rule", "configure", "connect_sso", "deactivate_sso", "discard", "invite"),
        *("lock", "remove_rule", "unlock", "verify_domain", "withdraw"),
    ],
    "changed nothing refused": [
        *("change_role", "create_account", "deactivate", "let_roles_follow_the_plan", "move_rule", "reactivate"),
        *("switch_each_time", "switch_rules", "toggle"),
    ],
    "previewed": ["sign_in"],
}
EXPECTED = {(step, what) for words, steps in CAN_BE.items() for step in steps for what in words.split()}


@pytest.fixture
def the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis draws numbers that stand in the code, too; which ones depends on the tests that ran before."""
    monkeypatch.setattr(providers, "_get_local_constants", Constants)


@pytest.mark.usefixtures("the_same_draws")
def test_any_order_of_changes_and_sign_ins_keeps_the_promises(app: Flask, database_kind: str) -> None:
    REACHED.clear()
    Steps.cast = Cast()
    for machine, (examples, steps) in MACHINES.items():
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate, Phase.shrink],
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert {what for step, what in REACHED if step == "sign_in"} >= set(Reason)
    not_there = sorted(EXPECTED - set(REACHED))
    assert len(not_there) <= NOT_THERE_AT_MOST, f"the machines never got to {not_there}"
