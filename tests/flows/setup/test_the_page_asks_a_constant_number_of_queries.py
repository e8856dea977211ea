"""What the set-up page asks the database does not grow with versions, domains, links, tests and certificates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from database import db, now
from models import Domain, HandoverLink, SignInTest, SSOConfiguration
from organizations import handover
from tests.factories import Cast
from tests.flows.setup.ways import SetUp, connection_of, idp_of, next_idp
from tests.flows.test_constant_number_of_queries import counted
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
MANY = 60


def grow(cast: Cast) -> None:
    connection = connection_of()
    common = {"organization_id": cast.acme.id}
    live = connection.live_configuration
    for number in range(MANY):
        version = SSOConfiguration(
            **common,
            connection_id=connection.id,
            version=100 + number,
            idp_entity_id=f"https://{number}.example",
            sso_url=live.sso_url,
            certificates=live.certificates,
            metadata_source="test",
            discarded_at=now() if number < MANY - 1 else None,
        )
        db.session.add(version)
        db.session.flush()
        db.session.add(Domain(**common, name=f"more{number}.example", verified_at=now() if number % 2 else None))
        link = HandoverLink(
            **common,
            created_by_id=cast.ana.id,
            colleague=f"Colleague {number}",
            token_hash=str(number),
            expires_at=now() + timedelta(hours=1),
        )
        test = SignInTest(
            **common,
            connection_id=connection.id,
            configuration_id=version.id,
            public_id=str(number),
            started_by="ana@acme.example",
            finished_at=now(),
            expires_at=now() + timedelta(hours=1),
            passed=True,
        )
        db.session.add_all([link, test])
    db.session.commit()
    assert cast.acme.slug  # read again by now, so that it is no query of the page's


@pytest.mark.parametrize("where", ["", "?idp=okta", "/activate", "/deactivate"])
def test_a_page(ana: SetUp, cast: Cast, where: str) -> None:
    ana.save(next_idp())
    ana.send("/handover", colleague="Kim")
    with counted() as few:
        ana.page(where)
    grow(cast)
    with counted() as many:
        ana.page(where)
    assert len(many) <= len(few)
    assert len(many) <= 12, many


def test_by_a_hand_over_link(app: Flask, cast: Cast) -> None:
    _link, token = handover.make(cast.acme, "Kim", cast.ana)
    db.session.commit()
    kim = SetUp(Browser(app), cast.acme)
    path = f"/o/acme/settings/handover/{token}"
    kim.browser.post(path, {}, page=path)
    kim.save(next_idp())
    with counted() as few:
        kim.page()
    grow(cast)
    with counted() as many:
        kim.page()
    assert len(many) <= len(few)


def test_the_answer_to_a_test(ana: SetUp, cast: Cast) -> None:
    ana.save(idp_of().but(entity_id="https://renamed.example"))
    message = ana.begin_test(idp_of().but(entity_id="https://renamed.example"))
    with counted() as few:
        ana.answer(message)
    grow(cast)
    message = ana.begin_test(idp_of().but(entity_id=f"https://{MANY - 1}.example"))
    with counted() as many:
        answer = ana.answer(message)
    assert ana.result(answer).checks
    assert len(many) <= len(few)
