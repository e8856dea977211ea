"""What the person's page says about a change is true: of a role that rules give again."""

from __future__ import annotations

import pytest

from database import db
from models import Entitlement, Identity, MissedSignIn, RoleRule, User
from tests.factories import Cast, make_user
from tests.flows.people.conftest import page_of
from tests.signing_in import Browser

BESIDE = "Role rules give this person their role at each sign-in"
AFTERWARDS = "now. Role rules give this person their role again at the next sign-in."


@pytest.fixture
def eve(cast: Cast) -> User:
    """Whom JIT created, where role rules give the role at each sign-in."""
    cast.acme.role_rules_on = cast.acme.role_rules_each_time = True
    db.session.add(RoleRule(organization_id=cast.acme.id, position=1, group_name="it", outcome="viewer"))
    configuration = cast.acme.connection.live_configuration_id
    return make_user(
        cast.acme, "eve@acme.example", origin="jit", with_password=False, created_by_configuration_id=configuration
    )


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("role", ["collaborator", "admin"])
def test_a_role_by_hand_lasts_until_the_rules_give_theirs(
    cast: Cast, ana: Browser, eve: User, get_page, role: str, htmx: bool
) -> None:
    page = get_page(ana, page_of(eve))
    assert f"{BESIDE}, so a change here lasts until the next one." in page.words
    assert page.links()["Role rules"] == "/o/acme/settings/security/role-rules"
    form = {"role": role, "confirmed": "y"}
    answer = ana.post(f"{page_of(eve)}/role", form, htmx=htmx)
    text = answer.text if htmx else ana.get(answer.location).text
    assert AFTERWARDS in text
    answer = ana.post(f"{page_of(eve)}/role", form)
    assert AFTERWARDS not in ana.get(answer.location).text, "nothing was changed"


@pytest.mark.parametrize("why_not", ["off", "not each time", "no rule", "locked", "no SSO", "invited", "password"])
def test_nothing_is_said_of_rules_that_leave_the_role_alone(
    cast: Cast, ana: Browser, eve: User, get_page, why_not: str
) -> None:
    """`password`: an admin who keeps one for emergencies."""
    acme, role = cast.acme, "collaborator"
    if why_not == "off":
        acme.role_rules_on = False
    elif why_not == "not each time":
        acme.role_rules_each_time = False
    elif why_not in ("no rule", "locked"):
        db.session.execute(db.delete(RoleRule if why_not == "no rule" else Entitlement))
    elif why_not == "no SSO":
        acme.connection.activated_at = None
    elif why_not == "invited":
        eve = cast.ben
    else:
        eve.password_hash, eve.role, role = "x", "collaborator", "admin"
    db.session.commit()
    changed = ana.post(f"{page_of(eve)}/role", {"role": role, "confirmed": "y"})
    page = get_page(ana, changed.location)
    assert "role again at the next sign-in" not in page.text
    assert BESIDE not in page.words


@pytest.mark.parametrize(
    ("what", "reason"), [("reactivate", "account_deactivated"), ("reset-sso-link", "identity_changed")]
)
def test_the_number_beside_security_is_true_once_somebody_is_helped(
    cast: Cast, ana: Browser, get_page, what: str, reason: str
) -> None:
    values = {"connection_id": cast.acme.connection.id, "idp_entity_id": "https://idp.example", "subject": "s"}
    db.session.add(Identity(organization_id=cast.acme.id, user_id=cast.ben.id, **values))
    cast.ben.status = "deactivated" if what == "reactivate" else "active"
    row = {"email": cast.ben.email, "reason": reason, "reference": "ABCD-EFGH"}
    db.session.add(MissedSignIn(organization_id=cast.acme.id, **row))
    db.session.commit()
    assert "Security 1 turned away" in get_page(ana, page_of(cast.ben)).links()
    answer = ana.post(f"{page_of(cast.ben)}/{what}", {}, htmx=True)
    assert '<span id="missed_count" hx-swap-oob="true"></span>' in answer.text
    assert "Security" in get_page(ana, page_of(cast.ben)).links()
