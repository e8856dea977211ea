"""Every route says who may use it, and keeps to it: nobody, a low role, a stranger, a form without its token.

The routes are read from the application, so a new one is tested without a line here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from blueprints.access import PERMISSIONS
from database import db
from models import ROLES, User
from tests.factories import Cast
from tests.signing_in import Browser

# What stands in the paths. A route with another argument has to say here what it is called with.
ARGUMENTS = {
    "public_id": "acme-connection",
    "token": "no-such-token",
    "filename": "app.css",
    "name": "acme.example",
    "test": "no-such-test",
    "person": 1,  # Acme's first admin
    "missed_id": 1,
    "reference": "no-such-reference",
}
# What a form needs to be taken; each route reads its own field of it.
FIELDS = {"enabled": "on", "name": "new.example"}
WITHOUT_CSRF = {
    "auth.saml_acs": "the identity provider posts there; the request's own binding stands in for the token",
    "auth.saml_logout": "the identity provider posts there; its signature stands in for the token",
}
GET_THAT_WRITES = {
    "auth.start_sso_test": "stores the request that it sends the browser away with",
    "auth.start_connect": "stores the request that it sends the browser away with",
    "auth.saml_start": "stores the request that it sends the browser away with",
    "auth.saml_finish": "exchanges the one-time code of a sign-in, which nobody else has",
}
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="[^"]+"')


def access_of(app: Flask, rule: Rule) -> str | None:
    return getattr(app.view_functions[rule.endpoint], "access", None)


def rules(app: Flask, method: str, *, public: bool | None = None) -> Iterator[tuple[Rule, str]]:
    """(rule, its access) of everything that takes this method; `public` picks one kind."""
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule)
        if rule.endpoint == "static" or method not in (rule.methods or ()):
            continue
        if public is None or (access == "public") == public:
            yield rule, access or "nobody"


def path_of(app: Flask, rule: Rule, slug: str = "acme") -> str:
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(
            rule.endpoint, {name: {**ARGUMENTS, "slug": slug}[name] for name in rule.arguments}
        )
    return str(built)


def contents() -> dict[str, list[Any]]:
    db.session.rollback()
    return {table.name: db.session.execute(select(table)).all() for table in db.metadata.sorted_tables}


def send(browser: Browser, method: str, path: str) -> TestResponse:
    return browser.get(path) if method == "GET" else browser.post(path, FIELDS, page="/")


@pytest.fixture
def everybody(app: Flask, cast: Cast) -> dict[str, Browser]:
    """Somebody of each role at Acme, and nobody."""
    cast.acme.jit_on = False
    dora = User(organization_id=cast.acme.id, email="dora@acme.example", role="collaborator", origin="setup")
    db.session.add(dora)
    db.session.commit()
    people = {"admin": cast.ana, "viewer": cast.ben, "collaborator": dora}
    return {role: Browser(app).sign_in_as(user) for role, user in people.items()} | {"nobody": Browser(app)}


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    declared = {rule.endpoint: access_of(app, rule) for rule in app.url_map.iter_rules() if rule.endpoint != "static"}
    assert len(declared) > 15
    assert {name: access for name, access in declared.items() if access != "public" and access not in PERMISSIONS} == {}


def test_every_permission_is_somebodys_and_somewheres(app: Flask) -> None:
    assert {access_of(app, rule) for rule in app.url_map.iter_rules()} == {None, "public", *PERMISSIONS}
    for permission, roles in PERMISSIONS.items():
        assert roles, permission
        assert roles <= set(ROLES), permission
        assert "admin" in roles, permission


def test_routes_take_get_or_post_and_nothing_else(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS", "POST"}, rule


def test_a_get_changes_nothing(app: Flask, cast: Cast, everybody: dict[str, Browser]) -> None:
    before = contents()
    for rule, _access in rules(app, "GET"):
        if rule.endpoint not in GET_THAT_WRITES:
            for browser in everybody.values():
                browser.get(path_of(app, rule))
            assert contents() == before, rule.endpoint


def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(app: Flask, everybody: dict[str, Browser]) -> None:
    nobody = everybody["nobody"]
    before = contents()
    for rule, _access in rules(app, "GET", public=False):
        path = path_of(app, rule)
        answer = nobody.get(path)
        assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}"), path
    for rule, _access in rules(app, "POST", public=False):
        path = path_of(app, rule)
        answer = nobody.post(path, {"enabled": "on"})
        assert (answer.status_code, answer.location) == (303, "/sign-in"), path
        answer = nobody.post(path, {"enabled": "on"}, htmx=True)
        assert (answer.status_code, answer.headers["HX-Redirect"], answer.text) == (401, "/sign-in", ""), path
    assert contents() == before


def test_a_role_that_is_too_low_is_refused_and_one_that_is_enough_is_not(
    app: Flask, everybody: dict[str, Browser]
) -> None:
    refused = 0
    for method in ("GET", "POST"):
        for rule, access in rules(app, method, public=False):
            path = path_of(app, rule)
            for role in ("viewer", "collaborator"):
                before = contents()
                status = send(everybody[role], method, path).status_code
                if role in PERMISSIONS[access]:
                    assert status in (200, 303), (role, path)
                else:
                    assert status == 403, (role, path)
                    assert contents() == before, (role, path)
                    refused += 1
            # What was made up here may be refused (422, 409) or not be there (404), but not because of the role.
            expected = (200, 303, 404, 409, 422) if method == "POST" or "no-such" in path else (200, 303)
            assert send(everybody["admin"], method, path).status_code in expected, path
    assert refused >= 8


def test_an_admin_of_another_organization_cannot_tell_that_this_one_exists(app: Flask, cast: Cast) -> None:
    cleo = Browser(app).sign_in_as(cast.cleo)
    assert cleo.get("/").status_code == 200  # from here on she has the cookie of her forms
    compared = 0
    for method in ("GET", "POST"):
        for rule, _access in rules(app, method, public=False):
            if "slug" not in rule.arguments:
                continue
            before = contents()
            theirs, none = (send(cleo, method, path_of(app, rule, slug)) for slug in ("acme", "no-such-organization"))
            assert (theirs.status_code, none.status_code) == (404, 404), rule
            assert _TOKEN.sub("", theirs.text) == _TOKEN.sub("", none.text), rule
            assert "acme" not in theirs.text.casefold()
            assert sorted(theirs.headers.keys()) == sorted(none.headers.keys())
            assert contents() == before
            compared += 1
    assert compared >= 6


def test_the_organization_of_the_path_is_ones_own_in_its_one_spelling(app: Flask, cast: Cast) -> None:
    ana = Browser(app).sign_in_as(cast.ana)
    for slug in ("ACME", "acme%20", "acme%00", "globex", "."):
        assert ana.get(f"/o/{slug}/settings/security").status_code in (308, 404), slug


def test_a_post_without_its_csrf_token_is_refused(app: Flask, cast: Cast, everybody: dict[str, Browser]) -> None:
    before = contents()
    for rule, access in rules(app, "POST"):
        path = path_of(app, rule)
        if rule.endpoint in WITHOUT_CSRF:
            continue
        for name, browser in everybody.items():
            browser.csrf_token()
            if name == "nobody" and access != "public":  # whose session, and token, ended meanwhile
                assert browser.client.post(path, data={"enabled": "on"}).headers["Location"] == "/sign-in"
                continue
            for data in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": "IngiLg.x.x"}):
                answer = browser.client.post(path, data={"enabled": "on", **data})
                assert answer.status_code == 400, path
                said = "Your admin was not asked" if rule.endpoint == "auth.ask_admin" else "This form is out of date"
                assert said in answer.text, path
    assert contents() == before


def test_a_token_of_another_session_is_none(app: Flask, cast: Cast) -> None:
    ana, mallory = Browser(app).sign_in_as(cast.ana), Browser(app)
    ana.csrf_token("/")
    for rule, _access in rules(app, "POST"):
        if rule.endpoint not in WITHOUT_CSRF:
            answer = ana.client.post(path_of(app, rule), data={"enabled": "on", "csrf_token": mallory.csrf_token()})
            assert answer.status_code == 400, rule


def test_the_acs_goes_without_a_token_and_lets_nobody_in_for_it(app: Flask, cast: Cast) -> None:
    [rule] = [rule for rule, _access in rules(app, "POST") if rule.endpoint == "auth.saml_acs"]
    answer = Browser(app).client.post(path_of(app, rule), data={"SAMLResponse": "PGEvPg=="})
    assert answer.status_code == 403
    assert "You are not signed in" in answer.text


def test_a_demoted_admin_loses_it_at_the_next_request(app: Flask, cast: Cast, everybody: dict[str, Browser]) -> None:
    ana = everybody["admin"]
    assert ana.get("/o/acme/settings/security").status_code == 200
    db.session.get_one(User, cast.ana.id).role = "viewer"
    db.session.commit()
    assert ana.get("/o/acme/settings/security").status_code == 403
    db.session.get_one(User, cast.ana.id).status = "deactivated"
    db.session.commit()
    assert ana.get("/o/acme/settings/security").status_code == 303
