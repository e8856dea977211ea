"""Whatever the decision says of somebody's role, an account that an admin creates from the list is no admin's."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db
from models import MissedSignIn, User
from organizations import missed
from provisioning import by_admin
from provisioning.decision import Decision, Outcome, Reason
from tests.factories import EVE, Cast
from tests.signing_in import Browser


def test_a_decision_for_an_admin_gives_the_role_of_the_plan(
    cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sso(cast.acme, EVE)
    decision = Decision(14, Outcome.CREATE, Reason.CREATED_JUST_IN_TIME, "admin")
    monkeypatch.setattr(by_admin, "decide", lambda *_facts: decision)
    [row] = missed.take(cast.acme, list(db.session.scalars(select(MissedSignIn.id))), cast.ana)
    by_admin.create_account(cast.acme, row, cast.ana)
    db.session.commit()
    assert db.session.scalars(select(User.role).where(User.email == EVE.email)).one() == "viewer"
