"""A link that sets a password does not outlive what it was made for."""

from __future__ import annotations

import pytest

from database import db
from models import Identity, User
from organizations import passwords, sso_links
from tests.factories import Cast, make_user
from tests.flows.people.conftest import number_of_links, page_of
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
OUTSIDE = "partner@elsewhere.example"


@pytest.fixture
def partner(cast: Cast) -> User:
    return make_user(cast.acme, OUTSIDE)


def with_link(user: User) -> User:
    passwords.make_link(user)
    db.session.commit()
    return user


@pytest.mark.parametrize(
    ("status", "role", "left"),
    [
        ("active", "admin", 0),
        ("active", "collaborator", 1),
        ("invited", "admin", 1),
    ],
)
def test_whoever_becomes_an_admin_has_none_of_before(
    cast: Cast, ana: Browser, partner: User, status: str, role: str, left: int
) -> None:
    """But for the invitation's own, which accepts it."""
    partner.status = status
    with_link(partner)
    assert ana.post(f"{page_of(partner)}/role", {"role": role, "confirmed": "y"}).status_code == 303
    assert number_of_links(partner) == left


def test_whoever_connects_sso_needs_it_no_more(cast: Cast, partner: User) -> None:
    connection, live = cast.acme.connection, cast.acme.connection.live_configuration
    proved = {"connection_id": connection.id, "idp_entity_id": live.idp_entity_id, "subject": "s", "reference": "R"}
    sso_links.wait(with_link(partner), live.id, "of a browser", email=None, **proved)
    sso_links.link(partner, connection, sso_links.waiting(partner, "of a browser"))
    db.session.commit()
    assert number_of_links(partner) == 0


def test_after_a_reset_it_is_what_helps(cast: Cast, ana: Browser, partner: User) -> None:
    values = {"connection_id": cast.acme.connection.id, "idp_entity_id": "https://idp.example", "subject": "s"}
    db.session.add(Identity(organization_id=cast.acme.id, user_id=partner.id, **values))
    with_link(partner)
    assert ana.post(f"{page_of(partner)}/reset-sso-link", {}).status_code == 303
    assert number_of_links(partner) == 1
