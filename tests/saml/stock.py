"""pysaml2 as it comes, with the `xmlsec1` program: what the differential tests compare with."""

from __future__ import annotations

import base64
import shutil
from typing import Any

from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig

from tests.saml.conftest import Gate
from tests.saml.idp_metadata import describe_idp

PROGRAM = shutil.which("xmlsec1")


def client(gate: Gate) -> Saml2Client:
    configuration = gate.acme.connection.live_configuration
    metadata = describe_idp(configuration.idp_entity_id, tuple(configuration.certificates), configuration.sso_url)
    service: dict[str, Any] = {
        "endpoints": {"assertion_consumer_service": [(gate.message.acs, BINDING_HTTP_POST)]},
        "want_response_signed": False,
        "want_assertions_or_response_signed": True,
    }
    settings = {
        "entityid": gate.message.audience,
        "xmlsec_binary": PROGRAM,
        "allow_unknown_attributes": True,
        "accepted_time_diff": 180,
        "metadata": {"inline": [metadata]},
        "service": {"sp": service},
    }
    return Saml2Client(config=SPConfig().load(settings))


def accepts(stock: Saml2Client, document: bytes, request_id: str) -> bool:
    packed = base64.b64encode(document).decode()
    try:
        response = stock.parse_authn_request_response(
            packed, BINDING_HTTP_POST, outstanding={request_id: "/"}, conv_info={"remote_addr": "127.0.0.1"}
        )
    except Exception:  # almost any type can come out
        return False
    return response is not None and response.assertion is not None
