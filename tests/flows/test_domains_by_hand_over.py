"""A colleague without an account, who opened a hand-over link, proves a domain and sees nothing of the Security tab."""

from __future__ import annotations

import pytest

from database import db
from organizations import handover
from tests.factories import Cast
from tests.flows.domains import CHECK, DOMAINS, NEW, REMOVE, SECURITY, events, row, stored
from tests.name_server import NameServer
from tests.pages import check_page, parse
from tests.signing_in import Browser

SET_UP = "/o/acme/settings/security/sso"
ACTOR = "hand-over link of "


@pytest.fixture
def colleague(cast: Cast, browser: Browser, dns: NameServer) -> Browser:
    _link, token = handover.make(cast.acme, "Kim of the IT", cast.ana)
    db.session.commit()
    path = f"/o/acme/settings/handover/{token}"
    assert browser.post(path, {}, page=path).headers["Location"] == SET_UP
    return browser


def test_from_adding_to_removing(colleague: Browser, dns: NameServer) -> None:
    assert colleague.get(SECURITY).status_code == 303, "no tab for them"
    for path, sent in ((DOMAINS, {"name": NEW}), (CHECK, {}), (REMOVE, {})):
        if path == CHECK:
            dns.txt(NEW, row().record_value)
        if path == REMOVE:
            assert row().state == "verified"
            assert f"Remove {NEW}?" in check_page(colleague.get(REMOVE).text).words
        answer = colleague.post(path, sent, page=SET_UP)
        assert (answer.status_code, answer.headers["Location"]) == (303, SET_UP)
    assert stored() is None
    told = events()
    assert [action for action, _, _ in told] == [f"handover:domain:{what}" for what in ("added", "verified", "removed")]
    assert all(actor.startswith(ACTOR) for _, actor, _ in told)


def test_a_refusal_stays_on_their_page(colleague: Browser) -> None:
    answer = colleague.post(DOMAINS, {"name": "gmail.com"}, page=SET_UP)
    assert answer.status_code == 422
    page = parse(answer.text)
    assert page.h1 == "Set up single sign-on"
    assert "public mail domain" in page.words
    assert "Sign-in activity" not in page.words
    assert page.by_id("domain-name").get("value") == "gmail.com"


def test_the_domains_of_others_are_not_there(colleague: Browser) -> None:
    for path in ("/o/globex/settings/domains/globex.example/check", "/o/acme/settings/domains/globex.example/remove"):
        assert colleague.post(path, {}, page=SET_UP).status_code in (303, 404)
    assert stored("globex.example", "globex") is not None
