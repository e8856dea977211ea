"""Metadata that changed in more than its certificates: it waits as a draft, is said once, and can be put away."""

from __future__ import annotations

import pytest
from flask import Flask

from database import db
from models import OutboxMessage
from organizations import connections
from saml.metadata import IdPMetadata
from tests.conftest import KEY_ENCRYPTION_KEY
from tests.factories import Cast
from tests.flows.setup.conftest import Later, Publish
from tests.flows.setup.ways import (
    IdP,
    SetUp,
    accepted,
    connection_of,
    events,
    idp_of,
    live_version,
    newest_version,
    next_idp,
    read_again,
    rolled_over,
    sign_in,
)
from tests.signing_in import Browser

NEXT = next_idp()
NEW = rolled_over()
OLD_PEM, NEW_PEM = idp_of().signer.certificate, NEW.signer.certificate


MOVED = {
    "entity ID": idp_of().but(entity_id="https://renamed.example"),
    "sign-in URL": idp_of().but(sso_url="https://moved.example/sso"),
    "everything": NEXT,
}


@pytest.mark.both_databases
@pytest.mark.parametrize("moved", MOVED.values(), ids=MOVED)
def test_another_entity_id_or_address_waits_as_a_draft(
    app: Flask, refreshed: Cast, publish: Publish, later: Later, moved: IdP
) -> None:
    publish(moved, NEW_PEM)
    assert read_again() == "1 read, 1 changed and waiting as a draft."
    assert live_version() == 1
    draft = newest_version(refreshed.acme)
    assert (draft.version, draft.tested_at, draft.live_at) == (2, None, None)
    assert (draft.idp_entity_id, draft.sso_url, draft.certificates) == (moved.entity_id, moved.sso_url, [NEW_PEM])
    assert accepted(app, refreshed) == (True, False)
    page = SetUp(Browser(app).sign_in_as(refreshed.ana), refreshed.acme).page()
    assert "Attention SSO is enabled and activated." in page.words
    assert "Version 2 is a draft: test and activate it" in page.words
    assert [event.details for event in events("system:sso:drafted")] == [{"version": 2}]
    mails = db.session.query(OutboxMessage).all()
    assert sorted(mail.recipient for mail in mails) == ["ana@acme.example", "root@acme.example"]
    assert "Sign-ins go on as before. Version 2 waits as a draft" in mails[0].body
    later(hours=7)
    assert read_again() == "1 read."
    assert db.session.query(OutboxMessage).count() == 2, "said once"
    assert newest_version(refreshed.acme).version == 2


def test_a_draft_that_was_discarded_is_not_offered_again(
    app: Flask, refreshed: Cast, publish: Publish, later: Later
) -> None:
    publish(NEXT, NEW_PEM)
    read_again()
    ana = SetUp(Browser(app).sign_in_as(refreshed.ana), refreshed.acme)
    assert ana.send("/discard", version="2").status_code == 303
    later(hours=7)
    assert read_again() == "1 read."
    assert newest_version(refreshed.acme).version == 2
    publish(NEXT.but(sso_url="https://next.example/again"), NEW_PEM)
    later(hours=14)
    assert read_again() == "1 read, 1 changed and waiting as a draft.", "this is news"


def test_a_draft_that_was_made_of_it_is_tested_and_activated_like_any_other(
    app: Flask, refreshed: Cast, publish: Publish
) -> None:
    publish(NEXT, NEW_PEM)
    read_again()
    ana = SetUp(Browser(app).sign_in_as(refreshed.ana), refreshed.acme)
    assert ana.activate(2).status_code == 409
    assert ana.test(NEXT).passed
    assert ana.activate(2).status_code == 303
    assert sign_in(Browser(app), refreshed.acme, NEXT).status_code == 303
    assert read_again() == "1 read."
    assert newest_version(refreshed.acme).version == 2


def test_an_admins_draft_is_left_alone(app: Flask, refreshed: Cast, publish: Publish) -> None:
    ana = SetUp(Browser(app).sign_in_as(refreshed.ana), refreshed.acme)
    ana.save(next_idp("third"))
    publish(NEXT, NEW_PEM)
    assert read_again() == "1 read."
    draft = connections.draft(connection_of())
    assert draft is not None
    assert (draft.version, draft.idp_entity_id) == (2, "https://third.example/metadata")


def test_a_draft_does_not_lose_what_came_meanwhile(app: Flask, refreshed: Cast, publish: Publish, later: Later) -> None:
    """Ana chooses an attribute; before she activates it, the next certificate arrives."""
    ana = SetUp(Browser(app).sign_in_as(refreshed.ana), refreshed.acme)
    details = IdPMetadata(idp_of().entity_id, idp_of().sso_url, (OLD_PEM,))
    url = connection_of().live_configuration.metadata_url
    mapping = {"email": "mail"}
    connections.configure(
        refreshed.acme,
        details,
        "test",
        [KEY_ENCRYPTION_KEY],
        refreshed.ana,
        attribute_mapping=mapping,
        metadata_url=url,
    )
    db.session.commit()
    assert ana.test().passed
    publish(idp_of(), OLD_PEM, NEW_PEM)
    assert read_again() == "1 read, 1 with new certificates."
    draft = connections.draft(connection_of())
    assert draft is not None
    assert (draft.version, draft.attribute_mapping, live_version()) == (4, mapping, 3)
    assert ana.activate(2).status_code == 409, "what she looked at is not the newest any more"
    assert ana.activate(4).status_code == 303, "it passed its test"
    assert accepted(app, refreshed) == (True, True)
    assert connections.draft(connection_of()) is None
    later(hours=7)
    assert read_again() == "1 read."
