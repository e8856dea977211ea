"""pysaml2 as its documentation sets it up, with the `xmlsec1` program: alone, and as the smallest Flask application.

The application is what one writes first: one client that is kept, a row for the session, a redirect. It checks
neither who began the sign-in nor whether an assertion was used before.
"""

from __future__ import annotations

import json
import os
import secrets
from typing import Any

import flask
from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig
from sqlalchemy import create_engine, text

ORDER = "LATCHKEY_BENCH_STOCK"


def configuration(
    entity_id: str, acs: str, metadata: str, key_file: str, certificate_file: str, binary: str, **options: Any
) -> SPConfig:
    """`metadata`: the identity provider's, as text."""
    return SPConfig().load(
        {
            "entityid": entity_id,
            "xmlsec_binary": binary,
            "key_file": key_file,
            "cert_file": certificate_file,
            "encryption_keypairs": [{"key_file": key_file, "cert_file": certificate_file}],
            "allow_unknown_attributes": True,
            "metadata": {"inline": [metadata]},
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(acs, BINDING_HTTP_POST)]},
                    "want_response_signed": False,
                    "want_assertions_or_response_signed": True,
                    **options,
                }
            },
        }
    )


def create_app() -> flask.Flask:
    """For gunicorn; the environment holds what `configuration` takes and the address of the database, as JSON."""
    order = json.loads(os.environ[ORDER])
    engine = create_engine(order.pop("database_url"))
    client = Saml2Client(config=configuration(**order, allow_unsolicited=True))
    app = flask.Flask("stock")

    @app.post("/saml/<connection>/acs")
    def acs(connection: str) -> tuple[str, int, dict[str, str]]:
        read = client.parse_authn_request_response(flask.request.form["SAMLResponse"], BINDING_HTTP_POST)
        token = secrets.token_urlsafe(32)
        with engine.begin() as database:
            database.execute(
                text("INSERT INTO stock_session (token, name_id) VALUES (:token, :name_id)"),
                {"token": token, "name_id": read.name_id.text},
            )
        return "", 303, {"Location": "/", "Set-Cookie": f"session={token}; HttpOnly"}

    return app


def make_table(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as database:
        if engine.dialect.name == "sqlite":
            database.execute(text("PRAGMA journal_mode = WAL"))
        database.execute(text("CREATE TABLE stock_session (token TEXT PRIMARY KEY, name_id TEXT)"))
    engine.dispose()
