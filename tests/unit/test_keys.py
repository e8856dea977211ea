"""Signing keys at rest: encrypted with the newest key-encryption key, opened with any that is still there."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from saml.keys import KeyRefused, fingerprint, make_key, open_key, read_certificate
from tests.certificates import key_pair

OLD, NEW, FOREIGN = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture(scope="module")
def made() -> tuple[bytes, str]:
    """Made when OLD was the newest key."""
    return make_key("acme at Latchkey", [OLD])


def test_a_key_that_was_made_can_be_opened_and_belongs_to_its_certificate(made: tuple[bytes, str]) -> None:
    encrypted, pem = made
    key = open_key(encrypted, [OLD])
    certificate = read_certificate(pem)
    public = certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(key.sign(b"x", padding.PKCS1v15(), hashes.SHA256()), b"x", padding.PKCS1v15(), hashes.SHA256())
    assert key.key_size == 3072
    assert certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == "acme at Latchkey"
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days >= 3650


def test_at_rest_it_is_nothing_but_ciphertext(made: tuple[bytes, str]) -> None:
    encrypted, _pem = made
    key = open_key(encrypted, [OLD])
    secret = key.private_numbers().d.to_bytes(384, "big")
    assert secret[8:40] not in base64.urlsafe_b64decode(encrypted)
    assert b"PRIVATE" not in encrypted
    assert Fernet(OLD).decrypt(encrypted)


def test_after_a_rotation_the_old_key_still_opens_and_the_new_one_encrypts(made: tuple[bytes, str]) -> None:
    encrypted, _pem = made
    assert open_key(encrypted, [NEW, OLD]).key_size == 3072
    newer, _pem = make_key("x", [NEW, OLD])
    assert open_key(newer, [NEW]).key_size == 3072
    with pytest.raises(KeyRefused):
        open_key(newer, [OLD])


@pytest.mark.parametrize("keys", [[FOREIGN], [NEW, FOREIGN]])
def test_without_its_key_it_is_refused_with_the_cure(made: tuple[bytes, str], keys: list[str]) -> None:
    with pytest.raises(KeyRefused, match=r"back into KEY_ENCRYPTION_KEY\.$"):
        open_key(made[0], keys)


def test_a_changed_ciphertext_is_refused(made: tuple[bytes, str]) -> None:
    changed = bytearray(made[0])
    changed[60] ^= 1
    with pytest.raises(KeyRefused):
        open_key(bytes(changed), [OLD])


def test_a_long_name_is_cut_to_what_a_certificate_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    monkeypatch.setattr(rsa, "generate_private_key", lambda **_: small)
    _encrypted, pem = make_key("n" * 100, [NEW])
    certificate = x509.load_pem_x509_certificate(pem.encode())
    assert certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == "n" * 64


@pytest.mark.parametrize(
    "pem", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n", "ü"]
)
def test_what_is_no_certificate_is_refused(pem: str) -> None:
    with pytest.raises(KeyRefused, match="cannot be read"):
        read_certificate(pem)


@pytest.mark.parametrize("kind", ["RSA-1024", "P-192"])
def test_a_weak_key_is_refused(kind: str) -> None:
    with pytest.raises(KeyRefused, match="too weak"):
        read_certificate(key_pair(kind).pem)


def test_a_fingerprint_is_shown_as_identity_providers_show_it() -> None:
    shown = fingerprint(key_pair("P-256").certificate)
    assert bytes.fromhex(shown.replace(":", "")) == key_pair("P-256").certificate.fingerprint(hashes.SHA256())
    assert (len(shown), shown) == (95, shown.upper())
