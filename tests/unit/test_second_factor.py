"""TOTP as RFC 6238 says, recovery codes that cannot be guessed, and a QR code that a scanner reads."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest
import segno
from cryptography.fernet import Fernet
from flask import Flask

from blueprints.settings.qr_code import QUIET_ZONE, qr_code
from database import db
from organizations import second_factor
from saml.keys import KeyRefused, encrypt
from tests.authenticator import KEYS
from tests.factories import Cast

# RFC 6238, appendix B, SHA-1: seconds since 1970 → the last six of the eight digits.
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
SECRET = base64.b32encode(b"12345678901234567890")


def begun(cast: Cast) -> None:
    cast.ana.totp_secret = encrypt(SECRET, KEYS)
    db.session.commit()


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_the_codes_are_those_of_the_standard(app: Flask, cast: Cast, seconds: int, code: str) -> None:
    begun(cast)
    at = datetime.fromtimestamp(seconds, UTC)
    assert len(second_factor.confirm(cast.ana, code, KEYS, at)) == 10
    assert cast.ana.totp_confirmed_at == at


@pytest.mark.parametrize("code", ["94287082", "28708", "", "287083"])
def test_other_codes_are_none(app: Flask, cast: Cast, code: str) -> None:
    begun(cast)
    with pytest.raises(second_factor.SecondFactorRefused):
        second_factor.confirm(cast.ana, code, KEYS, datetime.fromtimestamp(59, UTC))
    assert not second_factor.is_enrolled(cast.ana)


def test_a_secret_that_was_not_confirmed_opens_nothing(app: Flask, cast: Cast) -> None:
    begun(cast)
    assert second_factor.use(cast.ana, "287082", KEYS, datetime.fromtimestamp(59, UTC)) is None


def test_the_address_for_the_app_names_the_organization(app: Flask, cast: Cast) -> None:
    begun(cast)
    address = second_factor.address_for_app(cast.ana, KEYS)
    assert address.startswith("otpauth://totp/Latchkey%20%28acme%29:ana%40acme.example?secret=GEZDG")


def test_after_a_change_of_the_key_an_old_secret_still_opens(app: Flask, cast: Cast) -> None:
    begun(cast)
    new = Fernet.generate_key().decode()
    assert second_factor.secret_of(cast.ana, [new, *KEYS]) == SECRET.decode()
    with pytest.raises(KeyRefused, match="back into KEY_ENCRYPTION_KEY"):
        second_factor.secret_of(cast.ana, [new])


def test_recovery_codes_are_long_and_read_aloud_well(app: Flask, cast: Cast) -> None:
    codes = [code for _ in range(20) for code in second_factor.make_recovery_codes(cast.ana)]
    assert len(set(codes)) == 200
    assert not set("".join(codes)) & set("01ILO")
    # 20 letters of an alphabet of 30: 98 bits.
    assert all(len(code.replace("-", "")) == 20 for code in codes)
    assert second_factor.recovery_codes_left(cast.ana) == 10


def test_the_drawing_is_the_matrix_with_its_quiet_zone() -> None:
    text = "otpauth://totp/Latchkey%20%28acme%29:ana%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    drawn = qr_code(text)
    black = set()
    for x, y, length, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn.path):
        assert length == back
        black |= {(int(x) + step, int(y)) for step in range(int(length))}
    matrix = [list(row) for row in segno.make_qr(text, error="m").matrix]
    assert drawn.size == len(matrix) + 2 * QUIET_ZONE
    expected = {(x + 4, y + 4) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}
    assert black == expected
