"""Secrets of ours, encrypted at rest, and what makes an IdP's public key acceptable."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

MINIMUM_RSA_BITS = 2048
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
# Identity providers pin the certificate, so its end is a date on which everybody's sign-in breaks. Far away.
CERTIFICATE_LIFETIME = timedelta(days=3650)

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class KeyRefused(ValueError):
    """A key or certificate that must not be used; the text says what to do."""


def make_key(common_name: str, key_encryption_keys: list[str]) -> tuple[bytes, str]:
    """A new RSA-3072 key: (PKCS#8 encrypted with the first key-encryption key, self-signed certificate as PEM)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + CERTIFICATE_LIFETIME)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (
        encrypt(plain, key_encryption_keys),
        certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
    )


def encrypt(plain: bytes, key_encryption_keys: list[str]) -> bytes:
    """Encrypted and authenticated with the first, which is the newest, of the key-encryption keys."""
    return _cipher(key_encryption_keys).encrypt(plain)


def decrypt(encrypted: bytes, key_encryption_keys: list[str]) -> bytes:
    """Raises KeyRefused when none of the key-encryption keys opens it."""
    try:
        return _cipher(key_encryption_keys).decrypt(encrypted)
    except InvalidToken as error:
        raise KeyRefused(
            "A stored secret cannot be opened: put the key it was encrypted with back into KEY_ENCRYPTION_KEY."
        ) from error


def open_key(encrypted: bytes, key_encryption_keys: list[str]) -> rsa.RSAPrivateKey:
    """Raises KeyRefused when none of the key-encryption keys opens it."""
    return _open(encrypted, tuple(key_encryption_keys))


@lru_cache(maxsize=512)
def _open(encrypted: bytes, key_encryption_keys: tuple[str, ...]) -> rsa.RSAPrivateKey:
    plain = decrypt(encrypted, list(key_encryption_keys))
    # Its primes were checked when it was made, and the encryption is authenticated: no need for it at each start.
    key = serialization.load_der_private_key(plain, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyRefused("A stored private key is not an RSA key.")
    return key


def read_certificate(pem: str) -> x509.Certificate:
    """An IdP's signing certificate whose key is strong enough. Raises KeyRefused.

    The certificate is only a wrapper around the key (SAML metadata interoperability profile, 2.6.1): trust comes
    from the configuration, so its dates and issuer do not decide.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        key: object = certificate.public_key()
    except UnsupportedAlgorithm:
        key = None  # a kind of key that is not known here, such as another curve
    except (ValueError, UnicodeEncodeError) as error:
        raise KeyRefused("A certificate cannot be read. Copy it again from the identity provider.") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MINIMUM_RSA_BITS:
        return certificate
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return certificate
    raise KeyRefused(
        f"A certificate's key is too weak: RSA of at least {MINIMUM_RSA_BITS} bits, or EC P-256, P-384 or P-521."
    )


def der(certificate: x509.Certificate) -> bytes:
    """The certificate's own bytes: whoever reads them reads the key that was judged, and no text around it."""
    return certificate.public_bytes(serialization.Encoding.DER)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER form as upper-case hex pairs, as identity providers show it."""
    return hashlib.sha256(der(certificate)).digest().hex(":").upper()


def _cipher(keys: list[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
