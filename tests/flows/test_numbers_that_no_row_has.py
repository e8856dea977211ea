"""A number that is too large for a column is answered like the number of a row that is gone, on both databases."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from database import db
from models import RoleRule
from tests.factories import Cast
from tests.signing_in import Browser

SETTINGS = "/o/acme/settings"
GONE = 2_000_000_000  # a column holds it, and no row has it
TOO_LARGE = [2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**20, -1, -(2**63) - 1]

pytestmark = pytest.mark.both_databases


def answer(browser: Browser, path: str, form: dict[str, str]) -> tuple[int, str | None, bool]:
    """(status, where to, whether it is said there that nothing was changed)"""
    response = browser.post(path, form)
    words = browser.get(response.location).text if response.location else response.text
    return response.status_code, response.location, "nothing was changed." in words


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/security/role-rules/move", "rule"),
        ("/security/role-rules/remove", "rule"),
        ("/security/sso/handover/revoke", "link"),
    ],
)
@pytest.mark.parametrize("number", TOO_LARGE)
def test_in_a_form(cast: Cast, browser: Browser, path: str, field: str, number: int) -> None:
    ana = browser.sign_in_as(cast.ana)
    expected = answer(ana, SETTINGS + path, {field: str(GONE), "to": "1"})
    assert expected[0] in (303, 409)
    assert expected[2]
    assert answer(ana, SETTINGS + path, {field: str(number), "to": "1"}) == expected


@pytest.mark.parametrize("number", TOO_LARGE)
def test_a_place_behind_the_last_is_the_last(cast: Cast, browser: Browser, number: int) -> None:
    ana = browser.sign_in_as(cast.ana)
    rules = [RoleRule(organization_id=cast.acme.id, position=n, group_name=f"g{n}", outcome="viewer") for n in (1, 2)]
    db.session.add_all(rules)
    db.session.commit()
    wanted, other = rules if number > 0 else reversed(rules)
    form = {"rule": str(wanted.id), "to": str(number)}
    assert ana.post(f"{SETTINGS}/security/role-rules/move", form).status_code == 303
    assert (wanted.position > other.position) == (number > 0)


@pytest.mark.parametrize("verb", ["activate", "discard"])
@pytest.mark.parametrize("number", TOO_LARGE)
def test_a_version_that_there_is_not(cast: Cast, browser: Browser, verb: str, number: int) -> None:
    ana = browser.sign_in_as(cast.ana)
    assert ana.post(f"{SETTINGS}/security/sso/{verb}", {"version": str(number)}).status_code == 409


@pytest.mark.parametrize("number", [*map(str, TOO_LARGE), pytest.param("9" * 5_000, id="5000 digits")])
def test_in_an_address(cast: Cast, app: Flask, browser: Browser, number: str) -> None:
    """Every path with a number in it, as the application has them, and the lists that begin behind a number."""
    ana = browser.sign_in_as(cast.ana)
    paths = 0
    for rule in app.url_map.iter_rules():
        path, found = re.subn("<int[^>]*>", number, rule.rule.replace("<slug>", "acme"))
        if not found:
            continue
        for method in {"GET", "POST"} & (rule.methods or set()):
            paths += 1
            response = ana.get(path) if method == "GET" else ana.post(path, {})
            assert response.status_code == 404, (method, path)
    assert paths > 10
    for path in ("/audit-log?before=", "/security/turned-away?after="):
        assert ana.get(f"{SETTINGS}{path}{number}").status_code == 200
