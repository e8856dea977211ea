"""An organization of ten people, one of ten thousand, and as many strangers beside them in the same database.

Everybody came, signs in and was changed by the same pattern, repeated every ten people, so that the two differ in
nothing but their size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, text, update

from bench.world import Customer, World, build
from database import db, now
from models import (
    AuditEvent,
    Identity,
    Membership,
    MissedSignIn,
    Organization,
    SignInAttempt,
    SignInSession,
    User,
)
from saml.receipt import CHECKS

FEW, MANY = 10, 10_000
SIGN_INS_OF_EACH = 3
MISSED_OF_TEN = 6  # and of ten thousand more than are counted
MOST_MISSED = 300
BATCH = 5_000

# Of each ten people: (role, status, origin). The first of all is the admin who looks; the rest of a first are viewers.
PATTERN = (
    ("viewer", "active", "setup"),
    ("viewer", "active", "jit"),
    ("viewer", "active", "jit"),
    ("viewer", "active", "jit"),
    ("viewer", "active", "jit"),
    ("viewer", "active", "jit"),
    ("collaborator", "active", "jit"),  # an admin made them one
    ("collaborator", "invited", "invitation"),
    ("viewer", "deactivated", "jit"),
    ("collaborator", "active", "invitation"),
)
GIVEN = ("Anna", "Birte", "Chloé", "Dmitri", "Esra", "Farid", "Greta", "Hiro", "Ines", "João")
FAMILY = ("Almeida", "Bergström", "Castillo", "Dimitrov", "Eriksen", "Fofanah", "Grün", "Haddad", "Ivanova", "Jansen")
RARE = "Quillfeather"  # one person of each organization has this name


@dataclass(frozen=True)
class PeopleWorld:
    """`few` and `many` are looked at; nobody looks at those beside them."""

    world: World
    few: Customer
    many: Customer


def id_of(customer: Customer, number: int) -> int:
    return customer.number * MANY + 1 + number


def build_people(database_url: str) -> PeopleWorld:
    world = build(database_url, 3)
    few, many, beside = world.customers
    with world.app.app_context():
        for customer, people in ((few, FEW), (many, MANY), (beside, MANY)):
            _fill(customer, people)
        db.session.execute(update(Organization).values(seats=MANY * 2))
        db.session.commit()
        db.session.remove()
        _settle()
    return PeopleWorld(world, few, many)


def _settle() -> None:
    """What PostgreSQL does by itself some time after so many rows came in."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _fill(customer: Customer, people: int) -> None:
    organization_id, at = customer.number + 1, now() - timedelta(days=400)
    own = {"organization_id": organization_id}
    member = {**own, "workspace_id": organization_id}
    numbers = range(people)
    rows: dict[Any, Iterator[dict[str, Any]]] = {
        User: (_user(customer, number, at) for number in numbers),
        Membership: ({**member, "user_id": id_of(customer, number)} for number in numbers),
        Identity: (
            {
                **own,
                "connection_id": organization_id,
                "user_id": id_of(customer, number),
                "idp_entity_id": customer.idp_entity_id,
                "subject": f"subject-{number}",
            }
            for number in numbers
            if PATTERN[number % 10][2] == "jit"
        ),
        SignInSession: (
            {
                **own,
                "user_id": id_of(customer, number),
                "method": "sso",
                "token_hash": f"{customer.slug}-{number}",
                "expires_at": now() + timedelta(hours=6),
            }
            for number in numbers
            if number % 10 < 3
        ),
        SignInAttempt: _sign_ins(customer, people),
        AuditEvent: _events(customer, people, at),
        MissedSignIn: _missed(customer, people),
    }
    for table, made in rows.items():
        every = list(made)
        for start in range(0, len(every), BATCH):
            db.session.execute(insert(table), every[start : start + BATCH])
    db.session.commit()


def _names(number: int) -> tuple[str, str]:
    """Given and family name, spread so that the order of addresses says nothing of role and status."""
    spread = number * 2_654_435_761 % 2**32
    return GIVEN[(spread >> 20) % 10], FAMILY[(spread >> 8) % 10]


def address(customer: Customer, number: int) -> str:
    return f"{'.'.join(_names(number))}.{number}@{customer.domain}".lower()


def _user(customer: Customer, number: int, at: datetime) -> dict[str, Any]:
    role, status, origin = PATTERN[number % 10] if number else ("admin", "active", "setup")
    given, family = _names(number)
    return {
        "id": id_of(customer, number),
        "organization_id": customer.number + 1,
        "email": address(customer, number),
        "given_name": given,
        "family_name": RARE if number == 5 else family,
        "role": role,
        "role_from_plan": (role, origin) == ("viewer", "jit"),
        "status": status,
        "origin": origin,
        "created_at": at + timedelta(minutes=number),
        "created_by_configuration_id": customer.number + 1 if origin == "jit" else None,
        "created_by_reference": f"{customer.number}-{number}-0" if origin == "jit" else None,
        "invited_by_id": id_of(customer, 0) if origin == "invitation" else None,
    }


def _sign_ins(customer: Customer, people: int) -> Iterator[dict[str, Any]]:
    checks = [{"name": name, "passed": True, "detail": ""} for name in CHECKS]
    for turn in range(SIGN_INS_OF_EACH):
        for number in range(people):
            yield {
                "organization_id": customer.number + 1,
                "configuration_id": customer.number + 1,
                "user_id": id_of(customer, number),
                "reference": f"{customer.number}-{number}-{turn}",
                "at": now() - timedelta(days=30 * (SIGN_INS_OF_EACH - turn), seconds=number),
                "method": "sso",
                "signed_in": True,
                "reason": "known_identity",
                "rule": 4,
                "email": address(customer, number),
                "address": "192.0.2.7",
                "checks": checks,
            }


def _events(customer: Customer, people: int, at: datetime) -> Iterator[dict[str, Any]]:
    for number in range(people):
        role, _status, origin = PATTERN[number % 10]
        common = {"organization_id": customer.number + 1, "subject": address(customer, number), "reference": None}
        yield {
            **common,
            "at": at + timedelta(minutes=number),
            "actor": "system",
            "action": "sso:account:created" if origin == "jit" else "sso:invitation:accepted",
            "details": {"role": "viewer"},
        }
        if (role, origin) == ("collaborator", "jit"):
            yield {
                **common,
                "at": at + timedelta(days=20),
                "actor": address(customer, 0),
                "action": "admin:role:changed",
                "details": {"before": "viewer", "after": "collaborator"},
            }


def _missed(customer: Customer, people: int) -> Iterator[dict[str, Any]]:
    for number in range(MISSED_OF_TEN if people == FEW else MOST_MISSED):
        yield {
            "organization_id": customer.number + 1,
            "email": f"waiting{number}@{customer.domain}",
            "groups": ["research"],
            "reason": "no_seat_left",
            "reference": f"M{customer.number}-{number}",
            "configuration_id": customer.number + 1,
            "last_at": now() - timedelta(minutes=number),
        }
