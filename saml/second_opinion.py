"""The check `pysaml2`: the library validates the same bytes on its own, and has to agree on what was read.

One client per connection configuration, kept in a bounded cache by content. The client knows only this
connection's identity provider, so no other organization's can ever answer for it.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from saml2 import BINDING_HTTP_POST
from saml2.cache import Cache
from saml2.client import Saml2Client
from saml2.config import SPConfig

from saml import schema
from saml.endpoints import Endpoints
from saml.metadata import describe_idp
from saml.receipt import Refused
from saml.rules import SKEW
from saml.signatures import InProcessBackend, handing_over

schema.install()

# About 30 KB each; one that is not there is built in a millisecond.
CLIENTS = 512


class _ForgetfulCache(Cache):  # type: ignore[misc]
    """pysaml2 keeps what it learnt of everybody who signed in, for ever; we keep nothing."""

    def set(self, *_args: Any, **_kwargs: Any) -> None:
        return None


@lru_cache(maxsize=CLIENTS)
def client_for(
    endpoints: Endpoints, idp_entity_id: str, sso_url: str, certificates: tuple[str, ...], unsolicited: bool = False
) -> Saml2Client:
    """`unsolicited`: for answers to no request, which this client accepts and the other one never does."""
    config = SPConfig().load(
        {
            "entityid": endpoints.entity_id,
            # Chosen because it looks for no binary and fails closed; the backend is replaced below.
            "crypto_backend": "XMLSecurity",
            "only_use_keys_in_metadata": True,
            "allow_unknown_attributes": True,
            "accepted_time_diff": int(SKEW.total_seconds()),
            "metadata": {"inline": [describe_idp(idp_entity_id, sso_url, certificates)]},
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(endpoints.acs, BINDING_HTTP_POST)]},
                    "allow_unsolicited": unsolicited,
                    "authn_requests_signed": False,  # signed by authn_request.py: pysaml2's signer is shared by threads
                    "want_response_signed": False,
                    "want_assertions_signed": False,
                    "want_assertions_or_response_signed": True,
                }
            },
        }
    )
    client = Saml2Client(config=config, identity_cache=_ForgetfulCache())
    client.sec.crypto = InProcessBackend()
    client.metadata.security.crypto = client.sec.crypto
    client.sec.enc_key_files = ["none: the backend is handed the plaintext"]
    return client


def agree(
    client: Saml2Client,
    document: bytes,
    decrypted: bytes | None,
    request_id: str | None,
    assertion_id: str,
    name_id: str | None,
) -> None:
    """Raises Refused unless pysaml2 accepts the document and reads the same assertion and the same subject from it.

    `decrypted` is the document with the plaintext in its place: what was encrypted is decrypted once, by us. Any
    exception type can come out of pysaml2; the receipt turns it into a refusal without its text.
    """
    with handing_over(decrypted):
        response = client.parse_authn_request_response(
            base64.b64encode(document).decode("ascii"),
            BINDING_HTTP_POST,
            outstanding={request_id: "/"} if request_id else {},
            # Without this the Recipient is not looked at; 0.0.0.0: the address of a person on the move may change.
            conv_info={"remote_addr": "0.0.0.0"},  # noqa: S104  an address is not bound to
        )
    if response is None or response.assertion is None:
        raise Refused("pysaml2 does not accept the message")
    read = response.name_id.text.strip() if response.name_id is not None and response.name_id.text else None
    if response.assertion.id != assertion_id or read != name_id:
        raise Refused("pysaml2 reads another assertion or another subject from the message")
