"""Ask my admin: from a refused attempt only, once, in bounds, and telling nothing about accounts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from database import begin_write, db, now
from demo.cast import Person
from models import AuditEvent, Identity, MissedSignIn, OutboxMessage
from organizations import accounts, asking, role_rules
from tests.factories import EVE, Cast
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
ASK = "/saml/acme-connection/ask"
FINN = Person("finn@acme.example", "Finn", "O’Brien")


def token_in(page: TestResponse) -> str:
    assert page.status_code == 403
    check_page(page.text)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def ask(browser: Browser, token: str, question: str = "") -> TestResponse:
    db.session.rollback()
    return browser.client.post(ASK, data={"csrf_token": token, "question": question})


def row() -> MissedSignIn:
    db.session.rollback()
    return db.session.scalars(select(MissedSignIn).order_by(MissedSignIn.id)).first()


def asked() -> list[str]:
    db.session.rollback()
    query = select(AuditEvent.subject).where(AuditEvent.action == "sso:missed:asked")
    return list(db.session.scalars(query))


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage)))


def test_one_click_marks_the_row_and_mails_the_admins(cast: Cast, browser: Browser) -> None:
    answer = ask(browser, token_in(browser.sso(cast.acme, EVE)), "I start\non Monday <b>")
    assert answer.status_code == 200
    page = check_page(answer.text)
    assert page.h1 == "Your admin is asked"
    assert "If they let you in, sign in again." in page.words, "nobody is told of a Dismiss"
    assert (row().question, row().asked_at is not None) == ("I start on Monday <b>", True)
    assert asked() == [EVE.email]
    assert sorted(mail.recipient for mail in mails()) == ["ana@acme.example", "root@acme.example"]
    assert all("I start on Monday" in mail.body and "/security/turned-away" in mail.body for mail in mails())
    ana = Browser(browser.app).sign_in_as(cast.ana)
    words = check_page(ana.get("/o/acme/settings/security/turned-away").text).words
    assert "Asked for help" in words
    assert "“I start on Monday <b>”" in words


def test_once_an_attempt_and_once_an_address(cast: Cast, browser: Browser) -> None:
    token = token_in(browser.sso(cast.acme, EVE))
    another_tab = token_in(browser.sso(cast.acme, EVE))
    ask(browser, another_tab)
    for again in (token, another_tab):
        answer = ask(browser, again)
        assert (answer.status_code, check_page(answer.text).h1) == (200, "You have asked already")
    assert asked() == [EVE.email]
    db.session.execute(update(MissedSignIn).values(asked_at=now() - timedelta(hours=2)))
    db.session.commit()
    ask(browser, token_in(browser.sso(cast.acme, EVE)))
    assert len(asked()) == 2


def test_admins_are_mailed_once_a_day(cast: Cast, browser: Browser) -> None:
    for person in (EVE, FINN):
        ask(browser, token_in(browser.sso(cast.acme, person)))
    assert len(asked()) == 2
    assert len(mails()) == 2  # one for each of the two admins


def test_an_organization_is_asked_so_often_and_no_more(
    cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_ASKED_AN_HOUR", 1)
    ask(browser, token_in(browser.sso(cast.acme, EVE)))
    answer = ask(browser, token_in(browser.sso(cast.acme, FINN)))
    assert answer.status_code == 429
    assert asked() == [EVE.email]


def test_a_long_question_is_refused_beside_its_field_and_kept(cast: Cast, browser: Browser) -> None:
    token = token_in(browser.sso(cast.acme, EVE))
    answer = ask(browser, token, "x" * 301)
    assert answer.status_code == 422
    field = check_page(answer.text).by_id("question")
    assert (field.get("aria-invalid"), field.get("value")) == ("true", "x" * 301)
    assert asked() == []
    assert ask(browser, token, "x" * 300).status_code == 200


def test_a_token_is_of_one_organization(cast: Cast, browser: Browser) -> None:
    token = token_in(browser.sso(cast.acme, EVE))
    cast.globex.connection  # noqa: B018  Globex has none: an address that is nobody's
    db.session.rollback()
    assert browser.client.post("/saml/globex-connection/ask", data={"csrf_token": token}).status_code == 404


def test_what_was_decided_meanwhile_is_not_asked_again(cast: Cast, browser: Browser) -> None:
    token = token_in(browser.sso(cast.acme, EVE))
    db.session.execute(update(MissedSignIn).values(closed_at=now()))
    db.session.commit()
    assert check_page(ask(browser, token).text).h1 == "Your admin has dealt with this"
    assert asked() == []
    assert mails() == []


BEN = Person("ben@acme.example", "Ben", "Okafor")


def test_who_has_an_account_is_on_the_list_once_they_ask(cast: Cast, browser: Browser) -> None:
    accounts.deactivate(cast.ben, cast.ana)
    db.session.commit()
    token = token_in(browser.sso(cast.acme, BEN))
    here = "/o/acme/settings/security/turned-away"
    assert BEN.email not in Browser(browser.app).sign_in_as(cast.ana).get(here).text
    assert ask(browser, token, "I am back").status_code == 200
    assert (row().reason, row().question, row().times) == ("account_deactivated", "I am back", 1)
    assert asked() == [BEN.email]
    assert "I am back" in mails()[0].body
    ana = Browser(browser.app).sign_in_as(cast.ana)
    page = check_page(ana.get("/o/acme/settings/security/turned-away").text)
    assert page.links()["Open account"] == f"/o/acme/settings/people/{cast.ben.id}"
    assert "Create account" not in page.words
    assert ana.get("/o/acme/settings/security/turned-away/create-all").status_code == 303, "nobody to create"
    begin_write()
    accounts.reactivate(db.session.merge(cast.ben), cast.ana.email)
    db.session.commit()
    assert row().closed_at is not None
    assert "I am back" not in ana.get("/o/acme/settings/security/turned-away").text


def test_who_is_dismissed_asks_again_from_a_new_attempt_only(cast: Cast, browser: Browser) -> None:
    cast.ben.status = "deactivated"
    db.session.commit()
    token = token_in(browser.sso(cast.acme, BEN))
    ask(browser, token)
    Browser(browser.app).sign_in_as(cast.ana).post(
        f"/o/acme/settings/security/turned-away/{row().id}/dismiss", {}, page="/o/acme/settings/security/turned-away"
    )
    assert check_page(ask(browser, token).text).h1 == "Your admin has dealt with this"
    assert check_page(ask(browser, token_in(browser.sso(cast.acme, BEN))).text).h1 == "Your admin is asked"
    assert (row().times, row().closed_at) == (2, None)


def test_a_changed_identity_is_mended_by_resetting_the_link(
    cast: Cast, browser: Browser, another_browser: Browser
) -> None:
    another_browser.sso(cast.acme, BEN)
    db.session.execute(update(Identity).values(subject="who they were"))
    db.session.commit()
    answer = ask(browser, token_in(browser.sso(cast.acme, BEN)))
    assert answer.status_code == 200, answer.text
    assert row().reason == "identity_changed"
    begin_write()
    accounts.reset_sso_link(db.session.merge(cast.ben), cast.ana.email)
    db.session.commit()
    assert row().closed_at is not None
    assert browser.sso(cast.acme, BEN).status_code == 200


def test_where_a_rule_refuses_the_list_leads_to_the_rules(cast: Cast, browser: Browser) -> None:
    cast.acme.jit_on = cast.acme.role_rules_on = True
    role_rules.add(cast.acme, "contractors", "refuse", cast.ana)
    db.session.commit()
    eve = replace(EVE, groups=("contractors",))
    ask(browser, token_in(browser.sso(cast.acme, eve)))
    assert row().reason == "refused_by_role_rule"
    ana = Browser(browser.app).sign_in_as(cast.ana)
    page = check_page(ana.get("/o/acme/settings/security").text)
    assert "by role rules" not in page.words
    assert "Role rules" in page.links()
    assert "A role rule refuses people" in page.words


def test_no_other_refusal_offers_it(cast: Cast, browser: Browser) -> None:
    """Without an address nobody knows who asks."""
    page = browser.sso(cast.acme, Person("eve", "Eve", "Lindqvist"))
    assert page.status_code == 403
    assert "Ask my admin" not in page.text


def test_the_refusal_sets_no_session_cookie(cast: Cast, browser: Browser) -> None:
    """It answers a cross-site POST: a new session would sign out whoever is signed in here under another name."""
    answer = browser.post_answer(browser.answer_for(cast.acme, EVE))
    assert "Ask my admin" in answer.text
    assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("latchkey=")]


def test_the_same_address_elsewhere_is_somebody_else(cast: Cast, browser: Browser) -> None:
    theirs = {"organization_id": cast.globex.id, "email": EVE.email, "reason": "jit_off", "reference": "R"}
    db.session.add(MissedSignIn(groups=[], **theirs))
    db.session.commit()
    ask(browser, token_in(browser.sso(cast.acme, EVE)))
    db.session.rollback()
    asked_at = dict(db.session.execute(select(MissedSignIn.organization_id, MissedSignIn.asked_at)).all())
    assert asked_at[cast.acme.id] is not None
    assert asked_at[cast.globex.id] is None
