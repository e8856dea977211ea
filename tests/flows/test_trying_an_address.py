"""Try an address: what is said is what the next sign-in does, whatever the groups and the identities are."""

from __future__ import annotations

import pytest

from database import db, now
from demo.cast import Person
from models import Domain, Identity, RoleRule, User
from tests.factories import EVE, Cast, make_user
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
TRY = "/o/acme/settings/security/jit/try"
DN = "CN=Research,OU=Groups,DC=acme"


@pytest.fixture
def ana(cast: Cast, another_browser: Browser) -> Browser:
    cast.acme.jit_on = True
    db.session.commit()
    return another_browser.sign_in_as(cast.ana)


def tried(ana: Browser, email: str, *groups: str) -> str:
    answer = ana.post(TRY, {"email": email, "groups": "\r\n".join(groups)})
    assert answer.status_code == 200
    return check_page(answer.text).words


def add_rule(cast: Cast, group: str, outcome: str) -> None:
    db.session.add(RoleRule(organization_id=cast.acme.id, group_name=group, outcome=outcome, position=1))
    cast.acme.role_rules_on = True
    db.session.commit()


def link(user: User, subject: str) -> None:
    connection = user.organization.connection
    assert connection is not None
    assert connection.live_configuration is not None
    issuer = connection.live_configuration.idp_entity_id
    names = {"connection_id": connection.id, "idp_entity_id": issuer, "subject": subject}
    db.session.add(Identity(organization_id=user.organization_id, user_id=user.id, **names))
    db.session.commit()


@pytest.mark.parametrize(
    "groups", [(DN,), (*(f"g{number}" for number in range(80)), DN)], ids=["commas in the name", "many groups"]
)
def test_groups_are_taken_as_the_identity_provider_sends_them(
    cast: Cast, ana: Browser, browser: Browser, groups: tuple[str, ...]
) -> None:
    add_rule(cast, DN, "admin")
    assert "would get an Admin account" in tried(ana, EVE.email, *groups)
    assert browser.sso(cast.acme, Person(EVE.email, "Eve", "Lindqvist", groups)).status_code == 200
    db.session.rollback()
    assert db.session.query(User).filter_by(email=EVE.email).one().role == "admin"


def test_somebody_who_connected_the_identity_of_another_address(cast: Cast, ana: Browser, browser: Browser) -> None:
    partner = make_user(cast.acme, "partner@else.example")
    link(partner, "fresh@acme.example")
    assert "would be signed in to the Viewer account they have" in tried(ana, "fresh@acme.example")
    assert browser.sso(cast.acme, Person("fresh@acme.example", "Fresh", "Partner")).status_code == 200
    db.session.add(Domain(organization_id=cast.acme.id, name="else.example", verified_at=now()))
    db.session.commit()
    assert "would be refused" in tried(ana, "partner@else.example")
    assert browser.sso(cast.acme, Person("partner@else.example", "Fresh", "Partner")).status_code == 403


@pytest.mark.parametrize("subject", ["a9f3e1", "subject-id:ben@acme.example", "email:ben@acme.example"])
def test_an_identity_with_another_name_is_taken_for_theirs(cast: Cast, ana: Browser, subject: str) -> None:
    link(cast.ben, subject)
    assert "would be signed in to the Viewer account they have" in tried(ana, cast.ben.email)


def test_an_address_in_other_letters_is_shown_as_people_write_it_too(ana: Browser) -> None:
    words = tried(ana, "ola@münchen.example")
    assert "ola@xn--mnchen-3ya.example would be refused. ola@münchen.example" in words
    assert "xn--" not in tried(ana, EVE.email)


@pytest.mark.parametrize("length", [255, 259, 10_000])
def test_what_is_too_long_is_said_and_nothing_of_it_is_cut(ana: Browser, length: int) -> None:
    email = "@acme.example".rjust(length, "x")
    for field, value, typed in (("email", email, {"email": email}), ("groups", "x" * 20_001, {"email": EVE.email})):
        answer = ana.post(TRY, {"groups": "", **typed, field: value})
        assert answer.status_code == 422
        page = check_page(answer.text)
        element = page.by_id(f"try-{field}")
        assert element.get("maxlength") is None
        assert (element.get("value") or "".join(element.itertext()).strip()) == value
        assert "is too long. Write" in page.words
