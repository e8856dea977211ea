"""Everything an operator does, through the commands they type, against a real database."""

from __future__ import annotations

import base64
import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import click
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

import commands
from database import db, now
from models import AuditEvent, Domain, Entitlement, Organization, SSOConfiguration, SSOConnection, User
from organizations import creation, passwords
from provisioning.decision import RULES, Outcome
from saml.keys import open_signing_key
from saml.receipt import CHECKS

MANUAL = Path(__file__).parents[2] / "docs" / "operators.md"
GROUPS = ("org", "domain", "sso", "support", "jit", "people", "audit")


class Operator:
    """Types commands. `ok` insists on success and returns what was printed, `refused` on one sentence and no change."""

    def __init__(self, app: Flask, runner: FlaskCliRunner, folder: Path) -> None:
        self.app, self.runner, self.folder = app, runner, folder

    def ok(self, line: str) -> str:
        result = self.runner.invoke(args=shlex.split(line))
        assert result.exit_code == 0, f"{line}: {result.output}"
        self.warnings = result.stderr
        return result.stdout

    def json(self, line: str):
        return json.loads(self.ok(f"{line} --json"))

    def refused(self, line: str) -> str:
        before = self.contents()
        result = self.runner.invoke(args=shlex.split(line))
        assert result.exit_code != 0, f"{line}: {result.output}"
        assert isinstance(result.exception, SystemExit), repr(result.exception)
        assert result.stdout == ""
        assert self.contents() == before, "a refused command changed something"
        return result.stderr

    def contents(self) -> dict[str, list]:
        with self.app.app_context():
            tables = db.metadata.sorted_tables
            return {table.name: [tuple(row) for row in db.session.execute(select(table))] for table in tables}

    def metadata(self, entity_id: str = "https://idp.acme.example/metadata", name: str = "idp.xml") -> Path:
        path = self.folder / name
        path.write_text(idp_metadata(entity_id))
        return path

    def actions(self, slug: str = "acme") -> list[str]:
        return [event["action"] for event in self.json(f"audit list {slug}")]


def idp_metadata(entity_id: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}">'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
        'Location="https://idp.acme.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
    )


@pytest.fixture
def operator(app: Flask, runner: FlaskCliRunner, tmp_path: Path) -> Operator:
    return Operator(app, runner, tmp_path)


@pytest.fixture
def acme(operator: Operator) -> Operator:
    """Acme is on the Flex plan with ten seats; ana is its admin."""
    operator.ok("org create acme --name 'Acme Research' --plan flex --seats 10 --admin ana@acme.example")
    return operator


@pytest.fixture
def connected(acme: Operator) -> Operator:
    """Acme with a verified domain and SSO activated; JIT Provisioning is locked, as it is at first."""
    acme.ok("domain add acme acme.example")
    acme.ok("domain verify acme acme.example --reason 'contract 12'")
    acme.ok(f"sso configure acme --metadata {acme.metadata()}")
    acme.ok("sso activate acme --without-test --reason 'moved from the old system'")
    return acme


# Organizations


def test_creating_an_organization_gives_the_admin_a_link_that_works_once(operator: Operator) -> None:
    printed = operator.ok(
        "org create acme --name 'Acme Research' --plan flex --seats 10 --it-contact it@acme.example "
        "--admin Ana@Acme.Example"
    )
    base = re.escape(operator.app.config["PUBLIC_BASE_URL"])
    token = re.search(rf"^{base}/set-password/(\S+)$", printed, re.MULTILINE)
    assert token, printed
    with operator.app.app_context():
        link = passwords.find_link(token[1])
        assert link
        assert link.user.email == "ana@acme.example"
        assert link.user.role == "admin"
        organization = db.session.scalars(select(Organization)).one()
        assert (organization.plan, organization.seats, organization.it_contact) == ("flex", 10, "it@acme.example")
        assert creation.general_workspace(organization.id).name == "General"
    assert operator.actions() == ["operator:admin:created", "operator:organization:created"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("acme --name Other --plan flex --admin bo@acme.example", "already an organization acme"),
        ("'Acme Two' --name Acme --plan flex --admin bo@acme.example", "a-z, 0-9 and hyphens"),
        ("two --name Two --plan gold --admin bo@acme.example", "'flex', 'seat_based'"),
        ("two --name Two --plan flex --admin bo", "name@company.example"),
        ("two --name Two --plan flex --admin bo@two.example --seats 0", "--seats"),
        ("two --name Two --plan flex", "--admin"),
    ],
)
def test_an_organization_that_cannot_be_created_leaves_nothing(acme: Operator, arguments: str, says: str) -> None:
    assert says in acme.refused(f"org create {arguments}")


