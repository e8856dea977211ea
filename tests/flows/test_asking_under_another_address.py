"""Somebody whose identity is linked, refused while their identity provider sends another address than the account's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from database import db
from models import Identity, MissedSignIn, SignInAttempt, User
from organizations import accounts
from tests.factories import Cast
from tests.flows.setup.ways import sign_in
from tests.flows.test_asking_an_admin import ask, token_in
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
ALL = "/o/acme/settings/security/turned-away"
SUBJECT = "b-17"
SENT: dict[str, dict[str, Any]] = {
    "another": {"attributes": {"email": ["ben.new@acme.example"]}},
    "none": {"attributes": {"firstName": ["Ben"]}},
}


@pytest.mark.parametrize("sent", SENT)
def test_the_admin_sees_whose_account_it_is_and_is_led_to_it(
    cast: Cast, browser: Browser, another_browser: Browser, sent: str
) -> None:
    entity_id = cast.acme.connection.live_configuration.idp_entity_id
    values = {"connection_id": cast.acme.connection.id, "idp_entity_id": entity_id, "subject": SUBJECT}
    db.session.add(Identity(organization_id=cast.acme.id, user_id=cast.ben.id, **values))
    accounts.deactivate(cast.ben, cast.ana)
    db.session.commit()
    refused = sign_in(browser, cast.acme, name_id=SUBJECT, **SENT[sent])
    answer = ask(browser, token_in(refused))
    assert check_page(answer.text).h1 == "Your admin is asked"
    again = sign_in(browser, cast.acme, name_id=SUBJECT, **SENT[sent])
    assert "csrf_token" not in again.text, "who has asked within the hour is offered nothing that says no more"
    db.session.rollback()
    row = db.session.scalars(select(MissedSignIn)).one()
    assert (row.email, row.times, row.closed_at) == (cast.ben.email, 2, None)
    assert set(db.session.scalars(select(SignInAttempt.user_id))) == {cast.ben.id}
    ana = another_browser.sign_in_as(cast.ana)
    page = check_page(ana.get(ALL).text)
    assert "The account is deactivated." in page.words
    person = f"/o/acme/settings/people/{cast.ben.id}"
    assert page.links()["Open account"] == person
    before = db.session.scalar(select(func.count()).select_from(User))
    assert ana.post(f"{ALL}/{row.id}/create?page=all", {}).status_code == 409
    assert db.session.scalar(select(func.count()).select_from(User)) == before
    assert again.text.partition("<code>")[2][:9] in ana.get(person).text
    ana.post(f"{person}/reactivate", {}, page=person)
    assert sign_in(browser, cast.acme, name_id=SUBJECT, **SENT[sent]).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(MissedSignIn.closed_at)).one() is not None
