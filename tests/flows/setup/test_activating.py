"""Activating and deactivating: each says first whom it concerns, and is refused where it would lock everybody out."""

from __future__ import annotations

import pytest
from flask import Flask

from database import db
from models import Domain, Organization, User
from organizations import activation
from tests.factories import EVE, Cast, make_user
from tests.flows.setup.ways import SetUp, connection_of, events, last_test, next_idp, part, person, sign_in
from tests.rules.test_routes import contents
from tests.signing_in import Browser

NEXT = next_idp()


@pytest.fixture
def tested(cleo: SetUp) -> SetUp:
    """Globex has a version that passed its test."""
    cleo.save(NEXT)
    assert cleo.test(NEXT, **person("cleo@globex.example")).passed
    return cleo


def without_passwords(organization: Organization) -> None:
    for user in db.session.query(User).filter_by(organization_id=organization.id, role="admin"):
        user.password_hash = None
    db.session.commit()


def test_from_nothing_to_activated(app: Flask, tested: SetUp, cast: Cast) -> None:
    assert "Go on to activation" in tested.page(f"/test/{last_test().public_id}").links()
    assert tested.page().links()["Activate version 1"] == f"{tested.path}/activate"
    assert tested.page("/activate").h1 == "Activate version 1"
    answer = tested.activate(1)
    assert (answer.status_code, answer.location) == (303, "/o/globex/settings/security")
    assert "SSO is activated with version 1." in tested.browser.get(answer.location).text
    assert connection_of("globex").state == "activated"
    [event] = events("admin:sso:activated")
    assert event.details == {"version": 1, "tested": True, "reason": None}
    assert event.actor == "cleo@globex.example"
    assert sign_in(Browser(app), cast.globex, NEXT, **person("cleo@globex.example")).status_code == 303


def test_whom_it_concerns(tested: SetUp, cast: Cast) -> None:
    words = tested.page("/activate").words
    assert "Nobody but admins has an account at globex.example yet." in words
    root = db.session.query(User).filter_by(email="root@globex.example").one()
    assert root.password_hash is None, "has not set one yet"
    for name in ("dora", "erik"):
        make_user(cast.globex, f"{name}@globex.example")
    make_user(cast.globex, "gone@globex.example", status="deactivated")
    make_user(cast.globex, "guest@elsewhere.example")
    make_user(cast.globex, "look@notglobex.example")
    make_user(cast.globex, "alias@sub.globex.example")
    make_user(cast.acme, "other@globex.example")
    make_user(cast.globex, "hana@globex.example", role="admin", given_name="Hana", family_name="Sato")
    page = tested.page("/activate")
    assert "2 people at globex.example will sign in through SSO only." in page.words
    assert "Hana Sato hana@globex.example" in page.words
    assert "Cleo Marchetti cleo@globex.example" in page.words
    assert "No second factor" in page.words
    assert "root@globex.example" not in page.words
    db.session.query(User).filter_by(email="dora@globex.example").one().role = "admin"
    db.session.commit()
    assert "1 person at globex.example will sign in" in tested.page("/activate").words


def test_without_a_verified_domain_it_is_said(tested: SetUp) -> None:
    for domain in db.session.query(Domain):
        domain.verified_at = None
    db.session.commit()
    assert "No domain is verified, so no e-mail address leads to SSO yet." in tested.page("/activate").words
    assert tested.activate(1).status_code == 303


def test_without_an_admin_who_has_a_password_it_is_refused(tested: SetUp, cast: Cast) -> None:
    without_passwords(cast.globex)
    make_user(cast.globex, "viewer@globex.example")
    make_user(cast.globex, "gone@globex.example", role="admin", status="deactivated")
    page = tested.page("/activate")
    assert "No admin has a password." in page.words
    assert "Activate version 1" not in [" ".join("".join(b.itertext()).split()) for b in page.root.iter("button")]
    before = contents()
    assert "No admin has a password, so nobody could get in" in tested.refused("/activate", 409, version="1").text
    assert contents() == before


