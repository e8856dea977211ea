"""The second factor of a password: codes of an authenticator app (TOTP, RFC 6238), and recovery codes beside them.

The secret is stored encrypted. It counts from its first right code on; until then the person is still setting it up.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.engine import CursorResult

from database import db, now
from models import RecoveryCode, User
from organizations import audit
from organizations.attempts import ALPHABET
from organizations.sessions import hash_token
from saml.keys import decrypt, encrypt

STEP_SECONDS = 30
# The clock of a telephone may be a little wrong, and typing takes time (RFC 6238, 5.2: at most one step).
STEPS_AROUND = (0, -1, 1)
RECOVERY_CODES = 10
GROUPS, GROUP_LENGTH = 4, 5  # 30^20 codes: too many to guess, so a plain SHA-256 keeps them


class SecondFactorRefused(ValueError):
    """The second factor cannot be changed so; the text says what to do."""


def is_enrolled(user: User) -> bool:
    return user.totp_confirmed_at is not None


def is_begun(user: User) -> bool:
    """A secret was made, and no code has confirmed it yet."""
    return user.totp_secret is not None and not is_enrolled(user)


def begin(user: User, key_encryption_keys: list[str]) -> None:
    """A new secret, which counts for nothing yet. Raises SecondFactorRefused when there is a confirmed one."""
    if is_enrolled(user):
        raise SecondFactorRefused("You have a second factor already. Remove it first to add another one.")
    user.totp_secret = encrypt(pyotp.random_base32().encode(), key_encryption_keys)
    user.totp_last_step = None


def secret_of(user: User, key_encryption_keys: list[str]) -> str:
    """In base32, as authenticator apps take it. Raises KeyRefused when the key-encryption key is gone."""
    return decrypt(user.totp_secret or b"", key_encryption_keys).decode()


def address_for_app(user: User, key_encryption_keys: list[str]) -> str:
    """The `otpauth:` address that stands in the QR code (the Key URI Format of Google Authenticator)."""
    app = pyotp.TOTP(secret_of(user, key_encryption_keys), interval=STEP_SECONDS)
    # The same e-mail address may have an account in several organizations.
    return app.provisioning_uri(name=user.email, issuer_name=f"Latchkey ({user.organization.slug})")


def confirm(user: User, code: str, key_encryption_keys: list[str], at: datetime | None = None) -> list[str]:
    """Let the secret count from now on; returns the recovery codes, which cannot be shown again.

    Raises SecondFactorRefused when there is nothing to confirm or the code is not right.
    """
    if not is_begun(user):
        raise SecondFactorRefused("Nothing is waiting for a code. Begin again.")
    if not _use_totp(user, _plain(code), key_encryption_keys, at or now()):
        raise SecondFactorRefused("The code is not right. Write the one that the app shows now; check its clock.")
    user.totp_confirmed_at = at or now()
    audit.record(user.organization, "user:totp:enrolled", actor=user, subject=user.email)
    return make_recovery_codes(user)


def use(user: User, code: str, key_encryption_keys: list[str], at: datetime | None = None) -> str | None:
    """Use a code up: `totp` or `recovery_code` when it was right, else None. Each counts once, whoever asks at once.

    The caller's transaction has to be a write transaction, and is to be committed.
    """
    plain = _plain(code)
    if not is_enrolled(user):
        return None
    if len(plain) == 6 and plain.isascii() and plain.isdigit():
        return "totp" if _use_totp(user, plain, key_encryption_keys, at or now()) else None
    unused = (RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return "recovery_code" if _changed(RecoveryCode, *unused, RecoveryCode.code_hash == hash_token(plain)) else None


def make_recovery_codes(user: User) -> list[str]:
    """Ten new ones instead of those there were. Only their hashes are stored."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["-".join(_group() for _ in range(GROUPS)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=hash_token(_plain(code))) for code in codes)
    audit.record(user.organization, "user:recovery_codes:made", actor=user, subject=user.email)
    return codes


def recovery_codes_left(user: User) -> int:
    query = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0


def remove(user: User, reason: str | None = None) -> bool:
    """Take the second factor away; `reason` is an operator's. False when there was none."""
    if not is_enrolled(user):
        return False
    user.totp_secret = user.totp_confirmed_at = user.totp_last_step = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    if reason is None:
        audit.record(user.organization, "user:totp:removed", actor=user, subject=user.email)
    else:
        audit.record(
            user.organization, "operator:totp:removed", actor=audit.OPERATOR, subject=user.email, reason=reason
        )
    return True


def _use_totp(user: User, code: str, key_encryption_keys: list[str], at: datetime) -> bool:
    """RFC 6238, 5.2: a code is accepted once. The database decides, so of two at once one is refused."""
    app = pyotp.TOTP(secret_of(user, key_encryption_keys), interval=STEP_SECONDS)
    current = int(at.timestamp()) // STEP_SECONDS
    for step in (current + offset for offset in STEPS_AROUND):
        if hmac.compare_digest(app.generate_otp(step).encode(), code.encode()):
            later = or_(User.totp_last_step.is_(None), User.totp_last_step < step)
            used = update(User).where(User.id == user.id, later).values(totp_last_step=step)
            return _rows(used) == 1
    return False


def _changed(table: type[RecoveryCode], *conditions: ColumnElement[bool]) -> bool:
    return _rows(update(table).where(*conditions).values(used_at=now())) == 1


def _rows(statement: object) -> int:
    result = db.session.execute(statement)  # type: ignore[call-overload]
    assert isinstance(result, CursorResult)
    return result.rowcount


def _plain(code: str) -> str:
    """As it is compared: people type the groups with spaces, hyphens or neither, and small letters."""
    return "".join(letter for letter in code.upper() if letter not in " -\u00a0\t")


def _group() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH))
