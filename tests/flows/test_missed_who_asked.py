"""Somebody who asked for help is found by the reference that they, and the mail to the admins, name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from database import db, now
from models import MissedSignIn
from tests.factories import EVE, Cast
from tests.flows.test_asking_an_admin import FINN, ask, mails, row, token_in
from tests.flows.test_constant_number_of_queries import counted
from tests.flows.test_missed_cures import ALL, SECURITY, ana
from tests.pages import check_page
from tests.signing_in import Browser

__all__ = ["ana"]  # a fixture
pytestmark = pytest.mark.both_databases


def test_the_reference_of_the_mail_is_found_whatever_they_tried_since(
    cast: Cast, browser: Browser, ana: Browser
) -> None:
    ask(browser, token_in(browser.sso(cast.acme, EVE)))
    first = row().reference
    assert f"Reference code: {first}" in mails()[0].body
    assert "asked at sign-in" not in check_page(ana.get(ALL).text).words, "it is the last one"
    db.session.execute(update(MissedSignIn).values(asked_at=now() - timedelta(hours=2)))
    db.session.commit()
    ask(browser, token_in(browser.sso(cast.acme, EVE)))
    second = row().reference
    browser.sso(cast.acme, EVE)
    said = f"sign-in {row().reference} · asked at sign-in {second} · asked at sign-in {first}"
    assert said in check_page(ana.get(ALL).text).words
    assert said in check_page(ana.get(SECURITY).text).words
    ana.post(f"{ALL}/{row().id}/dismiss", {}, page=ALL)
    ask(browser, token_in(browser.sso(cast.acme, EVE)))
    third = row().reference
    browser.sso(cast.acme, EVE)
    words = check_page(ana.get(ALL).text).words
    assert f"asked at sign-in {third}" in words
    assert first not in words, "that was decided"


def test_whatever_many_asked_before_is_one_query(cast: Cast, browser: Browser, ana: Browser) -> None:
    ask(browser, token_in(browser.sso(cast.acme, EVE)))
    with counted() as few:
        ana.get(ALL)
    for person in (FINN, *(replace(EVE, email=f"e{number}@acme.example") for number in range(4))):
        ask(browser, token_in(browser.sso(cast.acme, person)))
    with counted() as many:
        ana.get(ALL)
    assert len(many) == len(few)
