"""The HTTP-Redirect binding (SAML bindings 3.4): a message in a URL, with a signature over the query itself."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from saml.document import MAXIMUM_BYTES
from saml.keys import KeyRefused, fingerprint, read_certificate
from saml.receipt import Refused

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
RSA_SHA256 = f"{_MORE}rsa-sha256"
_METHODS: dict[str, tuple[type, hashes.HashAlgorithm]] = {
    f"{_MORE}{family}-{name}": (kind, digest)
    for family, kind in (("rsa", rsa.RSAPublicKey), ("ecdsa", ec.EllipticCurvePublicKey))
    for name, digest in (("sha256", hashes.SHA256()), ("sha384", hashes.SHA384()), ("sha512", hashes.SHA512()))
}
_PARAMETERS = ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding")


def signed_url(
    address: str, parameter: str, message: etree._Element, relay_state: str | None, key: rsa.RSAPrivateKey
) -> str:
    """`address` with the message as `parameter` (SAMLRequest or SAMLResponse), signed with RSA-SHA256.

    We sign the query ourselves: pysaml2's signer is one for the whole process, its key set for each call.
    """
    deflated = zlib.compress(etree.tostring(message), 9)[2:-4]
    values = {parameter: base64.b64encode(deflated).decode("ascii")}
    if relay_state:
        values["RelayState"] = relay_state
    query = urlencode({**values, "SigAlg": RSA_SHA256}, quote_via=quote, safe="")
    signature = key.sign(query.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
    separator = "&" if urlsplit(address).query else "?"
    return f"{address}{separator}{query}&Signature={quote(base64.b64encode(signature), safe='')}"


def read_query(query: bytes) -> dict[str, bytes]:
    """The parameters of the binding as they stand in the URL, still quoted. Raises Refused when one is there twice."""
    found: dict[str, bytes] = {}
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        text = name.decode("ascii", "replace")
        if text in _PARAMETERS and text in found:
            raise Refused(f"the address holds {text} more than once")
        if text in _PARAMETERS:
            found[text] = value
    if ("SAMLRequest" in found) == ("SAMLResponse" in found):
        raise Refused("the address holds neither a request nor a response, or both")
    return found


def inflate(quoted: bytes) -> bytes:
    """The document of a parameter; never more than the size limit is made of it."""
    try:
        packed = base64.b64decode(unquote_to_bytes(quoted), validate=True)
        inflater = zlib.decompressobj(-15)
        document = inflater.decompress(packed, MAXIMUM_BYTES + 1)
    except (binascii.Error, zlib.error) as error:
        raise Refused("the message in the address is not deflated base64") from error
    if len(document) > MAXIMUM_BYTES or inflater.unconsumed_tail:
        raise Refused(f"the message is larger than {MAXIMUM_BYTES // 1024} KB")
    return document


def verify_query(parameters: dict[str, bytes], certificates: Iterable[str]) -> str:
    """The fingerprint of the certificate whose key signed this query. Raises Refused (Bindings 3.4.4.1)."""
    if "SigAlg" not in parameters or "Signature" not in parameters:
        raise Refused("the address is not signed")
    message = "SAMLRequest" if "SAMLRequest" in parameters else "SAMLResponse"
    names = [name for name in (message, "RelayState", "SigAlg") if name in parameters]
    signed = b"&".join(name.encode() + b"=" + parameters[name] for name in names)
    kind, digest = _METHODS.get(unquote_to_bytes(parameters["SigAlg"]).decode("ascii", "replace"), (None, None))
    if kind is None or digest is None:
        raise Refused("the signature method is not accepted: RSA or ECDSA with SHA-256 or longer")
    try:
        signature = base64.b64decode(unquote_to_bytes(parameters["Signature"]), validate=True)
    except binascii.Error as error:
        raise Refused("the signature is not base64") from error
    for pem in certificates:
        try:
            certificate = read_certificate(pem)
            key = certificate.public_key()
            if isinstance(key, kind) and isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, signed, padding.PKCS1v15(), digest)
            elif isinstance(key, kind) and isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(_as_der(signature, key), signed, ec.ECDSA(digest))
            else:
                continue
        except (KeyRefused, InvalidSignature, ValueError):
            continue
        return fingerprint(certificate)
    raise Refused("no certificate of this connection verifies the signature")


def _as_der(signature: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """XML signatures write ECDSA as r and s side by side (RFC 4051, 2.3.6); some senders write DER."""
    size = (key.key_size + 7) // 8
    if len(signature) != 2 * size:
        return signature
    return encode_dss_signature(int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))
