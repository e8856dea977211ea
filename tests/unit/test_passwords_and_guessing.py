"""Passwords: how long they are, what they open, and how many wrong ones are taken. The clock is handed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask

from database import db
from models import User
from organizations import attempts, passwords
from organizations.passwords import (
    FAILURES_PER_ADDRESS,
    FAILURES_PER_EMAIL,
    MAXIMUM_LENGTH,
    MINIMUM_LENGTH,
    WINDOW,
    PasswordRefused,
    accounts_with,
    is_throttled,
    matches,
    set_password,
)
from tests.factories import PASSWORD, Cast, make_user

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> PasswordHasher:
    """The real ones are slow on purpose; only the work is less, the kind is the same."""
    assert passwords._hasher.type.name == "ID"
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    nobody = quick.hash("no account has this password")
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_hash_of_nobody", lambda: nobody)
    return quick


@pytest.mark.parametrize("length", [0, 1, MINIMUM_LENGTH - 1, MAXIMUM_LENGTH + 1])
def test_a_password_that_is_too_short_or_too_long_is_refused(length: int) -> None:
    user = User(email="eve@acme.example")
    with pytest.raises(PasswordRefused, match=r"Use 12 to 200 characters"):
        set_password(user, "p" * length)
    assert user.password_hash is None


def test_the_own_address_is_no_password() -> None:
    user = User(email="eve@acme.example")
    with pytest.raises(PasswordRefused, match="other than your e-mail address"):
        set_password(user, "Eve@ACME.example")
    assert user.password_hash is None


@pytest.mark.parametrize("password", ["p" * MINIMUM_LENGTH, "ä" * MAXIMUM_LENGTH, "correct horse battery"])
def test_a_password_is_stored_as_argon2id_and_opens_with_exactly_itself(
    quick_hashes: PasswordHasher, password: str
) -> None:
    user = User(email="eve@acme.example")
    set_password(user, password)
    assert (user.password_hash or "").startswith("$argon2id$")
    assert password not in (user.password_hash or "")
    assert matches(user.password_hash, password)
    for other in (password[:-1], password + " ", password.upper() + "x", ""):
        assert not matches(user.password_hash, other)


@pytest.mark.parametrize("stored", [None, "", "!", "$argon2id$broken"])
def test_no_password_or_a_broken_one_is_never_matched(quick_hashes: PasswordHasher, stored: str | None) -> None:
    assert not matches(stored, "no account has this password")
    assert not matches(stored, "")


def fail(email: str, address: str, at: datetime, times: int = 1, **values: object) -> None:
    for _ in range(times):
        attempt = {"method": "password", "signed_in": False, "reason": "wrong_password", **values}
        attempts.record(reference=attempts.new_reference(), email=email, address=address, at=at, **attempt)
    db.session.commit()


def test_wrong_passwords_of_one_account_are_counted_wherever_they_come_from(app: Flask) -> None:
    for number in range(FAILURES_PER_EMAIL - 1):
        fail("ana@acme.example", f"192.0.2.{number}", NOON)
    assert not is_throttled("ana@acme.example", "198.51.100.1", NOON)
    fail("ana@acme.example", "192.0.2.99", NOON)
    assert is_throttled("ana@acme.example", "198.51.100.1", NOON)
    assert not is_throttled("ben@acme.example", "192.0.2.99", NOON)


def test_wrong_passwords_from_one_address_are_counted_whoever_they_are_for(app: Flask) -> None:
    for number in range(FAILURES_PER_ADDRESS - 1):
        fail(f"p{number}@acme.example", "192.0.2.1", NOON)
    assert not is_throttled("ana@acme.example", "192.0.2.1", NOON)
    fail("q@acme.example", "192.0.2.1", NOON)
    assert is_throttled("ana@acme.example", "192.0.2.1", NOON)
    assert not is_throttled("ana@acme.example", "192.0.2.2", NOON)


def test_they_count_for_fifteen_minutes(app: Flask) -> None:
    assert timedelta(minutes=15) == WINDOW
    fail("ana@acme.example", "192.0.2.1", NOON, FAILURES_PER_EMAIL)
    assert is_throttled("ana@acme.example", "192.0.2.1", NOON)
    assert is_throttled("ana@acme.example", "192.0.2.1", NOON + WINDOW - MOMENT)
    assert not is_throttled("ana@acme.example", "192.0.2.1", NOON + WINDOW)


@pytest.mark.parametrize(
    "other",
    [{"signed_in": True, "reason": "succeeded"}, {"method": "sso"}, {"reason": "throttled"}, {"reason": "sso_only"}],
)
def test_nothing_else_counts_so_waiting_always_helps(app: Flask, other: dict[str, object]) -> None:
    """Were a throttled try counted, somebody else could keep an account closed for ever by trying on."""
    fail("ana@acme.example", "192.0.2.1", NOON, FAILURES_PER_ADDRESS, **other)
    assert not is_throttled("ana@acme.example", "192.0.2.1", NOON)


def test_a_password_opens_active_accounts_with_that_password_only(
    app: Flask, cast: Cast, quick_hashes: PasswordHasher
) -> None:
    elsewhere = make_user(cast.globex, "ana@acme.example")
    old = make_user(cast.globex, "old@acme.example", status="deactivated")
    new = make_user(cast.globex, "new@acme.example", status="invited")
    make_user(cast.globex, "sso@acme.example", with_password=False)
    for user in (cast.ana, elsewhere, old, new):
        set_password(user, PASSWORD)
    db.session.commit()
    assert {user.id for user in accounts_with("ana@acme.example", PASSWORD)} == {cast.ana.id, elsewhere.id}
    assert accounts_with("ana@acme.example", PASSWORD, cast.acme) == [cast.ana]
    assert accounts_with("ana@acme.example", PASSWORD + "!") == []
    for nobody in ("old", "new", "sso", "nobody"):
        assert accounts_with(f"{nobody}@acme.example", PASSWORD) == []


def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str | None] = []
    monkeypatch.setattr(passwords, "matches", lambda stored, _password: verified.append(stored) or False)
    make_user(cast.globex, "sso@acme.example", with_password=False)
    for address in ("ana@acme.example", "nobody@acme.example", "sso@acme.example"):
        verified.clear()
        accounts_with(address, "a wrong password")
        assert len(verified) == 1, address


def test_a_link_works_once_until_it_ends_and_only_the_newest(app: Flask, cast: Cast) -> None:
    first = passwords.make_link(cast.ben)
    second = passwords.make_link(cast.ben)
    db.session.commit()
    assert passwords.find_link(first) is None
    link = passwords.find_link(second)
    assert link is not None
    assert link.user is cast.ben
    assert second not in link.token_hash
    link.expires_at = NOON - timedelta(days=10_000)
    db.session.flush()
    assert passwords.find_link(second) is None
