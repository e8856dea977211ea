"""Certificates of identity providers that the tests make up; elliptic curves, because they are made at once."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def make_certificate(kind: str) -> x509.Certificate:
    """`P-256`, `P-384`, `P-521`, `P-192`, `RSA-1024` or `RSA-2048`."""
    curves = {"P-192": ec.SECP192R1, "P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
    key: PrivateKey
    if kind in curves:
        key = ec.generate_private_key(curves[kind]())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=int(kind.partition("-")[2]))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, kind)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )


def as_der(kind: str) -> bytes:
    return make_certificate(kind).public_bytes(serialization.Encoding.DER)


def as_base64(kind: str) -> str:
    return base64.b64encode(as_der(kind)).decode("ascii")


def as_pem(kind: str) -> str:
    return make_certificate(kind).public_bytes(serialization.Encoding.PEM).decode("ascii")


def of_an_unheard_of_curve() -> bytes:
    """The DER of a P-256 certificate whose curve is called by a number that nobody has given."""
    known, unknown = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d03017f")
    der = as_der("P-256")
    assert known in der
    return der.replace(known, unknown)
