"""An operator who types commands, and the metadata of an identity provider to type them with."""

from __future__ import annotations

import base64
import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from database import db


class Operator:
    """Types commands. `ok` insists on success and returns what was printed, `refused` on one sentence and no change."""

    def __init__(self, app: Flask, runner: FlaskCliRunner, folder: Path) -> None:
        self.app, self.runner, self.folder = app, runner, folder

    def ok(self, line: str) -> str:
        result = self.runner.invoke(args=shlex.split(line))
        assert result.exit_code == 0, f"{line}: {result.output}"
        self.warnings = result.stderr
        return result.stdout

    def json(self, line: str) -> Any:
        return json.loads(self.ok(f"{line} --json"))

    def refused(self, line: str) -> str:
        before = self.contents()
        result = self.runner.invoke(args=shlex.split(line))
        assert result.exit_code != 0, f"{line}: {result.output}"
        assert isinstance(result.exception, SystemExit), repr(result.exception)
        assert result.stdout == ""
        assert self.contents() == before, "a refused command changed something"
        return result.stderr

    def contents(self) -> dict[str, list[Any]]:
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
