"""An account that an admin made for somebody who was turned away is told apart from one of a first sign-in."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from database import db
from models import MissedSignIn
from tests.factories import EVE, Cast
from tests.flows.people.conftest import PEOPLE, page_of, person
from tests.flows.people.test_export import rows_of
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
PROFILE = "/o/acme/settings/profile"


def row_of_eve(browser: Browser, query: str = "") -> str:
    """The cells of her row, as words."""
    page = check_page(browser.get(f"{PEOPLE}{query}").text)
    [row] = [words for row in page.root.iter("tr") if EVE.email in (words := " ".join("".join(row.itertext()).split()))]
    return row


def test_of_a_missed_sign_in(app: Flask, cast: Cast, ana: Browser, browser: Browser, runner: FlaskCliRunner) -> None:
    assert browser.sso(cast.acme, EVE).status_code == 403
    number = db.session.scalars(select(MissedSignIn.id)).one()
    ana.post(f"/o/acme/settings/security/turned-away/{number}/create", {})
    for query in ("", "?origin=jit"):
        assert "Missed sign-in" in row_of_eve(ana, query)
        assert "First SSO sign-in" not in row_of_eve(ana, query)
    assert "Account from Missed sign-in" in check_page(ana.get(page_of(person(EVE.email))).text).words
    [row] = rows_of(ana, "?q=eve")
    assert (row["origin"], row["invited_or_created_by"]) == ("missed_sign_in", "ana@acme.example")
    listed = json.loads(runner.invoke(args=["people", "list", "acme", "--json"]).output)
    assert [one["origin"] for one in listed if one["email"] == EVE.email] == ["missed_sign_in"]
    assert browser.sso(cast.acme, EVE).status_code == 200
    words = check_page(browser.get(PROFILE).text).words
    assert "Account Created by an admin after you were turned away" in words


def test_of_a_first_sign_in(cast: Cast, ana: Browser, browser: Browser) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    assert browser.sso(cast.acme, EVE).status_code == 200
    assert "First SSO sign-in" in row_of_eve(ana, "?origin=jit")
    assert "Account from First SSO sign-in" in check_page(ana.get(page_of(person(EVE.email))).text).words
    [row] = rows_of(ana, "?q=eve")
    assert (row["origin"], row["invited_or_created_by"]) == ("jit", "")
    words = check_page(browser.get(PROFILE).text).words
    assert "Account Created by your first sign-in through single sign-on" in words


def test_of_an_invitation(cast: Cast, ana: Browser) -> None:
    ana.post(f"{PEOPLE}/invite", {"email": EVE.email, "role": "viewer", "by": "link"})
    assert "Invitation" in row_of_eve(ana, "?origin=invitation")
    [row] = rows_of(ana, "?q=eve")
    assert (row["origin"], row["invited_or_created_by"]) == ("invitation", "ana@acme.example")
