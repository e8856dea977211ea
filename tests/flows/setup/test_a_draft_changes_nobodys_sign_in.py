"""Another entity ID, certificate or URL waits as a draft: who can sign in changes when it is activated, not before."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from database import db
from models import SSOConfiguration
from tests.factories import EVE, Cast, our_endpoints
from tests.flows.setup.ways import (
    IdP,
    SetUp,
    connection_of,
    events,
    idp_of,
    live_version,
    newest_version,
    next_idp,
    part,
    sign_in,
)
from tests.signing_in import Browser

NEXT = next_idp()


@pytest.fixture(autouse=True)
def _jit_on(cast: Cast) -> None:
    cast.acme.jit_on = True
    db.session.commit()


def accepted(app: Flask, cast: Cast, idp: IdP) -> bool:
    """Whether somebody whom this identity provider vouches for comes in."""
    return sign_in(Browser(app), cast.acme, idp).status_code == 303


def sent_to(app: Flask, cast: Cast) -> str:
    started = Browser(app).get(our_endpoints(cast.acme).start)
    return str(started.location).partition("?")[0]


SWAPS = {
    "another entity ID": (idp_of().but(entity_id=NEXT.entity_id), "Entity ID"),
    "another certificate": (idp_of().but(signer=NEXT.signer), "Certificate"),
    "another identity provider": (NEXT, "Sign-in URL"),
}


@pytest.mark.parametrize(("swapped", "what"), SWAPS.values(), ids=SWAPS)
def test_who_can_sign_in_changes_with_the_activation(
    app: Flask, ana: SetUp, cast: Cast, swapped: IdP, what: str
) -> None:
    def old_and_new() -> tuple[bool, bool]:
        return accepted(app, cast, idp_of()), accepted(app, cast, swapped)

    assert old_and_new() == (True, False)
    assert ana.save(swapped).version == 2
    assert old_and_new() == (True, False), "saved, and still as before"
    page = ana.page()
    assert "Attention" in page.words
    assert "Version 2 is a draft: test and activate it, or discard it." in page.words
    assert what in part(page, "changes")
    assert ana.activate(2).status_code == 409, "not tested"
    assert "has not been tested" in ana.refused("/activate", 409, version="2").text
    assert old_and_new() == (True, False)
    assert ana.test(swapped).passed
    assert old_and_new() == (True, False), "tested, and still as before"
    assert ana.activate(2).status_code == 303
    assert live_version() == 2
    assert old_and_new() == (False, True)


def test_another_sign_in_url(app: Flask, ana: SetUp, cast: Cast) -> None:
    moved = idp_of().but(sso_url="https://moved.example/sso")
    before, after = idp_of().sso_url, moved.sso_url
    ana.save(moved)
    assert sent_to(app, cast) == before
    started = ana.browser.get(f"{ana.path}/test-sign-in")
    assert started.location.startswith(f"{after}?"), "only the test goes there"
    assert sent_to(app, cast) == before
    assert ana.test(moved).passed
    assert sent_to(app, cast) == before
    ana.activate(2)
    assert sent_to(app, cast) == after


def test_another_logout_url(ana: SetUp) -> None:
    assert ana.send("/save", **idp_of().typed, slo_url="https://moved.example/slo").status_code == 303
    assert connection_of().live_configuration.slo_url is None
    assert "Logout URL" in part(ana.page(), "changes")
    ana.test()
    ana.activate(2)
    assert connection_of().live_configuration.slo_url == "https://moved.example/slo"


def test_a_sign_in_under_way_when_it_is_activated_is_judged_by_what_is_live_then(ana: SetUp, cast: Cast) -> None:
    swapped = idp_of().but(signer=NEXT.signer)
    ana.save(swapped)
    ana.test(swapped)
    other = Browser(ana.browser.app)
    answer = other.answer_for(cast.acme, EVE)
    ana.activate(2)
    assert other.post_answer(answer).status_code == 403


def test_a_discarded_draft_is_gone_and_all_goes_on(app: Flask, ana: SetUp, cast: Cast) -> None:
    ana.save(NEXT)
    ana.test(NEXT)
    assert ana.refused("/discard", 409, version="1").h1 == "Set up single sign-on"
    assert ana.refused("/discard").h1 == "Set up single sign-on"
    assert ana.send("/discard", version="2").status_code == 303
    assert "Nothing to do." in ana.page().words
    assert (accepted(app, cast, idp_of()), accepted(app, cast, NEXT)) == (True, False)
    assert ana.activate(2).status_code == 409
    assert ana.refused("/discard", 409, version="2")
    assert live_version() == 1
    assert [event.details for event in events("admin:sso:discarded")] == [{"version": 2}]


def test_a_second_draft_takes_the_place_of_the_first(ana: SetUp, cast: Cast) -> None:
    third = next_idp("third")
    ana.save(NEXT)
    ana.test(NEXT)
    assert ana.save(third).version == 3
    assert ana.activate(2).status_code == 409, "the version that was looked at is not the newest"
    page = ana.refused("/activate", 409, version="2")
    assert "There is a newer version than 2 meanwhile: 3. Look at it first." in page.text
    assert ana.activate(3).status_code == 409, "the test of another version is none of this one"
    assert live_version() == 1
    ana.test(third)
    assert ana.activate(3).status_code == 303
    drafts = db.session.scalars(select(SSOConfiguration).where(SSOConfiguration.discarded_at.is_not(None))).all()
    assert [draft.version for draft in drafts] == [2]


def test_back_to_what_is_live_discards_nothing_by_itself(ana: SetUp) -> None:
    ana.save(NEXT)
    assert ana.save(idp_of()).version == 3
    assert ana.page().by_id("changes") is None, "it changes nothing against what is live"
    ana.refused("/activate")
    assert live_version() == 1


def test_before_the_first_activation_a_change_counts_at_once_and_has_to_be_tested_again(cleo: SetUp) -> None:
    cleo.save(NEXT)
    assert cleo.test(NEXT, name_id="cleo@globex.example", attributes={}).passed
    assert connection_of("globex").state == "tested"
    assert cleo.save(NEXT.but(sso_url="https://next.example/other")).version == 2
    assert (connection_of("globex").state, live_version("globex")) == ("enabled", 2)
    assert cleo.activate(1).status_code == 409
    assert cleo.activate(2).status_code == 409
    assert newest_version(cleo.organization).discarded_at is None


def test_a_draft_survives_a_deactivation(ana: SetUp) -> None:
    ana.save(NEXT)
    assert ana.send("/deactivate", name="Acme").status_code == 303
    page = ana.page()
    assert "Version 2, a draft" in page.words
    assert ana.activate(1).status_code == 409
    ana.test(NEXT)
    assert ana.activate(2).status_code == 303
    assert (connection_of().state, live_version()) == ("activated", 2)
