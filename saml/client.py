"""pysaml2's client for one connection configuration, kept in a bounded cache by content.

A client knows only its connection's identity provider, so no other organization's can ever answer for it. What all
clients have in common is made once; the rest of one is a few references, so ten thousand organizations cost no more
than one.

What pysaml2 decides stays pysaml2's: its own tree of the document, the schema, its constraints on signatures, the
cardinalities, times, audience and confirmation. Only what it does twice, or for nobody, is left out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from saml2 import BINDING_HTTP_POST
from saml2.cache import Cache
from saml2.client import Saml2Client
from saml2.config import SPConfig

from saml import remembered, schema
from saml.backend import InProcessBackend
from saml.endpoints import Endpoints
from saml.one_reading import OneReading, SchemaAsSent
from saml.rules import SKEW

schema.install()
remembered.install()


# A few kilobytes each; one that is not there is built in a few microseconds.
CLIENTS = 512


class _ForgetfulCache(Cache):  # type: ignore[misc]
    """pysaml2 keeps what it learnt of everybody who signed in, for ever; we keep nothing."""

    def set(self, *_args: Any, **_kwargs: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class _Certificate:
    """pysaml2 hands the backend the name of a file that it wrote; for these it is the PEM text, and none is written."""

    name: str


class _OneIdentityProvider:
    """What pysaml2 asks its metadata: the certificates of this connection's identity provider, and of nobody else."""

    def __init__(self, entity_id: str, certificates: Sequence[str]) -> None:
        self._entity_id = entity_id
        self._certificates = [(None, _Certificate(pem)) for pem in certificates]

    def certs(self, entity_id: str, _descriptor: str, use: str = "signing") -> list[tuple[None, _Certificate]]:
        if entity_id != self._entity_id or use != "signing":
            raise KeyError(entity_id)
        return self._certificates


class _Client(Saml2Client):  # type: ignore[misc]
    """`acs`: the one address at which it may be answered."""

    acs: str

    def service_urls(self, binding: str = BINDING_HTTP_POST) -> list[str]:
        return [self.acs]

    @staticmethod
    def unravel(txt: bytes, _binding: str, _msgtype: str = "response") -> bytes:
        """The bytes that we looked at, and never what inflating them would give."""
        return txt

    def _parse_response(self, xmlstr: bytes, _response_class: type, *args: Any, **kwargs: Any) -> Any:
        return super()._parse_response(xmlstr, OneReading, *args, **kwargs)


@lru_cache(maxsize=1)
def _pattern() -> _Client:
    """A client that trusts nobody, from which the others are copied."""
    config = SPConfig().load(
        {
            "entityid": "nobody",
            # Chosen because it looks for no binary and fails closed; the context is replaced below.
            "crypto_backend": "XMLSecurity",
            "only_use_keys_in_metadata": True,
            "allow_unknown_attributes": True,
            "accepted_time_diff": int(SKEW.total_seconds()),
            "service": {
                "sp": {
                    "authn_requests_signed": False,  # signed by authn_request.py: pysaml2's signer is shared by threads
                    "want_response_signed": False,
                    "want_assertions_signed": False,
                    "want_assertions_or_response_signed": True,
                }
            },
        }
    )
    client = _Client(config=config, identity_cache=_ForgetfulCache())
    client.sec = SchemaAsSent(
        InProcessBackend(),
        metadata=_OneIdentityProvider("", ()),
        only_use_keys_in_metadata=True,
        enc_key_files=["none: the backend is handed the plaintext"],
    )
    return client


@lru_cache(maxsize=CLIENTS)
def client_for(
    endpoints: Endpoints, idp_entity_id: str, certificates: tuple[str, ...], unsolicited: bool = False
) -> Saml2Client:
    """`unsolicited`: for answers to no request, which this client accepts and the other one never does."""
    client = _copied(_pattern())
    client.config = _copied(client.config)
    client.config.entityid = endpoints.entity_id
    client.acs = endpoints.acs
    client.allow_unsolicited = unsolicited
    client.sec = _copied(client.sec)
    client.sec.metadata = client.metadata = _OneIdentityProvider(idp_entity_id, certificates)
    return client


def _copied(pattern: Any) -> Any:
    """As `copy.copy` does it for an object that only has attributes, without its ways for all the others."""
    made = object.__new__(type(pattern))
    made.__dict__.update(pattern.__dict__)
    return made
