"""Role rules at a real sign-in: the role, the refusal, where it is told, and whose role may change later."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db
from demo.cast import Person
from models import AuditEvent, RoleRule, SignInAttempt, User
from organizations import role_rules, seen_groups
from provisioning.provisioner import preview
from tests.factories import EVE, Cast, make_user
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
NOT_LISTED = "unheard-of"


@pytest.fixture
def acme(cast: Cast) -> Cast:
    seen_groups._KNOWN.clear()
    cast.acme.jit_on = True
    have_rules(cast, ("contractors", "refuse"), ("research", "collaborator"), ("it", "admin"))
    return cast


def have_rules(cast: Cast, *rules: tuple[str, str], each_time: bool = False) -> None:
    db.session.execute(db.delete(RoleRule))
    cast.acme.role_rules_on, cast.acme.role_rules_each_time = True, each_time
    for position, (group, outcome) in enumerate(rules):
        values = {"group_name": group, "outcome": outcome, "position": position}
        db.session.add(RoleRule(organization_id=cast.acme.id, **values))
    db.session.commit()


def person(*groups: str, email: str = EVE.email) -> Person:
    return Person(email, "Eve", "Lindqvist", groups)


def user(email: str = EVE.email) -> User | None:
    db.session.rollback()
    return db.session.scalar(select(User).where(User.email == email).execution_options(populate_existing=True))


def events(*actions: str) -> list[AuditEvent]:
    db.session.rollback()
    query = select(AuditEvent).where(AuditEvent.action.in_(actions)) if actions else select(AuditEvent)
    return list(db.session.scalars(query.order_by(AuditEvent.id)))


def last_attempt() -> SignInAttempt:
    return db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc())).first()


@pytest.mark.parametrize(
    ("groups", "role", "rule"),
    [
        (("research",), "collaborator", "“research” → Collaborator"),
        (("it", "research"), "collaborator", "“research” → Collaborator"),
        (("it",), "admin", "“it” → Admin"),
        ((NOT_LISTED,), "viewer", None),
        ((), "viewer", None),
    ],
)
def test_a_new_person_gets_the_role_of_the_first_rule(
    acme: Cast, browser: Browser, groups: tuple[str, ...], role: str, rule: str | None
) -> None:
    previewed = preview(acme.acme, EVE.email, groups)
    assert browser.sso(acme.acme, person(*groups)).status_code == 200
    eve = user()
    assert (eve.role, eve.created_by_rule, eve.role_from_plan) == (role, rule, rule is None)
    assert (previewed.role, previewed.role_rule) == (role, rule)
    assert last_attempt().detail == (f"Role rule: {rule}" if rule else None)
    [event] = events("sso:account:created")
    assert event.details["role"] == role


def test_a_refusing_rule_creates_nothing_and_says_why(acme: Cast, browser: Browser) -> None:
    answer = browser.sso(acme.acme, person("contractors", "it"))
    assert answer.status_code == 403
    assert "rules do not create one for you" in answer.text
    assert user() is None
    attempt = last_attempt()
    assert (attempt.rule, attempt.reason, attempt.signed_in) == (15, "refused_by_role_rule", False)
    assert attempt.detail == "Role rule: “contractors” → Refused"
    page = browser.sign_in_as(acme.ana).get("/o/acme/settings/security").text
    assert "Role rule: “contractors” → Refused" in page
    assert "rule 15 of the decision" in page


def test_off_the_rules_count_for_nothing(acme: Cast, browser: Browser) -> None:
    acme.acme.role_rules_on = False
    acme.acme.role_rules_each_time = True
    db.session.commit()
    for _ in range(2):
        assert browser.sso(acme.acme, person("contractors", "it")).status_code == 200
    assert (user().role, user().created_by_rule) == ("viewer", None)


def test_a_rule_of_another_organization_does_not_count(acme: Cast, browser: Browser) -> None:
    db.session.execute(db.update(RoleRule).values(organization_id=acme.globex.id))
    db.session.commit()
    browser.sso(acme.acme, person("it"))
    assert user().role == "viewer"


def test_without_the_other_switch_a_role_stays(acme: Cast, browser: Browser) -> None:
    browser.sso(acme.acme, person("research"))
    for groups in (("it",), ("contractors",), ()):
        assert browser.sso(acme.acme, person(*groups)).status_code == 200
        assert user().role == "collaborator"
    assert not events("sso:role:changed")


def test_with_it_the_role_follows_at_each_sign_in_with_one_event(acme: Cast, browser: Browser) -> None:
    browser.sso(acme.acme, person("research"))
    acme.acme.role_rules_each_time = True
    db.session.commit()
    roles = []
    for groups in (("it",), ("it",), ("contractors",), ("research",), ()):
        before = len(events())
        assert preview(acme.acme, EVE.email, groups).signs_in
        expected = preview(acme.acme, EVE.email, groups).role
        db.session.rollback()
        assert browser.sso(acme.acme, person(*groups)).status_code == 200
        assert user().role == expected
        roles.append(user().role)
        assert len(events()) == before + 1
    assert roles == ["admin", "admin", "admin", "collaborator", "viewer"]
    changes = [event.details for event in events("sso:role:changed")]
    assert changes == [
        {"before": "collaborator", "after": "admin", "rule": "“it” → Admin"},
        {"before": "admin", "after": "collaborator", "rule": "“research” → Collaborator"},
    ]
    assert [event.details for event in events("sso:role:set_back")] == [{"before": "collaborator", "after": "viewer"}]


def test_whether_a_role_is_the_plans_follows_what_gave_it(acme: Cast, browser: Browser) -> None:
    acme.acme.role_rules_each_time = True
    db.session.commit()
    steps = (((), "viewer", True), ((), "viewer", True), (("it",), "admin", False), ((), "viewer", True))
    for groups, role, from_plan in steps:
        assert browser.sso(acme.acme, person(*groups)).status_code == 200
        assert (user().role, user().role_from_plan) == (role, from_plan)


def test_another_plan_changes_no_role_at_a_sign_in(acme: Cast, browser: Browser) -> None:
    browser.sso(acme.acme, person())
    acme.acme.role_rules_each_time = True
    acme.acme.plan = "seat_based"
    db.session.commit()
    browser.sso(acme.acme, person())
    assert (user().role, user().role_from_plan) == ("viewer", True)
    assert not events("sso:role:set_back")


def test_people_whom_jit_did_not_create_keep_their_role(acme: Cast, browser: Browser) -> None:
    acme.acme.role_rules_each_time = True
    db.session.commit()
    for _ in range(2):  # linked first, known then
        browser.sso(acme.acme, person("it", email="ben@acme.example"))
        assert user("ben@acme.example").role == "viewer"
        browser.sso(acme.acme, person("research", email="ana@acme.example"))
        assert user("ana@acme.example").role == "admin"


@pytest.mark.parametrize("because", ["the only admin", "a password"])
def test_the_last_admin_and_emergency_admins_keep_their_role(acme: Cast, browser: Browser, because: str) -> None:
    browser.sso(acme.acme, person("it"))
    acme.acme.role_rules_each_time = True
    db.session.commit()
    if because == "a password":
        user().password_hash = acme.ana.password_hash
    else:
        db.session.execute(db.update(User).where(User.email != EVE.email).values(role="viewer"))
    db.session.commit()
    browser.sso(acme.acme, person("research"))
    assert user().role == "admin"
    assert not events("sso:role:changed")


@pytest.mark.parametrize("lost", ["locked", "invited"])
def test_where_jit_is_locked_and_for_the_invited_rules_change_nothing(acme: Cast, browser: Browser, lost: str) -> None:
    acme.acme.role_rules_each_time = True
    db.session.commit()
    if lost == "locked":
        browser.sso(acme.acme, person())
        db.session.execute(db.text("DELETE FROM entitlement"))
        db.session.commit()
    else:
        make_user(acme.acme, EVE.email, status="invited", origin="invitation", with_password=False)
    for _ in range(2):
        assert browser.sso(acme.acme, person("it", "contractors")).status_code == 200
        assert user().role == "viewer"


def test_the_rules_are_read_in_their_order(acme: Cast) -> None:
    assert [group for group, _ in role_rules.in_effect(acme.acme)] == ["contractors", "research", "it"]
