"""Receipts of sign-ins, and the short reference code under which employee and admin talk about the same one."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select

from database import db, insert_row
from models import Organization, SignInAttempt, User

# Without 0/O, 1/I/L: a code is read aloud over the telephone. 30^8 codes.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"[:30]


def new_reference() -> str:
    code = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"


def record(reference: str, **values: Any) -> str:
    """Store the receipt of one attempt in the current transaction; returns its reference."""
    insert_row(SignInAttempt, reference=reference, **values)
    return reference


def last_sso_sign_in(organization: Organization) -> datetime | None:
    """When somebody last came in through SSO. An index finds it, whatever was refused, or done by password, since."""
    query = select(SignInAttempt.at).where(
        SignInAttempt.organization_id == organization.id,
        SignInAttempt.method == "sso",
        SignInAttempt.signed_in,
    )
    return db.session.scalar(query.order_by(SignInAttempt.at.desc()).limit(1))


def record_guess(user: User, reason: str, address: str | None, detail: str) -> str:
    """A wrong code or password of somebody known; it counts against the limit of this account and this address.

    Returns its reference.
    """
    return record(
        reference=new_reference(),
        organization_id=user.organization_id,
        user_id=user.id,
        method="password",
        signed_in=False,
        reason=reason,
        email=user.email,
        address=address,
        detail=detail,
        checks=[],
    )
