"""Settings → Security → Role rules: the list, its order, the two switches."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from database import db
from models import AuditEvent, Organization, RoleRule, SeenGroup
from organizations import role_rules
from tests.factories import Cast
from tests.pages import Page
from tests.signing_in import Browser

HERE = "/o/acme/settings/security/role-rules"


@pytest.fixture
def ana(cast: Cast, browser: Browser) -> Browser:
    return browser.sign_in_as(cast.ana)


def rules() -> list[tuple[str, str]]:
    db.session.rollback()
    query = select(RoleRule.group_name, RoleRule.outcome).order_by(RoleRule.position, RoleRule.id)
    return [tuple(row) for row in db.session.execute(query)]


def events() -> list[tuple[str, dict[str, object]]]:
    db.session.rollback()
    query = select(AuditEvent).where(AuditEvent.action.like("admin:role_rules:%")).order_by(AuditEvent.id)
    return [(event.action, event.details) for event in db.session.scalars(query)]


def rule_id(group: str) -> str:
    return str(db.session.scalars(select(RoleRule.id).where(RoleRule.group_name == group)).one())


def add(browser: Browser, group: str, outcome: str = "viewer", **options: bool) -> int:
    return browser.post(HERE, {"group": group, "outcome": outcome}, page=HERE, **options).status_code


@pytest.mark.parametrize("htmx", [True, False])
def test_a_list_is_made_ordered_and_emptied_with_an_event_each(ana: Browser, htmx: bool) -> None:
    done = 200 if htmx else 303
    assert add(ana, "research", htmx=htmx) == done
    assert add(ana, " contractors ", "refuse", htmx=htmx) == done
    assert rules() == [("research", "viewer"), ("contractors", "refuse")]
    for _ in range(2):  # a double click
        answer = ana.post(f"{HERE}/move", {"rule": rule_id("contractors"), "to": "1"}, htmx=htmx)
        assert answer.status_code == done
    assert [group for group, _ in rules()] == ["contractors", "research"]
    for _ in range(2):
        answer = ana.post(f"{HERE}/remove", {"rule": rule_id("research") if len(rules()) > 1 else "0"}, htmx=htmx)
        assert answer.status_code == done
    assert rules() == [("contractors", "refuse")]
    assert [details["rules"] for _, details in events()] == [
        ["“research” → Viewer"],
        ["“research” → Viewer", "“contractors” → Refused"],
        ["“contractors” → Refused", "“research” → Viewer"],
        ["“contractors” → Refused"],
    ]
    assert "1. “contractors” → Refused; 2. “research” → Viewer" in ana.get("/o/acme/settings/audit-log").text


def test_off_is_the_default_and_each_switch_says_so_once(cast: Cast, ana: Browser) -> None:
    acme = db.session.get_one(Organization, cast.acme.id)
    assert (acme.role_rules_on, acme.role_rules_each_time) == (False, False)
    for name in ("switch", "each-time"):
        for state in ("on", "on", "off"):
            assert ana.post(f"{HERE}/{name}", {"enabled": state}).status_code == 303
            db.session.refresh(acme)
            assert (acme.role_rules_on if name == "switch" else acme.role_rules_each_time) is (state == "on")
    assert [action.rpartition(":")[2] for action, _ in events()] == ["turned_on", "turned_off", "changed", "changed"]
    assert [details.get("each_time") for _, details in events()] == [None, None, True, False]
    assert ana.post(f"{HERE}/switch", {"enabled": "flip"}).status_code == 422


@pytest.mark.parametrize("each_time", [True, False])
def test_that_also_at_each_sign_in_does_nothing_by_itself_is_said(
    cast: Cast, ana: Browser, get_page: Callable[..., Page], each_time: bool
) -> None:
    for on in (False, True):
        acme = db.session.get_one(Organization, cast.acme.id)
        acme.role_rules_on, acme.role_rules_each_time = on, each_time
        db.session.commit()
        help_of = get_page(ana, HERE).by_id("rules-each-time-help")
        assert help_of is not None
        assert ("Has no effect while role rules are off." in (help_of.text or "")) == (not on)


def test_a_change_of_the_list_leaves_the_rule_that_is_being_written(ana: Browser) -> None:
    add(ana, "a")
    for path, form in (("move", {"rule": rule_id("a"), "to": "1"}), ("switch", {"enabled": "on"})):
        assert 'id="new_rule"' not in ana.post(f"{HERE}/{path}", form, htmx=True).text
    answer = ana.post(HERE, {"group": "b", "outcome": "viewer"}, htmx=True).text
    assert 'id="new_rule"' in answer
    assert 'id="role_rules"' in answer


@pytest.mark.parametrize(
    ("group", "outcome", "words"),
    [
        ("", "viewer", "Write the name of the group."),
        ("   ", "viewer", "Write the"),
        ("x" * 201, "viewer", "1 to 200 characters"),
        ("a\nb", "refuse", "1 to 200 characters, on one line."),
        ("a\u202eb", "refuse", "Of characters that are not seen, it can hold spaces and joiners"),
        ("a\u200bb", "viewer", "it can hold spaces and joiners"),
        ("\u200da", "viewer", "it can hold spaces and joiners (U+200C, U+200D) inside."),
        ("there", "refuse", "There is a rule for “there” already"),
        ("new", "owner", "Not a valid choice"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_what_cannot_be_a_rule_is_said_beside_the_field(
    ana: Browser, group: str, outcome: str, words: str, htmx: bool
) -> None:
    add(ana, "there")
    answer = ana.post(HERE, {"group": group, "outcome": outcome}, page=HERE, htmx=htmx)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert rules() == [("there", "viewer")]


def test_there_is_a_most(ana: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(role_rules, "AT_MOST", 2)
    assert [add(ana, group) for group in ("a", "b", "c")] == [303, 303, 422]
    assert len(rules()) == 2


def test_groups_seen_in_sign_ins_are_offered_unless_they_have_a_rule(
    cast: Cast, ana: Browser, get_page: Callable[..., Page]
) -> None:
    for organization, name in ((cast.acme, "it & more"), (cast.acme, "research"), (cast.globex, "secret")):
        db.session.add(SeenGroup(organization_id=organization.id, name=name))
    db.session.commit()
    add(ana, "research")
    page = get_page(ana, HERE)
    assert [option.get("value") for option in page.by_id("seen_groups")] == ["it & more"]


def test_what_is_not_seen_in_a_name_is_said(cast: Cast, ana: Browser, get_page: Callable[..., Page]) -> None:
    """Two groups that look the same are two."""
    for name in ("it\u200c-admins", "it-admins"):
        db.session.add(SeenGroup(organization_id=cast.acme.id, name=name))
    db.session.commit()
    options = {option.get("value"): option.get("label") for option in get_page(ana, HERE).by_id("seen_groups")}
    assert options == {"it-admins": None, "it\u200c-admins": "it\u200c-admins (U+200C)"}
    confirm = get_page(ana, f"{HERE}/admin?group=it%E2%80%8C-admins")
    assert "Not seen, but part of the name: U+200C" in confirm.words
    assert "Not seen" not in get_page(ana, f"{HERE}/admin?group=it-admins").words
    for name in ("it\u200c-admins", "it-admins", "\u3000IT\u00a0Admins\u3000\u00a0"):
        assert add(ana, name) == 303
    assert [group for group, _ in rules()] == ["it\u200c-admins", "it-admins", "IT\u00a0Admins"]
    words = get_page(ana, HERE).words
    assert words.count("Not seen, but part of the name: U+200C Viewer") == 1
    assert words.count("Not seen, but part of the name: U+00A0 Viewer") == 1


def test_a_rule_of_another_organization_cannot_be_touched(cast: Cast, ana: Browser) -> None:
    other = RoleRule(organization_id=cast.globex.id, position=1, group_name="theirs", outcome="viewer")
    db.session.add(other)
    db.session.commit()
    for verb in ("move", "remove"):
        assert ana.post(f"{HERE}/{verb}", {"rule": str(other.id), "to": "5"}).status_code == 303
    assert rules() == [("theirs", "viewer")]
    assert events() == []


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        ("locked", "Creating accounts at sign-in is not available to Acme."),
        ("deactivated", "SSO is not activated, and accounts are created at sign-in only while it is."),
    ],
)
@pytest.mark.parametrize("path", ["", "/admin?group=it"])
def test_who_only_looks_for_the_page_reads_why_it_is_not_there(
    cast: Cast, ana: Browser, obstacle: str, words: str, path: str
) -> None:
    if obstacle == "locked":
        db.session.execute(db.text("DELETE FROM entitlement"))
    else:
        cast.acme.connection.activated_at = None
    db.session.commit()
    answer = ana.get(HERE + path)
    assert (answer.status_code, answer.location) == (303, "/o/acme/settings/security")
    page = ana.get(answer.location).text
    assert words in page
    assert "Nothing was changed" not in page


@pytest.mark.parametrize("obstacle", ["locked", "deactivated"])
@pytest.mark.parametrize("htmx", [True, False])
def test_where_the_jit_area_is_gone_nothing_can_be_changed(cast: Cast, ana: Browser, obstacle: str, htmx: bool) -> None:
    add(ana, "research")
    if obstacle == "locked":
        db.session.execute(db.text("DELETE FROM entitlement"))
    else:
        cast.acme.connection.activated_at = None
    db.session.commit()
    before = (rules(), events())
    assert "Role rules" not in ana.get("/o/acme/settings/security").text
    posts = {
        "": {"group": "it", "outcome": "viewer"},
        "/admin": {"group": "it", "outcome": "admin"},
        "/move": {"rule": rule_id("research"), "to": "1"},
        "/remove": {"rule": rule_id("research")},
        "/switch": {"enabled": "on"},
        "/each-time": {"enabled": "on"},
    }
    for path, form in posts.items():
        answer = ana.post(HERE + path, form, htmx=htmx)
        assert answer.headers["HX-Redirect" if htmx else "Location"] == "/o/acme/settings/security", path
    assert (rules(), events()) == before
