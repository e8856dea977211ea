"""IdP-initiated sign-in: off by default, a switch per connection; RelayState only as a path of our own."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db
from models import SignInAttempt
from organizations import connections
from tests.saml.conftest import Gate


@pytest.fixture
def allowed(gate: Gate) -> Gate:
    connections.set_idp_initiated(gate.acme, True, "operator")
    db.session.commit()
    gate.message.request_id = None
    return gate


def test_off_by_default(gate: Gate) -> None:
    gate.message.request_id = None
    assert gate.refused_by(gate.post(gate.honest())) == "request"


@pytest.mark.parametrize("what", ["assertion", "response", "both"])
def test_accepted_where_it_is_switched_on(allowed: Gate, what: str) -> None:
    allowed.accepted(allowed.post(allowed.honest(what)))


@pytest.mark.parametrize(
    ("relay_state", "leads_to"),
    [
        ("/o/acme/settings/profile", "/o/acme/settings/profile"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("", "/"),
        ("x" * 5_000, "/"),
    ],
)
def test_relay_state_is_followed_only_as_a_path_of_ours(allowed: Gate, relay_state: str, leads_to: str) -> None:
    answer = allowed.post(allowed.honest(), RelayState=relay_state)
    assert allowed.browser.get(answer.headers["Location"]).headers["Location"] == leads_to


def test_the_assertion_still_counts_once(allowed: Gate) -> None:
    honest = allowed.honest()
    allowed.accepted(allowed.post(honest))
    assert allowed.post(honest).status_code == 403
    assert db.session.scalars(select(SignInAttempt.reason).order_by(SignInAttempt.id)).all()[-1] == "once"


def test_an_answer_to_a_request_still_has_to_match_it(allowed: Gate) -> None:
    allowed.message.request_id = "_never-sent"
    assert allowed.refused_by(allowed.post(allowed.honest())) == "request"


def test_it_can_be_switched_off_again(allowed: Gate) -> None:
    connections.set_idp_initiated(allowed.acme, False, "operator")
    db.session.commit()
    assert allowed.refused_by(allowed.post(allowed.honest())) == "request"
