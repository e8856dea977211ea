"""What an identity provider publishes is read again: new certificates come by themselves, anything else as a draft."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from commands import job_metadata
from database import db, now
from models import SSOConfiguration, SSOConnection
from organizations import connections
from tests.factories import Cast
from tests.flows.setup.conftest import Later, Publish
from tests.flows.setup.ways import (
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
)
from tests.rules.test_routes import contents
from tests.saml.idp_metadata import describe_idp
from tests.signing_in import Browser
from tests.unit.published import Server
from tests.unit.test_idp_metadata import entities

NEXT = next_idp()
NEW = rolled_over()
OLD_PEM, NEW_PEM = idp_of().signer.certificate, NEW.signer.certificate


def _copy(original: SSOConfiguration, **changes: object) -> SSOConfiguration:
    names = [column.key for column in SSOConfiguration.__table__.columns if column.key not in ("id", "created_at")]
    return SSOConfiguration(**{name: getattr(original, name) for name in names} | changes)


def swap_to(version: SSOConfiguration) -> None:
    db.session.add(version)
    db.session.flush()
    connection = db.session.get_one(SSOConnection, version.connection_id)
    connections.make_live(connection, version)
    db.session.commit()


@pytest.mark.both_databases
def test_unchanged_it_is_read_every_six_hours_and_nothing_else(refreshed: Cast, server: Server, later: Later) -> None:
    before = contents()
    assert read_again() == "1 read."
    after = contents()
    for tables in (before, after):
        [*tables["sso_connection"]] = [row[:-3] for row in tables["sso_connection"]]
    assert after == before
    later(hours=5, minutes=59)
    assert read_again() == "0 read."
    later(hours=6, minutes=1)
    assert read_again() == "1 read."
    assert server.asked == ["/idp"] * 2


@pytest.mark.both_databases
def test_a_new_certificate_counts_at_once_and_the_old_one_stays(app: Flask, refreshed: Cast, publish: Publish) -> None:
    assert accepted(app, refreshed) == (True, False)
    tested_at = connection_of().live_configuration.tested_at
    publish(idp_of(), NEW_PEM)
    assert read_again() == "1 read, 1 with new certificates."
    live = connection_of().live_configuration
    assert (live.version, live.certificates, live.tested_at) == (2, [OLD_PEM, NEW_PEM], tested_at)
    assert (live.attribute_mapping, live.metadata_url.rpartition("/")[2]) == ({"email": "email"}, "idp")
    assert accepted(app, refreshed) == (True, True)
    assert connection_of().metadata_next_at > now() + timedelta(hours=5)
    [event] = events("system:sso:refreshed")
    assert (event.actor, event.subject) == ("system", idp_of().entity_id)
    assert event.details == {"version": 2, "added": 1}
    assert connections.draft(connection_of()) is None


def test_what_was_retired_is_not_brought_back(app: Flask, refreshed: Cast, publish: Publish, later: Later) -> None:
    publish(idp_of(), OLD_PEM, NEW_PEM)
    read_again()
    retired = newest_version(refreshed.acme)
    swap_to(_copy(retired, certificates=[NEW_PEM], version=3))
    later(hours=7)
    assert read_again() == "1 read."
    assert connection_of().live_configuration.certificates == [NEW_PEM]
    assert accepted(app, refreshed) == (False, True)


@pytest.mark.both_databases
def test_what_cannot_be_read_is_said_once_and_tried_in_an_hour(
    app: Flask, refreshed: Cast, server: Server, later: Later, publish: Publish
) -> None:
    good = server.answers.pop("/idp")
    assert read_again() == "1 read, 1 could not be read."
    sentence = "The address answered 404 instead of metadata. Open it in a browser."
    assert connection_of().metadata_error == sentence
    page = SetUp(Browser(app).sign_in_as(refreshed.ana), refreshed.acme).page()
    assert f"Your identity provider's metadata could not be read: {sentence}" in page.words
    assert "Attention SSO is enabled and activated." in page.words
    later(minutes=59)
    assert read_again() == "0 read."
    later(minutes=61)
    publish("<html/>")
    assert read_again() == "1 read, 1 could not be read."
    assert "of no identity provider" in connection_of().metadata_error
    assert [event.details for event in events("system:sso:unreadable")] == [{"detail": sentence}]
    assert accepted(app, refreshed) == (True, False)
    server.answers["/idp"] = good
    later(hours=3)
    assert read_again() == "1 read."
    assert connection_of().metadata_error is None


def test_of_several_it_is_the_chosen_one(refreshed: Cast, publish: Publish, later: Later) -> None:
    mine = describe_idp(idp_of().entity_id, (OLD_PEM, NEW_PEM), idp_of().sso_url)
    publish(entities(next_idp("third").metadata, mine))
    assert read_again() == "1 read, 1 with new certificates."
    publish(entities(next_idp("third").metadata, NEXT.metadata))
    later(hours=7)
    assert read_again() == "1 read, 1 could not be read."
    assert f"does not describe {idp_of().entity_id} any more" in connection_of().metadata_error
    publish(entities(next_idp("third").metadata, describe_idp(idp_of().entity_id, (), idp_of().sso_url)))
    later(hours=9)
    read_again()
    assert "no signing certificate" in connection_of().metadata_error


@pytest.mark.both_databases
@pytest.mark.parametrize("answer", [200, 500])
def test_a_connection_that_was_swapped_meanwhile_is_left_alone(
    app: Flask, refreshed: Cast, publish: Publish, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    """While the old address is asked, an admin activates another version."""
    real = job_metadata.fetch_idp_metadata

    def swap(url: str, **options: bool) -> bytes:
        now_live = {"version": 2, "metadata_url": "https://b.example/", "idp_entity_id": NEXT.entity_id}
        swap_to(_copy(connection_of().live_configuration, **now_live))
        return real(url if answer == 200 else url + "-gone", **options)

    monkeypatch.setattr(job_metadata, "fetch_idp_metadata", swap)
    publish(idp_of(), OLD_PEM, NEW_PEM)
    read_again()
    connection = connection_of()
    assert (live_version(), newest_version(refreshed.acme).version) == (2, 2)
    assert connection_of().live_configuration.certificates == [OLD_PEM]
    assert connection.metadata_error is None
    assert connection.metadata_next_at <= now(), "the new address is still to be read"
    assert events("system:sso:refreshed", "system:sso:drafted", "system:sso:unreadable") == []


def test_it_runs_with_the_other_jobs(refreshed: Cast, runner: FlaskCliRunner, publish: Publish) -> None:
    publish(idp_of(), NEW_PEM)
    db.session.rollback()
    result = runner.invoke(args=["jobs", "run"])
    assert "metadata: 1 read, 1 with new certificates." in result.output
    assert live_version() == 2


def test_what_came_by_hand_is_never_read(cast: Cast, server: Server) -> None:
    connection_of().metadata_next_at = now()
    db.session.commit()
    assert read_again() == "0 read."


def test_what_nobody_expected_does_not_hold_the_others_up(
    refreshed: Cast, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("a document that nobody expected")

    monkeypatch.setattr(job_metadata, "choose", fail)
    assert read_again() == "1 read, 1 could not be read."
    assert connection_of().metadata_error == "It could not be understood. Tell support."
    assert connection_of().metadata_next_at > now()
