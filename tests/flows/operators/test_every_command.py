"""What holds for every command: an unknown organization, help, the manual, a database without tables."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from flask import Flask

import commands
from database import db
from provisioning.decision import RULES, Outcome
from saml.receipt import CHECKS
from tests.flows.operators.typing_commands import Operator
from tests.name_server import NameServer

MANUAL = Path(__file__).parents[3] / "docs" / "operators.md"
GROUPS = ("org", "domain", "sso", "keys", "support", "jit", "people", "audit", "jobs")


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
    "domain check nobody new.example",
    "domain verify nobody acme.example --reason x",
    "domain list nobody",
    "sso prepare nobody",
    "sso configure nobody --metadata idp.xml",
    "sso activate nobody --without-test --reason x",
    "sso deactivate nobody",
    "sso show nobody",
    "sso idp-initiated nobody on",
    "keys list nobody",
    "keys add nobody",
    "keys retire nobody 1",
    "support unlock nobody --reason x",
    "support lock nobody --reason x",
    "support plan nobody flex --reason x",
    "support seats nobody 5 --reason x",
    "jit on nobody",
    "jit off nobody",
    "jit explain nobody eve@acme.example",
    "people list nobody",
    "people reset-second-factor nobody ana@acme.example --reason x",
    "audit list nobody",
]


@pytest.mark.parametrize("line", WITH_ORGANIZATION)
def test_an_unknown_organization_is_refused_with_where_to_look(acme: Operator, line: str) -> None:
    assert (
        acme.refused(line) == "Error: There is no organization “nobody”. `flask org list` shows the slugs there are.\n"
    )


def test_every_command_with_an_organization_is_in_the_list_above() -> None:
    named = {" ".join(line.split()[:2]) for line in WITH_ORGANIZATION}
    assert named | {"org create", "org list", "jobs run", "jobs status"} == {path for path, _ in all_commands()}


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


def test_the_manual_can_be_typed_from_top_to_bottom(
    operator: Operator, dns: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
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
