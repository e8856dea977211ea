"""Two organizations prove the same domain at the same moment: the unique index decides, and one is told."""

from __future__ import annotations

import contextvars
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from database import begin_write, db, now
from models import Domain
from organizations import challenges
from organizations.txt_records import Look
from tests.factories import Cast
from tests.flows.domains import NEW, events, row
from tests.name_server import NameServer
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases


def verify_at_once(app: Flask, ids: list[int]) -> dict[int, str]:
    """Each in a thread of its own, whose look ends at the same moment as the other's."""
    both, results = Barrier(len(ids), timeout=20), {}

    def verify(domain_id: int) -> None:
        with app.app_context():
            begin_write()
            question = challenges.begin(db.session.get_one(Domain, domain_id), now())
            assert question is not None
            db.session.commit()
            both.wait()
            begin_write()
            domain = challenges.conclude(question, Look("found"), now())
            db.session.commit()
            assert domain is not None
            results[domain_id] = domain.check_result or ""

    threads = [Thread(target=contextvars.Context().run, args=(verify, id_)) for id_ in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_one_gets_it(app: Flask, cast: Cast) -> None:
    for organization in (cast.acme, cast.globex):
        db.session.add(Domain(organization_id=organization.id, name=NEW))
    db.session.commit()
    ids = list(db.session.scalars(select(Domain.id).where(Domain.name == NEW)))
    db.session.rollback()
    results = verify_at_once(app, ids)
    assert sorted(results.values()) == ["found", "taken"]
    assert sorted(row(slug=slug).state for slug in ("acme", "globex")) == ["failed", "verified"]
    assert len(events("system:domain:verified")) == 1


def test_the_whole_way_by_two_admins(cast: Cast, browser: Browser, another_browser: Browser, dns: NameServer) -> None:
    people = {"acme": browser.sign_in_as(cast.ana), "globex": another_browser.sign_in_as(cast.cleo)}
    for slug, admin in people.items():
        assert admin.post(f"/o/{slug}/settings/domains", {"name": NEW}).status_code == 303
    dns.txt(NEW, *(row(slug=slug).record_value for slug in people))
    for slug, admin in people.items():
        admin.post(f"/o/{slug}/settings/domains/{NEW}/check", {})
    assert [row(slug=slug).check_result for slug in people] == ["found", "taken"]
    assert "verified for another organization" in another_browser.get("/o/globex/settings/security").text
