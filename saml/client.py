"""pysaml2's client for one connection configuration, kept in a bounded cache by content.

A client knows only its connection's identity provider, so no other organization's can ever answer for it. What all
clients have in common is made once; the rest of one is a few references, so ten thousand organizations cost no more
than one.

What pysaml2 decides stays pysaml2's: its own tree of the document, the schema, its constraints on signatures, the
cardinalities, times, audience and confirmation. Only what it does twice, or for nobody, is left out here.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from lxml import etree
from saml2 import BINDING_HTTP_POST, class_name, create_class_from_element_tree, samlp
from saml2.cache import Cache
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.response import AuthnResponse
from saml2.sigver import SecurityContext, SignatureError

from saml import schema
from saml.endpoints import Endpoints
from saml.rules import SKEW
from saml.signatures import InProcessBackend, find_signed

schema.install()

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


@dataclass(frozen=True, slots=True)
class _AsSent:
    """What pysaml2 read of an element; the schema is shown the element itself."""

    read: Any
    element: etree._Element

    def __getattr__(self, name: str) -> Any:
        return getattr(self.read, name)

    def __str__(self) -> str:
        return schema.text_of(self.element, self.read)


class _SecurityContext(SecurityContext):  # type: ignore[misc]
    def check_signature(self, item: Any, node_name: str, origdoc: str | bytes, *args: Any, **kwargs: Any) -> Any:
        element = find_signed(origdoc, node_name, item.id)
        super().check_signature(_AsSent(item, element), node_name, origdoc, *args, **kwargs)
        return item


class _Response(AuthnResponse):  # type: ignore[misc]
    """A Response that is parsed once. pysaml2 asks twice where only the assertion is signed, and tries other types."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signature_check = self._check_signature_of_response
        self._read: samlp.Response | None = None

    def _check_signature_of_response(
        self, xml: bytes, require_response_signature: bool = False, **_options: Any
    ) -> samlp.Response:
        if self._read is None:
            # By expat, not by the parser whose tree we read ourselves. The check `text` let no document type pass.
            tree = ElementTree.fromstring(xml)  # noqa: S314
            self._read = create_class_from_element_tree(samlp.Response, tree)
        if self._read is None:
            raise TypeError("not a Response")
        if self._read.signature:
            return self.sec.check_signature(self._read, class_name(self._read), xml)
        if require_response_signature:
            raise SignatureError("the Response is not signed")
        return self._read

    def get_identity(self) -> dict[str, Any]:
        """Nobody asks: what is used of the attributes is read from the element that we verified."""
        return {}


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
        return super()._parse_response(xmlstr, _Response, *args, **kwargs)


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
    client.sec = _SecurityContext(
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
    client = copy.copy(_pattern())
    client.config = copy.copy(client.config)
    client.config.entityid = endpoints.entity_id
    client.acs = endpoints.acs
    client.allow_unsolicited = unsolicited
    client.sec = copy.copy(client.sec)
    client.sec.metadata = client.metadata = _OneIdentityProvider(idp_entity_id, certificates)
    return client
