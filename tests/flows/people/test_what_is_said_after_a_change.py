"""What the person's page says about a change is true: of a reset SSO link, and of a role that rules give again."""

from __future__ import annotations

import pytest

from database import db
from models import Domain, Identity, User
from tests.factories import Cast
from tests.flows.people.conftest import page_of
from tests.signing_in import Browser

COVERED = "The next sign-in makes a new one, by the e-mail address."
NOT_COVERED = "until it is, the next sign-in through SSO cannot be linked."


def link(cast: Cast, user: User) -> None:
    values = {"connection_id": cast.acme.connection.id, "idp_entity_id": "https://idp.example", "subject": "s"}
    db.session.add(Identity(organization_id=cast.acme.id, user_id=user.id, **values))
    db.session.commit()


@pytest.mark.parametrize(
    ("domain", "activated", "said"),
    [
        ("verified", True, COVERED),
        ("pending", True, NOT_COVERED),
        ("gone", True, NOT_COVERED),
        ("verified", False, NOT_COVERED),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_a_reset_link_promises_a_new_one_only_where_sso_covers_the_address(
    cast: Cast, ana: Browser, get_page, domain: str, activated: bool, said: str, htmx: bool
) -> None:
    link(cast, cast.ben)
    acmes = db.session.query(Domain).filter_by(organization_id=cast.acme.id, name="acme.example").one()
    if domain == "pending":
        acmes.verified_at = None
    elif domain == "gone":
        db.session.delete(acmes)
    if not activated:
        cast.acme.connection.activated_at = None
    db.session.commit()
    reset = f"{page_of(cast.ben)}/reset-sso-link"
    assert (NOT_COVERED in get_page(ana, reset).words) == (said == NOT_COVERED)
    answer = ana.post(reset, {}, htmx=htmx)
    text = answer.text if htmx else ana.get(answer.location).text
    assert [words in text for words in (COVERED, NOT_COVERED)] == [said == COVERED, said == NOT_COVERED]
    assert ("notice-warning" in text) == (said == NOT_COVERED)
