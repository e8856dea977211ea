"""An invitation that is accepted by a password and through SSO at the same moment: it is one of the two."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import begin_write, db
from demo.cast import Person
from models import AuditEvent, Identity, OneTimeLink, User
from organizations import invitations
from tests.conftest import BASE_URL
from tests.factories import PASSWORD, Cast
from tests.postgres.test_while_a_sign_in_looks import ADDRESS, at_the_first
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
GUEST = Person("guest@elsewhere.example", "Gus", "Guest")
NEW = {"password": PASSWORD, "again": PASSWORD}


def invite(cast: Cast) -> str:
    """The path of the link that sets a password."""
    begin_write()
    ana = db.session.get_one(User, cast.ana.id)
    made = invitations.invite(ana.organization, GUEST.email, "viewer", ana, base_url=BASE_URL, mail=False)
    db.session.commit()
    return made.address.removeprefix(BASE_URL)


def guest() -> User:
    db.session.rollback()
    return db.session.scalars(select(User).where(User.email == GUEST.email)).one()


def test_accepted_through_sso_the_link_that_was_sent_sets_no_password(
    cast: Cast, browser: Browser, another_browser: Browser
) -> None:
    path = invite(cast)
    assert browser.sso(cast.acme, GUEST).status_code == 200
    assert guest().status == "active"
    assert another_browser.get(path).status_code == 404
    assert another_browser.post(path, NEW, page="/sign-in").status_code == 404
    assert guest().password_hash is None
    assert db.session.scalars(select(OneTimeLink)).all() == []


@pytest.mark.parametrize("meanwhile", [ADDRESS, "INSERT INTO identity"], ids=["looks", "links"])
def test_both_at_once_is_one_of_them(
    cast: Cast, browser: Browser, another_browser: Browser, database_kind: str, meanwhile: str
) -> None:
    path = invite(cast)
    answer, sent = browser.answer_for(cast.acme, GUEST), NEW | {"csrf_token": another_browser.csrf_token(path)}
    statuses: list[int] = []

    def set_password() -> None:
        statuses.append(another_browser.client.post(path, data=sent).status_code)

    with at_the_first(meanwhile, set_password):
        by_sso = browser.post_answer(answer).status_code
    password_was_first = database_kind == "postgresql" and meanwhile == ADDRESS
    assert (by_sso, statuses) == ((403, [303]) if password_was_first else (303, [404]))
    user = guest()
    linked = db.session.scalars(select(Identity).where(Identity.user_id == user.id)).all()
    assert (user.password_hash is not None, bool(linked)) == (password_was_first, not password_was_first)
    told = AuditEvent.action.in_(("sso:invitation:accepted", "password:invitation:accepted", "password:password:set"))
    assert len(db.session.scalars(select(AuditEvent).where(told)).all()) == 1
