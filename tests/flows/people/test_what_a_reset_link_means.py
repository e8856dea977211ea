"""Before and after an SSO link is reset it is said what comes of it for this person, and what helps them."""

from __future__ import annotations

import pytest

from models import User
from tests.factories import Cast
from tests.flows.people.conftest import page_of
from tests.flows.people.test_how_somebody_signs_in import comes_in_through_sso, prepare
from tests.signing_in import Browser

NEW = "The next sign-in through single sign-on makes a new one, by the e-mail address."
UNVERIFIED = "The domain of this address is not verified, so single sign-on alone makes no new link."
INACTIVE = "SSO is not activated: until it is, no new link is made."
DEACTIVATED = "The account is deactivated: nobody signs in to it, and it gets no new link."
CONNECT = "They sign in with their password, and choose Connect SSO in their profile."
PASSWORD = "They sign in with their password."
NO_WAY = "They have no password: until {}, they need a link to set one. Their page offers it."
SUPPORT = "they need a link to set one, which only support makes for an admin: support@"
SURE = "Be sure that the address is still theirs."

WORLDS = [
    ({}, [NEW], True),
    ({"with_password": False, "role": "admin"}, [NEW], True),
    ({"verified": False}, [UNVERIFIED, CONNECT], False),
    ({"verified": False, "with_password": False}, [UNVERIFIED, NO_WAY.format("their domain is verified")], False),
    ({"verified": False, "with_password": False, "role": "admin"}, [UNVERIFIED, SUPPORT], False),
    ({"sso": False}, [INACTIVE, PASSWORD], True),
    ({"sso": False, "with_password": False}, [INACTIVE, NO_WAY.format("SSO is activated")], True),
    ({"status": "deactivated"}, [DEACTIVATED], False),
    ({"status": "deactivated", "verified": False, "sso": False}, [DEACTIVATED], False),
]
ALL = (NEW, UNVERIFIED, INACTIVE, DEACTIVATED)


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(("values", "words", "sure"), WORLDS, ids=str)
def test_the_question_and_the_notice_say_the_same(
    cast: Cast, ana: Browser, get_page, values: dict[str, object], words: list[str], sure: bool, htmx: bool
) -> None:
    dora = prepare(cast, linked=True, **values)
    reset = f"{page_of(dora)}/reset-sso-link"
    asked = get_page(ana, reset).words
    answer = ana.post(reset, {}, htmx=htmx)
    told = answer.text if htmx else ana.get(answer.location).text
    for said in (asked, told):
        assert all(sentence in said for sentence in words), said
        assert [sentence for sentence in ALL if sentence in said] == words[:1], "and nothing that contradicts it"
    assert (SURE in asked) == sure
    assert ("notice-warning" in told) == (words not in ([NEW], [DEACTIVATED]))


@pytest.mark.parametrize("values", [{}, {"verified": False}, {"status": "deactivated"}], ids=str)
def test_a_new_link_is_promised_only_where_the_next_sign_in_makes_one(
    cast: Cast, ana: Browser, browser: Browser, get_page, values: dict[str, object]
) -> None:
    dora: User = prepare(cast, linked=True, **values)
    reset = f"{page_of(dora)}/reset-sso-link"
    promised = NEW in get_page(ana, reset).words
    ana.post(reset, {})
    assert comes_in_through_sso(browser.app, cast) == promised
