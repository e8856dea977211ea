"""A tab that was loaded before somebody else changed something: what its buttons beside the missed answer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db
from models import MissedSignIn, User
from tests.factories import EVE, Cast
from tests.flows.test_missed_cures import ALL, SECURITY, ana
from tests.flows.test_states_of_the_area import Change, deactivate, do, has_area, lock
from tests.pages import check_page
from tests.signing_in import Browser

__all__ = ["ana"]  # a fixture
DECIDED = "Somebody has decided on this already. The list is up to date now."


@pytest.fixture
def missed(cast: Cast, browser: Browser) -> MissedSignIn:
    assert browser.sso(cast.acme, EVE).status_code == 403
    db.session.rollback()
    return db.session.scalars(select(MissedSignIn)).one()


def eves() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(User.email).where(User.email == EVE.email)))


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain form"])
@pytest.mark.parametrize("what", ["create", "dismiss"])
def test_where_the_area_is_gone_no_part_of_it_comes_back(
    ana: Browser, missed: MissedSignIn, what: str, htmx: bool
) -> None:
    do(lock)
    answer = ana.post(f"{ALL}/{missed.id}/{what}", {}, htmx=htmx)
    if htmx:
        assert (answer.status_code, answer.text, answer.headers["HX-Redirect"]) == (409, "", SECURITY)
    else:
        assert (answer.status_code, answer.location) == (303, ALL)
    said = {"create": f"{EVE.email} has a Viewer account in General.", "dismiss": f"{EVE.email} is off the list."}
    assert said[what] in check_page(ana.get(SECURITY if htmx else ALL).text).words, "it was done, and is said there"
    assert eves() == ([EVE.email] if what == "create" else [])
    assert not has_area(ana)


@pytest.mark.parametrize("gone", [lock, deactivate], ids=["locked", "SSO deactivated"])
def test_neither_does_it_on_the_page_of_all(ana: Browser, missed: MissedSignIn, gone: Change) -> None:
    do(gone)
    answer = ana.post(f"{ALL}/{missed.id}/dismiss?page=all", {}, htmx=True)
    assert answer.status_code == 200
    assert 'id="missed"' in answer.text
    assert "JIT" not in answer.text
    assert "switch" not in answer.text


def test_while_sso_is_not_activated_the_tab_is_loaded_anew(ana: Browser, missed: MissedSignIn) -> None:
    do(deactivate)
    answer = ana.post(f"{ALL}/{missed.id}/dismiss", {}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (409, SECURITY)
    assert ana.post(f"{ALL}/{missed.id}/create", {}, htmx=True).status_code == 409
    assert eves() == []


@pytest.mark.parametrize("page", ["", "?page=all"], ids=["tab", "page of all"])
@pytest.mark.parametrize("what", ["create", "dismiss"])
def test_what_somebody_else_has_decided_is_said(ana: Browser, missed: MissedSignIn, what: str, page: str) -> None:
    ana.post(f"{ALL}/{missed.id}/dismiss{page}", {})
    assert "is off the list" in ana.get(ALL).text
    assert DECIDED in ana.post(f"{ALL}/{missed.id}/{what}{page}", {}, htmx=True).text
