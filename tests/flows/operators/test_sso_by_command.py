"""An operator connects an organization to its identity provider, activates SSO, and deactivates it."""

from __future__ import annotations

from sqlalchemy import select

from database import db, now
from models import SSOConfiguration, SSOConnection
from saml.keys import open_key
from tests.flows.operators.typing_commands import Operator


def test_our_addresses_exist_before_the_identity_provider_is_known(acme: Operator) -> None:
    assert "flask sso prepare acme" in acme.ok("sso show acme")
    ours = acme.json("sso prepare acme")
    assert acme.json("sso prepare acme") == ours
    assert set(ours) >= {"entity_id", "acs", "start", "metadata"}
    assert all(url.startswith(acme.app.config["PUBLIC_BASE_URL"]) for url in ours.values())
    shown = acme.json("sso show acme")
    assert shown["state"] == "not_set_up"
    assert shown["versions"] == []
    assert shown["acs"] == ours["acs"]
    assert acme.actions().count("operator:sso:prepared") == 1
    assert "metadata first" in acme.refused("sso activate acme --without-test --reason x")
    configured = acme.json(f"sso configure acme --metadata {acme.metadata()}")
    assert configured["acs"] == ours["acs"]
    assert configured["state"] == "enabled"


def test_the_signing_key_is_stored_encrypted(connected: Operator) -> None:
    with connected.app.app_context():
        connection = db.session.scalars(select(SSOConnection)).one()
        assert len(connection.public_id) == 16
        assert "acme" not in connection.public_id
        assert open_key(connection.signing_key, connection_keys(connected)).key_size >= 2048
        assert b"PRIVATE" not in connection.signing_key
    assert "PRIVATE" not in connected.ok("sso show acme --json")


def connection_keys(operator: Operator) -> list[str]:
    keys: list[str] = operator.app.config["KEY_ENCRYPTION_KEYS"]
    return keys


def test_a_version_counts_at_once_until_sso_is_activated_and_is_a_draft_afterwards(acme: Operator) -> None:
    def states() -> list[tuple[int, str]]:
        return [(row["version"], row["state"]) for row in acme.json("sso show acme")["versions"]]

    acme.ok(f"sso configure acme --metadata {acme.metadata()}")
    assert acme.json("sso show acme")["state"] == "enabled"
    acme.ok(f"sso configure acme --metadata {acme.metadata('https://two.example')}")
    assert states() == [(2, "live"), (1, "replaced")]
    acme.ok("sso activate acme --without-test --reason first")
    assert "draft" in acme.ok(f"sso configure acme --metadata {acme.metadata('https://three.example')}")
    assert states() == [(3, "draft"), (2, "live"), (1, "replaced")]
    assert acme.json("sso show acme")["state"] == "activated"
    assert "has not been tested" in acme.refused("sso activate acme")
    acme.ok("sso activate acme --without-test --reason 'new provider'")
    assert states() == [(3, "live"), (2, "replaced"), (1, "replaced")]
    assert "already activated" in acme.refused("sso activate acme --without-test --reason again")


def test_the_same_details_twice_are_not_a_new_version(connected: Operator) -> None:
    assert "exactly these details" in connected.refused(f"sso configure acme --metadata {connected.folder}/idp.xml")


def test_activation_takes_a_test_or_a_reason_to_do_without(acme: Operator) -> None:
    acme.ok(f"sso configure acme --metadata {acme.metadata()}")
    for line in ("", "--without-test", "--without-test --reason ' '", "--reason x"):
        acme.refused(f"sso activate acme {line}")
    with acme.app.app_context():
        db.session.scalars(select(SSOConfiguration)).one().tested_at = now()
        db.session.commit()
    assert acme.json("sso show acme")["state"] == "tested"
    acme.ok("sso activate acme")
    [event] = acme.json("audit list acme --search sso:activated")
    assert event["details"] == {"version": 1, "tested": True, "reason": None}


def test_activation_without_a_verified_domain_is_allowed_and_warned_about(acme: Operator) -> None:
    acme.ok(f"sso configure acme --metadata {acme.metadata()}")
    acme.ok("sso activate acme --without-test --reason x")
    assert "flask domain add acme" in acme.warnings
    [event] = acme.json("audit list acme --search sso:activated")
    assert event["details"] == {"version": 1, "tested": False, "reason": "x"}


def test_deactivating_keeps_everything_and_activating_again_brings_it_back(connected: Operator) -> None:
    connected.ok("sso deactivate acme --reason 'incident 7'")
    assert connected.json("sso show acme")["state"] == "enabled"
    assert "nothing was changed" in connected.refused("sso deactivate acme")
    [event] = connected.json("audit list acme --search sso:deactivated")
    assert event["details"] == {"reason": "incident 7"}
    connected.ok("sso activate acme --without-test --reason back")
    assert connected.json("sso show acme")["state"] == "activated"
