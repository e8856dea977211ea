"""Try an address, what is missing, and the choice of mails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from database import db, now
from models import AuditEvent, Entitlement, Organization, SSOConfiguration, User
from organizations import role_rules
from tests.factories import EVE, Cast, make_organization, make_user
from tests.pages import Page, check_page
from tests.rules.test_routes import contents
from tests.signing_in import Browser

SECURITY = "/o/acme/settings/security"
AREA = f"{SECURITY}/jit"


@pytest.fixture
def ana(cast: Cast, browser: Browser) -> Browser:
    return browser.sign_in_as(cast.ana)


def switch(wanted: bool) -> None:
    db.session.execute(db.update(Organization).where(Organization.slug == "acme").values(jit_on=wanted))
    db.session.commit()


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("on", "email", "answer", "rule"),
    [
        (True, " EVE@acme.example", "eve@acme.example would get a Viewer account in General and be signed in.", 14),
        (False, "eve@acme.example", "eve@acme.example would be refused.", 12),
        (True, "eve@acme.example.net", "eve@acme.example.net would be refused.", 10),
        (True, "ben@acme.example", "would be signed in to the Viewer account they have, and SSO linked to it.", 9),
    ],
)
def test_an_address_is_tried_and_nothing_is_written(
    ana: Browser, htmx: bool, on: bool, email: str, answer: str, rule: int
) -> None:
    switch(on)
    ana.get("/")
    before = contents()
    got = ana.post(f"{AREA}/try", {"email": email, "groups": "research\nstaff"}, htmx=htmx)
    assert got.status_code == 200
    assert contents() == before
    assert answer in got.text
    assert f"Rule {rule}:" in got.text
    assert ("<html" in got.text) is not htmx
    if not htmx:
        assert check_page(got.text).by_id("try-groups").text.split() == ["research", "staff"]


@pytest.mark.parametrize(
    ("groups", "answer", "why"),
    [
        ("", "would get a Viewer account", "A first sign-in from a verified domain, with the role of the plan."),
        ("research", "would get a Collaborator account", "with the role of the role rule “research” → Collaborator."),
        ("contractors", "would be refused", "It is the role rule “contractors” → Refused."),
    ],
)
def test_the_answer_says_what_would_be_and_names_the_role_rule(
    cast: Cast, ana: Browser, groups: str, answer: str, why: str
) -> None:
    switch(True)
    for group, outcome in (("research", "collaborator"), ("contractors", "refuse")):
        role_rules.add(cast.acme, group, outcome, cast.ana)
    role_rules.set_on(cast.acme, True, cast.ana)
    db.session.commit()
    words = ana.post(f"{AREA}/try", {"email": "eve@acme.example", "groups": groups}, htmx=True).text
    assert f"eve@acme.example {answer}" in words
    assert why in words
    assert "was created" not in words


@pytest.mark.parametrize(
    ("role", "groups", "answer", "why"),
    [
        ("viewer", "it", "Their role would change from Viewer to Admin.", "The role is by the role rule “it” → Admin."),
        (
            "collaborator",
            "",
            "Their role would change from Collaborator to Viewer.",
            "No role rule matches, so the role",
        ),
        ("viewer", "", "", "already linked"),
    ],
)
def test_of_somebody_with_an_account_it_says_the_role_they_have_and_the_one_they_would_get(
    cast: Cast, ana: Browser, another_browser: Browser, role: str, groups: str, answer: str, why: str
) -> None:
    switch(True)
    another_browser.sso(cast.acme, EVE)
    role_rules.add(cast.acme, "it", "admin", cast.ana, admin_confirmed=True)
    cast.acme.role_rules_on = cast.acme.role_rules_each_time = True
    db.session.execute(
        db.update(User).where(User.email == EVE.email).values(role=role, role_from_plan=role == "viewer")
    )
    db.session.commit()
    words = ana.post(f"{AREA}/try", {"email": EVE.email, "groups": groups}, htmx=True).text
    assert f"would be signed in to the {role.capitalize()} account they have." in words
    assert ("Their role would change" in words) is bool(answer)
    assert answer in words
    assert why in words


@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_no_address_is_said_beside_the_field(ana: Browser, htmx: bool) -> None:
    got = ana.post(f"{AREA}/try", {"email": "eve at acme"}, htmx=htmx)
    assert got.status_code == 422
    assert 'aria-invalid="true"' in got.text
    assert "Write your whole e-mail address" in got.text


@pytest.mark.parametrize("path", ["try", "off", "notifications"])
@pytest.mark.parametrize("htmx", [False, True])
def test_without_the_area_each_part_is_refused(cast: Cast, ana: Browser, path: str, htmx: bool) -> None:
    db.session.execute(db.delete(Entitlement))
    db.session.commit()
    data = {"email": "eve@acme.example", "digest": "each", "enabled": "off"}
    got = ana.post(f"{AREA}/{path}", data, htmx=htmx)
    assert got.status_code == 409
    assert "JIT Provisioning" not in got.text
    assert ana.get(f"{AREA}/off").status_code == 303


@pytest.mark.parametrize(
    ("how", "done", "links"),
    [
        ("no domain", 0, {"Verify a domain": "#domains", "Enable SSO: give the details": "/sso"}),
        ("nothing", 1, {"Enable SSO: give the details": "/sso"}),
        ("enabled", 2, {"Test SSO": "/sso"}),
        ("tested", 3, {"Activate SSO": "/sso"}),
        ("activated", 4, {}),
    ],
)
def test_what_is_missing_is_a_list_with_the_next_step(
    app: object, browser: Browser, get_page: Callable[..., Page], how: str, done: int, links: dict[str, str]
) -> None:
    sso = {"enabled": "enabled", "tested": "enabled", "activated": "activated"}.get(how, "not_set_up")
    organization = make_organization("initech", sso=sso)
    if how == "no domain":
        organization.domains[0].verified_at = None
    if how in ("tested", "activated"):
        db.session.execute(db.update(SSOConfiguration).values(tested_at=now()))
    browser.sign_in_as(make_user(organization, "ida@initech.example", role="admin"))
    page = get_page(browser, "/o/initech/settings/security")
    part = page.by_id("missing")
    words = " ".join("".join(part.itertext()).split())
    assert words.count(": done") == done
    found = {"".join(a.itertext()): a.get("href") for a in part.iter("a") if not a.get("href").startswith("mailto")}
    assert found.keys() == links.keys()
    assert all(target in found[word] for word, target in links.items())
    assert ("contact support" in words and "initech;" in words) is (how == "activated")
    assert "JIT" not in page.words
    assert not list(part.iter("button"))


def test_without_javascript_the_answer_is_where_the_form_was(ana: Browser) -> None:
    answer = ana.post(f"{AREA}/notifications", {"digest": "daily"})
    assert (answer.status_code, answer.location) == (303, f"{SECURITY}#digest")
    tried = check_page(ana.post(f"{AREA}/try", {"email": "eve@acme.example"}).text)
    path, _, place = next(form.get("action") for form in tried.by_id("try").iter("form")).partition("#")
    assert path == f"{AREA}/try"
    assert tried.by_id(place) is not None


def test_the_choice_of_mails_is_stored_and_recorded(cast: Cast, ana: Browser) -> None:
    for wanted, status in (("daily", 303), ("daily", 303), ("each", 303), ("hourly", 422)):
        assert ana.post(f"{AREA}/notifications", {"digest": wanted}).status_code == status
    assert ana.post(f"{AREA}/notifications", {"digest": "off"}, htmx=True).status_code == 200
    db.session.rollback()
    events = db.session.scalars(select(AuditEvent.details).where(AuditEvent.action == "admin:digest:changed")).all()
    assert [(event["before"], event["after"]) for event in events] == [
        ("off", "daily"),
        ("daily", "each"),
        ("each", "off"),
    ]
    assert check_page(ana.get(SECURITY).text).by_id("digest-off").get("checked") is not None
