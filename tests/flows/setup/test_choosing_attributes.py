"""An attribute mapping, chosen among the names that a test received: it goes before the usual names, as a version."""

from __future__ import annotations

from typing import Any

import pytest

from database import db
from models import User
from tests.factories import Cast
from tests.flows.setup.ways import (
    SetUp,
    connection_of,
    events,
    live_version,
    newest_version,
    next_idp,
    part,
    person,
    sign_in,
)
from tests.rules.test_routes import contents
from tests.signing_in import Browser

NEXT = next_idp()
OID = "urn:oid:1.3.6.1.4.1.4203.666.1"
SAID: dict[str, Any] = {
    "name_id": "eve-0001",
    "attributes": {
        "email": ["shared@acme.example"],
        "staffMail": ["eve@acme.example"],
        "firstName": ["Wrong"],
        "rufname": ["Eve"],
        "lastName": ["Wrong"],
        "nachname": ["Lindqvist"],
        "anzeige": ["Eve L."],
        "groups": ["wrong"],
        OID: ["research", "design"],
    },
}
CHOSEN = {
    "email": "staffMail",
    "given_name": "rufname",
    "family_name": "nachname",
    "display_name": "anzeige",
    "groups": OID,
}
UNDERSTOOD = {
    "subject": "eve-0001",
    "email": "eve@acme.example",
    "given_name": "Eve",
    "family_name": "Lindqvist",
    "display_name": "Eve L.",
    "groups": "research, design",
}


def choose(setup: SetUp, public_id: str, **chosen: str) -> str:
    """All fields of the form are sent, as a browser does; returns where it leads."""
    fields = {**dict.fromkeys(CHOSEN, ""), **chosen}
    answer = setup.send(f"/test/{public_id}/mapping", **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_what_was_chosen_goes_before_the_usual_names(ana: SetUp, cast: Cast) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    test = ana.test(**SAID)
    assert (test.mapped["email"], test.mapped["given_name"]) == ("shared@acme.example", "Wrong")
    assert choose(ana, test.public_id, **CHOSEN) == ana.path
    version = newest_version(cast.acme)
    assert (version.version, version.attribute_mapping, live_version()) == (2, CHOSEN, 1)
    page = ana.page()
    assert "E-mail address from staffMail" in part(page, "provider")
    assert "Attribute for e-mail address Now: its usual names Then: staffMail" in part(page, "changes")
    assert ana.test(**SAID).mapped == UNDERSTOOD
    another = Browser(ana.browser.app)
    assert sign_in(another, cast.acme, **{**SAID, "name_id": "before"}).status_code == 303
    ana.activate(2)
    assert sign_in(another, cast.acme, **SAID).status_code == 303
    db.session.rollback()
    people = [(user.email, user.name) for user in db.session.query(User).filter_by(origin="jit").order_by(User.id)]
    assert people == [("shared@acme.example", "Wrong Wrong"), ("eve@acme.example", "Eve L.")]


def test_where_a_chosen_name_is_not_sent_the_usual_ones_count(ana: SetUp) -> None:
    choose(ana, ana.test(**SAID).public_id, **CHOSEN)
    test = ana.test(name_id="eve", attributes={"mail": ["eve@acme.example"], "sn": ["Lindqvist"], "groups": ["a"]})
    assert (test.mapped["email"], test.mapped["family_name"]) == ("eve@acme.example", "Lindqvist")
    assert test.mapped["groups"] == "", "groups of another name might mean something else"


def test_before_activation_it_is_live_at_once_and_to_be_tested(cleo: SetUp) -> None:
    cleo.save(NEXT, metadata_url="https://next.example/metadata")
    test = cleo.test(NEXT, name_id="cleo", attributes={"staffMail": ["cleo@globex.example"]})
    assert not test.passed
    assert "No e-mail address was understood" in cleo.page(f"/test/{test.public_id}").words
    choose(cleo, test.public_id, email="staffMail")
    assert (live_version("globex"), connection_of("globex").state) == (2, "enabled")
    version = newest_version(cleo.organization)
    assert version.attribute_mapping == {"email": "staffMail"}
    assert version.metadata_url == "https://next.example/metadata", "it goes on being refreshed"
    assert cleo.test(NEXT, name_id="cleo", attributes={"staffMail": ["cleo@globex.example"]}).passed
    assert [event.details["version"] for event in events("admin:sso:configured")] == [1, 2]


def test_the_form_offers_what_was_received_and_remembers_what_was_chosen(ana: SetUp) -> None:
    choose(ana, ana.test(**SAID).public_id, email="staffMail", groups=OID)
    test = ana.test(name_id="eve", attributes={"mail": ["eve@acme.example"], OID: ["a"]})
    page = ana.page(f"/test/{test.public_id}")
    email = page.by_id("email")
    offered = {option.get("value"): "".join(option.itertext()) for option in email.iter("option")}
    assert offered == {
        "": "By its usual names",
        "staffMail": "staffMail (not received)",
        "mail": "mail",
        OID: OID,
    }
    chosen = [option.get("value") for option in email.iter("option") if option.get("selected") is not None]
    assert chosen == ["staffMail"]
    choose(ana, test.public_id, email="mail", groups=OID)
    assert newest_version(ana.organization).attribute_mapping == {"email": "mail", "groups": OID}


def test_it_can_be_taken_back(ana: SetUp) -> None:
    choose(ana, ana.test(**SAID).public_id, **CHOSEN)
    test = ana.test(**SAID)
    choose(ana, test.public_id)
    assert newest_version(ana.organization).attribute_mapping == {}


@pytest.mark.parametrize("chosen", [{"email": "notReceived"}, {"email": ""}, {"groups": "<script>"}])
def test_what_was_not_received_or_is_the_same_is_refused(ana: SetUp, chosen: dict[str, str]) -> None:
    test = ana.test(**SAID)
    before = contents()
    fields = {**dict.fromkeys(CHOSEN, ""), **chosen}
    same = not any(chosen.values())
    page = ana.refused(f"/test/{test.public_id}/mapping", 409 if same else 422, **fields)
    assert ("already has exactly these details" in page.text) == same
    assert page.by_id("mapping") is not None
    ana.refused(f"/test/{test.public_id}/mapping")  # a form of somebody's own, without its fields
    assert contents() == before


def test_a_test_of_a_version_that_is_not_the_newest_offers_no_choice(ana: SetUp) -> None:
    test = ana.test(**SAID)
    ana.save(NEXT)
    assert ana.page(f"/test/{test.public_id}").by_id("mapping") is None
    before = contents()
    page = ana.refused(f"/test/{test.public_id}/mapping", 409, **CHOSEN)
    assert "There is a newer version meanwhile." in page.text
    assert contents() == before


def test_a_change_of_details_keeps_the_mapping(ana: SetUp) -> None:
    choose(ana, ana.test(**SAID).public_id, email="staffMail")
    version = ana.save(NEXT)
    assert (version.version, version.attribute_mapping) == (3, {"email": "staffMail"})
    assert ana.test(NEXT, **person("eve@acme.example")).mapped["email"] == "eve@acme.example"
