"""The numbers that are kept are those of the people, however people come, change and go."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import delete, func, insert, select, update

from database import db
from models import ORIGINS, ROLES, STATUSES, Membership, Organization, PeopleCount, User
from organizations import counting
from tests.factories import Cast, make_organization

pytestmark = pytest.mark.both_databases

KIND = (User.status, User.role, User.origin, User.role_from_plan)


def agree() -> int:
    """For every organization; returns how many people there are."""
    db.session.commit()
    everybody = 0
    for organization in db.session.scalars(select(Organization)):
        rows = select(*KIND, func.count()).where(User.organization_id == organization.id).group_by(*KIND)
        found = {tuple(kind): number for *kind, number in db.session.execute(rows)}
        kept = counting.counts(organization)
        assert {kind: number for kind, number in kept.kinds.items() if number} == found
        assert kept.seats_used == counting.seats_used(organization)
        everybody += kept.of()
    return everybody


def test_people_who_come_change_and_go(cast: Cast) -> None:
    before = agree()
    common = {
        "organization_id": cast.acme.id,
        "created_by_configuration_id": cast.acme.connection.live_configuration_id,
    }
    kinds = product(STATUSES, ROLES, ORIGINS, (True, False))
    rows = [
        common
        | {"email": f"p{n}@acme.example", "status": status, "role": role, "origin": origin, "role_from_plan": plan}
        for n, (status, role, origin, plan) in enumerate(kinds)
    ]
    db.session.execute(insert(User), rows)
    assert agree() == before + 54
    db.session.execute(update(User).where(User.email.startswith("p1")).values(role="viewer", role_from_plan=False))
    agree()
    cast.ben.status, cast.ben.role = "deactivated", "collaborator"
    agree()
    cast.ben.given_name = "Benjamin"
    assert agree() == before + 54
    db.session.execute(delete(User).where(User.email.startswith("p2")))
    assert agree() == before + 43
    db.session.execute(delete(Membership).where(Membership.user_id == cast.ben.id))
    db.session.execute(update(User).where(User.id == cast.ben.id).values(organization_id=cast.globex.id))
    assert agree() == before + 43
    db.session.execute(insert(User), [rows[0] | {"email": "undone@acme.example"}])
    db.session.rollback()
    assert agree() == before + 43


def test_an_organization_that_goes_leaves_nothing(cast: Cast) -> None:
    before = agree()
    gone = make_organization("gone")
    assert agree() == before + 1
    number = gone.id
    db.session.execute(delete(Organization).where(Organization.id == number))
    assert agree() == before
    assert db.session.scalar(select(func.count()).where(PeopleCount.organization_id == number)) == 0


def test_each_kind_and_who_has_the_role_from_the_plan(cast: Cast) -> None:
    counts = counting.Counts(
        {
            ("active", "viewer", "jit", True): 5,
            ("active", "viewer", "jit", False): 7,
            ("active", "collaborator", "jit", True): 11,
            ("deactivated", "viewer", "jit", True): 13,
            ("invited", "viewer", "invitation", False): 17,
        }
    )
    assert counts.of() == 53
    assert (counts.of("active"), counts.of(role="viewer"), counts.of(origin="jit")) == (23, 42, 36)
    assert counts.of("active", "viewer", "jit") == 12
    assert counts.of("invited", "admin") == 0
    assert (counts.from_plan({"viewer"}), counts.from_plan({"viewer", "collaborator"})) == (5, 16)
    assert counts.seats_used == 40