def test_a_new_link_replaces_the_old_one_and_the_customer_can_see_it(acme: Operator) -> None:
    first = acme.json("org link acme ana@acme.example")
    second = acme.json("org link acme ' ANA@acme.example'")
    assert second["admin"] == "ana@acme.example"
    assert second["good_for_days"] == 7
    with acme.app.app_context():
        assert passwords.find_link(first["link"].rpartition("/")[2]) is None
        assert passwords.find_link(second["link"].rpartition("/")[2]) is not None
    assert acme.actions().count("operator:password_link:created") == 2
    assert second["link"].rpartition("/")[2] not in json.dumps(acme.json("audit list acme"))


def test_a_link_is_for_an_active_admin_of_that_organization(acme: Operator) -> None:
    acme.ok("org create globex --name Globex --plan seat_based --admin cleo@globex.example")
    with acme.app.app_context():
        organization = creation.find("acme")
        assert organization
        creation.add_user(organization, "ben@acme.example", role="viewer", origin="setup")
        creation.add_user(organization, "old@acme.example", role="admin", origin="setup", status="deactivated")
        db.session.commit()
    for somebody in ("nobody@acme.example", "ben@acme.example", "old@acme.example", "cleo@globex.example"):
        assert "flask people list acme" in acme.refused(f"org link acme {somebody}")


def test_the_list_and_the_details_of_organizations(connected: Operator) -> None:
    connected.ok("org create globex --name Globex --plan seat_based --admin cleo@globex.example")
    assert connected.json("org list") == [
        {"slug": "acme", "name": "Acme Research", "plan": "flex", "people": 1, "seats": 10, "sso": "activated"},
        {"slug": "globex", "name": "Globex", "plan": "seat_based", "people": 1, "seats": None, "sso": "not_set_up"},
    ]
    table = connected.ok("org list").splitlines()
    assert table[0].split() == ["SLUG", "NAME", "PLAN", "PEOPLE", "SEATS", "SSO"]
    assert "no limit" in table[2]
    assert "not set up" in table[2]
    shown = connected.json("org show acme")
    assert shown["domains"] == [{"name": "acme.example", "state": "verified"}]
    assert (shown["role_for_new_people"], shown["jit_unlocked"], shown["jit_wish"]) == ("viewer", False, "off")
    assert re.search(r"^JIT Provisioning +locked; the switch is off$", connected.ok("org show acme"), re.MULTILINE)


def test_an_empty_list_says_how_to_begin(operator: Operator) -> None:
    assert "flask org create" in operator.ok("org list")
    assert operator.json("org list") == []


# Domains


def test_a_domain_is_pending_until_support_says_why_it_is_theirs(acme: Operator) -> None:
    assert "flask domain add acme" in acme.ok("domain list acme")
    assert "flask domain verify acme acme.example" in acme.ok("domain add acme ACME.example.")
    [row] = acme.json("domain list acme")
    assert (row["name"], row["state"], row["verified_at"]) == ("acme.example", "pending", None)
    acme.ok("domain verify acme acme.example --reason 'contract 12'")
    assert "verified" in acme.ok("domain list acme")
    [event] = acme.json("audit list acme --search domain:verified")
    assert (event["actor"], event["subject"], event["details"]) == (
        "support",
        "acme.example",
        {"reason": "contract 12"},
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("domain add acme gmail.com", "public mail domain"),
        ("domain add acme nonsense", "not a domain name"),
        ("domain add acme acme.example", "already a domain of Acme Research"),
        ("domain verify acme other.example --reason x", "Add it first"),
        ("domain verify acme acme.example --reason ' '", "Give the reason"),
        ("domain verify acme acme.example", "--reason"),
    ],
)
def test_a_domain_is_refused_with_the_cure(acme: Operator, line: str, says: str) -> None:
    acme.ok("domain add acme acme.example")
    assert says in acme.refused(line)


