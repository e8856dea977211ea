"""Encrypted assertions (SAML core 2.3.4, XML Encryption 1.1): the check `decrypt`.

RSA-OAEP carries the key, AES-CBC or AES-GCM the assertion. The one EncryptedKey stands in the EncryptedData or beside
it; nothing is fetched or looked up by reference. The plaintext is put into the document as text, so that its prefixes
mean what they meant to the one who signed it, and goes through the text and shape checks like everything else.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from saml.receipt import Refused
from saml.shape import DS, SAML, XENC, encrypted_parts

_XENC = XENC[1:-1]
_XENC11 = "http://www.w3.org/2009/xmlenc11#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
CBC = {f"{_XENC}aes{bits}-cbc": bits // 8 for bits in (128, 192, 256)}
GCM = {f"{_XENC11}aes{bits}-gcm": bits // 8 for bits in (128, 192, 256)}
OAEP_MGF1P = f"{_XENC}rsa-oaep-mgf1p"
OAEP = f"{_XENC11}rsa-oaep"
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    f"{DS[1:-1]}sha1": hashes.SHA1(),  # noqa: S303  inside OAEP, where no collision helps anybody
    f"{_XENC}sha256": hashes.SHA256(),
    f"{_MORE}sha384": hashes.SHA384(),
    f"{_XENC}sha512": hashes.SHA512(),
}
_MASKS: dict[str, hashes.HashAlgorithm] = {
    f"{_XENC11}mgf1sha1": hashes.SHA1(),  # noqa: S303
    f"{_XENC11}mgf1sha256": hashes.SHA256(),
    f"{_XENC11}mgf1sha384": hashes.SHA384(),
    f"{_XENC11}mgf1sha512": hashes.SHA512(),
}
# One sentence for whatever goes wrong once a secret is involved, so that trying tells nothing.
UNREADABLE = (
    "the assertion cannot be decrypted with this connection's keys: refresh our metadata at the identity provider"
)


def splice(root: etree._Element, keys: Sequence[rsa.RSAPrivateKey]) -> bytes:
    """The document with the plaintext in the place of the EncryptedData. Raises Refused; `root` stays as it is."""
    encrypted_assertion = root.find(f"{SAML}EncryptedAssertion")
    assert encrypted_assertion is not None  # the shape found it
    data, key = encrypted_parts(encrypted_assertion)
    plaintext = _decrypt(data, key, keys)
    # A copy of the document in which a name that nobody can guess marks the place.
    place = f"plaintext-{secrets.token_hex(16)}"
    copied = etree.fromstring(etree.tostring(root))
    holder = copied.find(f"{SAML}EncryptedAssertion")
    for child in list(holder):
        holder.remove(child)
    holder.text = place
    return bytes(etree.tostring(copied)).replace(place.encode(), plaintext)


def _decrypt(data: etree._Element, key: etree._Element, keys: Sequence[rsa.RSAPrivateKey]) -> bytes:
    method = data.find(f"{XENC}EncryptionMethod")
    algorithm = method.get("Algorithm", "") if method is not None else ""
    if algorithm not in CBC and algorithm not in GCM:
        raise Refused(f"the encryption {algorithm.rpartition('#')[2][:40]} is not accepted: AES-GCM or AES-CBC")
    oaep = _oaep(key)
    if not keys:
        raise Refused("this connection publishes no encryption key: switch encryption off at the identity provider")
    wrapped, ciphertext = _value(key), _value(data)
    for private in keys:
        try:
            session_key = private.decrypt(wrapped, oaep)
            return _open(algorithm, session_key, ciphertext)
        except (ValueError, InvalidTag):
            continue
    raise Refused(UNREADABLE)


def _oaep(key: etree._Element) -> padding.OAEP:
    """The key transport that the EncryptedKey names; its digest is SHA-1 where it names none (XML Encryption 5.5.2)."""
    method = key.find(f"{XENC}EncryptionMethod")
    algorithm = method.get("Algorithm", "") if method is not None else ""
    if method is None or algorithm not in (OAEP_MGF1P, OAEP):
        raise Refused(f"the key transport {algorithm.rpartition('#')[2][:40]} is not accepted: RSA-OAEP")
    digest_name = _algorithm_of(method.find(f"{DS}DigestMethod"), f"{DS[1:-1]}sha1")
    mask_name = _algorithm_of(method.find(f"{{{_XENC11}}}MGF"), f"{_XENC11}mgf1sha1")
    if digest_name not in _DIGESTS or mask_name not in _MASKS or (algorithm == OAEP_MGF1P and "sha1" not in mask_name):
        raise Refused("the digest or mask of RSA-OAEP is not accepted: SHA-1 to SHA-512")
    parameters = method.findtext(f"{XENC}OAEPparams")
    try:
        label = base64.b64decode("".join(parameters.split()), validate=True) if parameters else None
    except binascii.Error as error:
        raise Refused("the parameters of RSA-OAEP are not base64") from error
    return padding.OAEP(mgf=padding.MGF1(_MASKS[mask_name]), algorithm=_DIGESTS[digest_name], label=label)


def _algorithm_of(element: etree._Element | None, default: str) -> str:
    return default if element is None else str(element.get("Algorithm", ""))


def _value(element: etree._Element) -> bytes:
    text = element.findtext(f"{XENC}CipherData/{XENC}CipherValue") or ""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise Refused(UNREADABLE) from error


def _open(algorithm: str, key: bytes, ciphertext: bytes) -> bytes:
    """Raises ValueError or InvalidTag when key, length, padding or tag are not right."""
    if len(key) != (CBC | GCM)[algorithm]:
        raise ValueError("the session key has another length")
    if algorithm in GCM:
        return AESGCM(key).decrypt(ciphertext[:12], ciphertext[12:], None)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(ciphertext[:16])).decryptor()
    padded = decryptor.update(ciphertext[16:]) + decryptor.finalize()
    if not padded or not 1 <= padded[-1] <= 16:
        raise ValueError("the padding is wrong")
    return padded[: -padded[-1]]
