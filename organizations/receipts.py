"""Receipts of sign-ins as admins look for them: one by its reference, or all, the newest first, page by page."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from database import db
from models import Organization, SignInAttempt, User
from organizations.addresses import AddressRefused, normalise_email
from organizations.attempts import ALPHABET

_ANY_METHOD = SignInAttempt.method.in_(("sso", "password"))  # so that the indexes by address serve


def find(organization: Organization, reference: str) -> SignInAttempt | None:
    """The organization's own attempt; another organization's is None, like none at all."""
    query = select(SignInAttempt).where(
        SignInAttempt.organization_id == organization.id, SignInAttempt.reference == code_of(reference)
    )
    return db.session.scalar(query.options(joinedload(SignInAttempt.configuration)))


def page(
    organization: Organization, limit: int, search: str = "", before: SignInAttempt | None = None
) -> list[SignInAttempt]:
    """`before`: the last one of the page before. `search`: a reference code, or a whole e-mail or network address."""
    query = select(SignInAttempt).where(
        _found_by(organization, search) if search else SignInAttempt.organization_id == organization.id
    )
    if before is not None:
        same = and_(SignInAttempt.at == before.at, SignInAttempt.id < before.id)
        query = query.where(or_(SignInAttempt.at < before.at, same))
    if before is not None and not search:
        query = query.where(SignInAttempt.at <= before.at)  # where the index is entered
    query = query.order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc()).limit(limit)
    return list(db.session.scalars(query.options(joinedload(SignInAttempt.configuration))))


def of_person(organization_id: int, email: str, user_id: int | None) -> ColumnElement[bool]:
    """Of this account, and attempts with its address in this organization before or beside it."""
    by_address = and_(_ANY_METHOD, SignInAttempt.email == email, _within(organization_id))
    return by_address if user_id is None else or_(SignInAttempt.user_id == user_id, by_address)


def there(organization: Organization, references: Iterable[str | None]) -> frozenset[str]:
    """Those of these references that have a receipt: not every event that has a reference is of a sign-in."""
    query = select(SignInAttempt.reference).where(
        SignInAttempt.reference.in_(set(references) - {None}), _within(organization.id)
    )
    return frozenset(db.session.scalars(query))


def code_of(text: str) -> str | None:
    """A reference code as it is stored, however it was typed; None where it cannot be one."""
    letters = text.upper().replace("-", "").replace(" ", "")
    if len(letters) != 8 or not set(letters) <= set(ALPHABET):
        return None
    return f"{letters[:4]}-{letters[4:]}"


def _found_by(organization: Organization, search: str) -> ColumnElement[bool]:
    code = code_of(search)
    if code is not None:
        return and_(SignInAttempt.reference == code, _within(organization.id))
    try:
        email = normalise_email(search)
    except AddressRefused:
        return and_(_ANY_METHOD, SignInAttempt.address == search, _within(organization.id))
    account = select(User.id).where(User.organization_id == organization.id, User.email == email)
    return of_person(organization.id, email, db.session.scalar(account))


def _within(organization_id: int) -> ColumnElement[bool]:
    """Reckoned with, so that it is not looked for by index: SQLite would read all sign-ins of the organization."""
    return SignInAttempt.organization_id + 0 == organization_id
