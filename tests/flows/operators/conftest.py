"""The operator, and Acme in the states that the commands are typed in."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from tests.flows.operators.typing_commands import Operator


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