def test_a_domain_is_verified_for_one_organization_only(connected: Operator) -> None:
    connected.ok("org create globex --name Globex --plan flex --admin cleo@globex.example")
    connected.ok("domain add globex acme.example")
    assert "another organization" in connected.refused("domain verify globex acme.example --reason theirs")


# SSO


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
        assert open_signing_key(connection.signing_key, connection_keys(connected)).key_size >= 2048
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


@pytest.mark.parametrize(
    ("content", "says"),
    [("not xml at all", "metadata"), ("<a/>", "identity provider"), ("", "metadata"), (None, "cannot be read")],
)
def test_metadata_that_cannot_be_used_is_refused_with_the_cure(acme: Operator, content: str | None, says: str) -> None:
    path = acme.folder / "bad.xml"
    if content is not None:
        path.write_text(content)
    assert says in acme.refused(f"sso configure acme --metadata {path}")


def test_metadata_from_an_address_that_is_not_https_is_refused(acme: Operator) -> None:
    assert "https://" in acme.refused("sso configure acme --metadata http://8.8.8.8/metadata")
    assert "larger than 1 MB" in acme.refused("sso configure acme --metadata /dev/zero")


def test_metadata_is_taken_from_the_address_it_is_published_at(acme: Operator) -> None:
    class Published(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(idp_metadata("https://idp.acme.example/metadata").encode())

        def log_message(self, *_: object) -> None:
            """Nothing on standard error: the command's own words are looked at."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Published) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/metadata"
        acme.ok(f"sso configure acme --metadata {url}")
        server.shutdown()
        thread.join()
    [version] = acme.json("sso show acme")["versions"]
    assert (version["source"], version["idp_entity_id"]) == (url, "https://idp.acme.example/metadata")
    assert version["certificates"][0]["ends_at"] == "2036-01-01T00:00:00Z"


def test_a_file_is_named_in_the_log_without_its_folder(connected: Operator) -> None:
    [event] = connected.json("audit list acme --search sso:configured")
    assert event["details"]["source"] == "idp.xml"
    assert event["details"]["idp_entity_id"] == "https://idp.acme.example/metadata"


# JIT Provisioning


def explained(operator: Operator, address: str = "eve@acme.example") -> str:
    reason: str = operator.json(f"jit explain acme {address}")["reason"]
    return reason


def test_jit_needs_sso_then_the_unlock_then_the_switch(acme: Operator) -> None:
    assert explained(acme) == "sso_not_activated"
    assert "flask sso show acme" in acme.refused("jit on acme")
    acme.ok("domain add acme acme.example")
    acme.ok("domain verify acme acme.example --reason x")
    acme.ok(f"sso configure acme --metadata {acme.metadata()}")
    acme.ok("sso activate acme --without-test --reason x")
    assert explained(acme) == "jit_locked"
    assert "flask support unlock acme" in acme.refused("jit on acme")
    acme.ok("support unlock acme --reason 'asked for it'")
    assert explained(acme) == "jit_off"
    assert "is on" in acme.ok("jit on acme")
    assert explained(acme) == "created_just_in_time"
    assert "already on" in acme.ok("jit on acme")
    assert acme.actions().count("operator:jit:turned_on") == 1
    acme.ok("jit off acme")
    assert explained(acme) == "jit_off"


def test_a_lock_stops_provisioning_and_leaves_the_wish(connected: Operator) -> None:
    connected.ok("support unlock acme --reason trial")
    connected.ok("jit on acme")
    connected.ok("support lock acme --reason 'trial is over'")
    assert explained(connected) == "jit_locked"
    shown = connected.json("org show acme")
    assert (shown["jit_unlocked"], shown["jit_wish"], shown["jit_in_effect"]) == (False, "on", False)
    assert "locked; the switch is on, without effect" in connected.ok("org show acme")
    assert "not unlocked" in connected.refused("support lock acme --reason again")
    connected.ok("support unlock acme --reason 'trial again'")
    assert explained(connected) == "created_just_in_time"


def test_an_unlock_ends_with_the_day_it_was_given_until(connected: Operator) -> None:
    day = now().date() + timedelta(days=30)
    assert f"until {day} 23:59:59 UTC" in connected.ok(f"support unlock acme --reason trial --until {day}")
    with connected.app.app_context():
        ends_at = db.session.scalars(select(Entitlement)).one().ends_at
    assert ends_at == datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    assert connected.json("org show acme")["jit_unlocked_until"] == f"{day}T23:59:59Z"
    connected.ok(f"support unlock acme --reason today --until {now().date()}")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("", "--reason"),
        ("--reason ' '", "Give the reason"),
        ("--reason x --until 2020-01-01", "in the past"),
        ("--reason x --until tomorrow", "--until"),
    ],
)
def test_an_unlock_is_refused_with_the_cure(acme: Operator, options: str, says: str) -> None:
    assert says in acme.refused(f"support unlock acme {options}")


def test_explain_says_why_and_changes_nothing(connected: Operator) -> None:
    connected.ok("support unlock acme --reason trial")
    connected.ok("jit on acme")
    before = connected.contents()
    printed = connected.ok("jit explain acme EVE@acme.example")
    assert "eve@acme.example would get an account and be signed in as Viewer." in printed
    assert "created_just_in_time (rule 14)" in printed
    assert explained(connected, "eve@acme.example.evil.example") == "domain_not_verified"
    assert explained(connected, "eve@sub.acme.example") == "domain_not_verified"
    assert explained(connected, "ana@acme.example") == "existing_account_linked"
    assert connected.json("jit explain acme ana@acme.example")["role"] == "admin"
    assert connected.contents() == before
    assert "name@company.example" in connected.refused("jit explain acme eve")


# People and audit


def test_people_are_listed_completely_and_of_one_organization_only(acme: Operator) -> None:
    acme.ok("org create globex --name Globex --plan flex --admin cleo@globex.example")
    with acme.app.app_context():
        organization = creation.find("acme")
        assert organization
        for number in range(120):
            creation.add_user(organization, f"p{number:03}@acme.example", role="viewer", origin="setup")
        db.session.commit()
    emails = [person["email"] for person in acme.json("people list acme")]
    assert emails == ["ana@acme.example", *(f"p{number:03}@acme.example" for number in range(120))]
    assert len(acme.ok("people list acme").splitlines()) == 122
    assert [person["email"] for person in acme.json("people list globex")] == ["cleo@globex.example"]


def test_a_name_from_outside_cannot_drive_the_terminal(acme: Operator) -> None:
    with acme.app.app_context():
        user = db.session.scalars(select(User)).one()
        user.display_name = "Ana\x1b[2J\nroot\u202e"
        db.session.commit()
    printed = acme.ok("people list acme")
    assert "Ana?[2J?root?" in printed
    assert len(printed.splitlines()) == 2
    assert "\x1b" not in acme.ok("people list acme --json")


def test_the_audit_log_is_searched_and_paged(connected: Operator) -> None:
    newest_first = [event["id"] for event in connected.json("audit list acme")]
    assert newest_first == sorted(newest_first, reverse=True)
    first = connected.json("audit list acme --limit 2")
    assert [event["id"] for event in first] == newest_first[:2]
    assert f"--before {newest_first[1]}" in connected.warnings
    rest = connected.json(f"audit list acme --before {newest_first[1]}")
    assert [event["id"] for event in rest] == newest_first[2:]
    assert "SSO activated" in connected.ok("audit list acme --search activated")
    assert "No event matches" in connected.ok("audit list acme --search nothing-like-this")


# What holds for all of them


def all_commands() -> list[tuple[str, click.Command]]:
    app = Flask("commands")
    commands.init_app(app)
    groups = [app.cli.commands[name] for name in GROUPS]
    return [
        (f"{group.name} {name}", command)
        for group in groups
        if isinstance(group, click.Group)
        for name, command in group.commands.items()
    ]


WITH_ORGANIZATION = [
    "org show nobody",
    "org link nobody ana@acme.example",
    "domain add nobody new.example",
    "domain verify nobody acme.example --reason x",
    "domain list nobody",
    "sso prepare nobody",
    "sso configure nobody --metadata idp.xml",
    "sso activate nobody --without-test --reason x",
    "sso deactivate nobody",
    "sso show nobody",
    "support unlock nobody --reason x",
    "support lock nobody --reason x",
    "jit on nobody",
    "jit off nobody",
    "jit explain nobody eve@acme.example",
    "people list nobody",
    "audit list nobody",
]


@pytest.mark.parametrize("line", WITH_ORGANIZATION)
def test_an_unknown_organization_is_refused_with_where_to_look(acme: Operator, line: str) -> None:
    assert (
        acme.refused(line) == "Error: There is no organization “nobody”. `flask org list` shows the slugs there are.\n"
    )


def test_every_command_with_an_organization_is_in_the_list_above() -> None:
    named = {" ".join(line.split()[:2]) for line in WITH_ORGANIZATION}
    assert named | {"org create", "org list"} == {path for path, _ in all_commands()}


def test_every_command_and_option_has_help_and_stands_in_the_manual() -> None:
    manual = MANUAL.read_text()
    for path, command in all_commands():
        assert command.help, f"{path} has no help"
        assert f"flask {path}" in manual, f"{path} is not in {MANUAL.name}"
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{path} {parameter.opts} has no help"
                assert parameter.opts[0] in manual, f"{path} {parameter.opts} is not in {MANUAL.name}"


def test_every_setting_stands_in_the_manual() -> None:
    source = (MANUAL.parents[1] / "config.py").read_text()
    names = set(re.findall(r'environ\.get\("(\w+)"', source))
    assert names
    for name in names:
        assert f"`{name}`" in MANUAL.read_text(), f"{name} is not in {MANUAL.name}"


def test_every_reason_that_a_refusal_can_have_stands_in_the_manual() -> None:
    troubleshooting = MANUAL.read_text().partition("## Troubleshooting by reference code")[2]
    refusals = {reason for _, outcome, reason, _ in RULES if outcome is Outcome.REFUSE}
    for name in (*refusals, *CHECKS, "unexpected"):
        assert f"`{name}`" in troubleshooting, f"{name} is not in {MANUAL.name}"


def test_the_manual_can_be_typed_from_top_to_bottom(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every `$ flask …` line of the manual, in its order, beginning with an empty database."""
    operator.metadata()
    operator.metadata("https://idp.acme.example/metadata", "idp-new.xml")
    monkeypatch.chdir(operator.folder)
    lines = re.findall(r"^\$ flask (.+)$", MANUAL.read_text(), re.MULTILINE)
    typed = [line for line in lines if line.split()[0] in GROUPS]
    assert {" ".join(line.split()[:2]) for line in typed} == {path for path, _ in all_commands()}
    for line in typed:
        operator.ok(line)


def test_a_database_without_tables_is_answered_with_the_cure(operator: Operator) -> None:
    with operator.app.app_context():
        db.drop_all()
    for line in ("org list", "org create acme --name A --plan flex --admin ana@acme.example"):
        result = operator.runner.invoke(args=shlex.split(line))
        assert result.exit_code == 1
        assert "flask db upgrade" in result.stderr
        assert "Traceback" not in result.output


def test_a_change_and_its_event_come_together(connected: Operator) -> None:
    connected.ok("support unlock acme --reason x")
    connected.ok("jit on acme")
    with connected.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == len(connected.actions())
        assert db.session.scalar(select(func.count()).select_from(Domain)) == 1
    assert sorted(connected.actions()) == sorted(
        [
            "operator:admin:created",
            "operator:domain:added",
            "operator:jit:turned_on",
            "operator:organization:created",
            "operator:sso:activated",
            "operator:sso:configured",
            "operator:sso:prepared",
            "support:domain:verified",
            "support:entitlement:unlocked",
        ]
    )
