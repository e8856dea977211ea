"""The check `pysaml2`: the library validates the same bytes on its own, and has to agree on what was read."""

from __future__ import annotations

from collections.abc import Sequence

from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client

from saml.backend import AtHand, at_hand
from saml.receipt import Refused
from saml.shape import Shape
from saml.signatures import Proof


def agree(
    client: Saml2Client,
    document: bytes,
    decrypted: bytes | None,
    shape: Shape,
    proofs: Sequence[Proof],
    request_id: str | None,
    name_id: str | None,
) -> None:
    """Raises Refused unless pysaml2 accepts the document and reads the same assertion and the same subject from it.

    `decrypted` is the document with the plaintext in its place: what was encrypted is decrypted once, by us. Any
    exception type can come out of pysaml2; the receipt turns it into a refusal without its text.
    """
    assert shape.assertion is not None  # there is one, or nothing was verified
    trees = {document: shape.response}
    if decrypted is not None:
        trees[decrypted] = shape.assertion.getroottree().getroot()
    with at_hand(AtHand(decrypted, trees, proofs)):
        response = client.parse_authn_request_response(
            document,
            BINDING_HTTP_POST,
            outstanding={request_id: "/"} if request_id else {},
            # Without this the Recipient is not looked at; 0.0.0.0: the address of a person on the move may change.
            conv_info={"remote_addr": "0.0.0.0"},  # noqa: S104  an address is not bound to
        )
    if response is None or response.assertion is None:
        raise Refused("pysaml2 does not accept the message")
    read = response.name_id.text.strip() if response.name_id is not None and response.name_id.text else None
    if response.assertion.id != shape.assertion.get("ID") or read != name_id:
        raise Refused("pysaml2 reads another assertion or another subject from the message")