def test_what_is_not_tested_is_refused_and_the_page_leads_to_the_test(cleo: SetUp) -> None:
    assert cleo.browser.get(f"{cleo.path}/activate").location == cleo.path, "there is nothing"
    assert "SSO is not set up for Globex" in cleo.refused("/activate", 409, version="1").text
    cleo.save(NEXT)
    page = cleo.page("/activate")
    assert "This version has not passed a test sign-in" in page.words
    assert "Test version 1" in page.links()
    before = contents()
    assert "Version 1 has not been tested" in cleo.refused("/activate", 409, version="1").text
    cleo.refused("/activate", 422, version="")
    assert contents() == before


def test_what_is_activated_is_not_activated_again(ana: SetUp) -> None:
    assert ana.browser.get(f"{ana.path}/activate").location == ana.path
    before = contents()
    assert "Version 1 is already activated" in ana.refused("/activate", 409, version="1").text
    assert contents() == before


def test_deactivating_needs_the_name_and_lists_who_is_locked_out(ana: SetUp, cast: Cast) -> None:
    assert "1 of 3 people has no password" in ana.page("/deactivate").words, "the first admin has set none"
    make_user(cast.acme, EVE.email, with_password=False, given_name="Eve", family_name="Lindqvist")
    make_user(cast.acme, "gone@acme.example", with_password=False, status="deactivated")
    page = ana.page("/deactivate")
    assert "2 of 4 people have no password and cannot sign in" in page.words
    assert part(page, "locked-out") == "Eve Lindqvist eve@acme.example root@acme.example"
    before = contents()
    for name in ("", " ", "Globex", "Acm"):
        page = ana.refused("/deactivate", name=name)
        assert page.by_id("name-error") is not None
        assert (page.by_id("name").get("value") or "").strip() == name.strip()
    assert "Write Acme." in part(page, "name-error")
    assert contents() == before
    assert ana.send("/deactivate", name=" acme ").status_code == 303
    assert connection_of().state == "enabled"
    assert [event.actor for event in events("admin:sso:deactivated")] == ["ana@acme.example"]
    assert "SSO is not activated for Acme" in ana.refused("/deactivate", 409, name="Acme").text


def test_of_many_the_first_are_named_and_the_rest_counted(
    ana: SetUp, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activation, "SHOWN", 2)
    for number in range(4):
        make_user(cast.acme, f"p{number}@acme.example", with_password=False)
    assert part(ana.page("/deactivate"), "locked-out") == "p0@acme.example p1@acme.example and 3 more"


def test_everybody_has_a_password(ana: SetUp) -> None:
    db.session.query(User).filter_by(email="root@acme.example").one().status = "deactivated"
    db.session.commit()
    assert "Everybody here has a password to sign in with." in ana.page("/deactivate").words


def test_the_wish_for_jit_stays_stored_and_counts_again(app: Flask, ana: SetUp, cast: Cast) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    waiting = Browser(app)
    answer = waiting.answer_for(cast.acme, EVE)
    ana.send("/deactivate", name="Acme")
    assert db.session.get_one(Organization, cast.acme.id).jit_on
    assert waiting.post_answer(answer).status_code == 403, "a sign-in that was under way"
    assert Browser(app).get("/saml/acme-connection/start").status_code == 409
    assert "JIT Provisioning" not in ana.browser.get("/o/acme/settings/security").text
    assert db.session.query(User).filter_by(origin="jit").count() == 0
    assert ana.test().decision["reason"] == "created_just_in_time"
    assert ana.activate(1).status_code == 303
    assert "JIT Provisioning" in ana.browser.get("/o/acme/settings/security").text
    assert sign_in(Browser(app), cast.acme).status_code == 303
    assert [user.email for user in db.session.query(User).filter_by(origin="jit")] == [EVE.email]


def test_the_state_is_one_sentence(cleo: SetUp) -> None:
    def state() -> str:
        return cleo.page().words.partition("Where it stands")[2][:90]

    assert "Not set up SSO is not set up: the details" in state()
    cleo.save(NEXT)
    assert "Enabled SSO is enabled, but not activated." in state()
    cleo.test(NEXT, **person("cleo@globex.example"))
    assert "Tested SSO is enabled and tested, but not activated." in state()
    cleo.activate(1)
    assert "Activated SSO is enabled and activated. People at globex.example sign in through" in state()
