"""Two sign-ins bring the same new groups, in opposite orders: neither waits for the other who waits for it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from database import begin_write, db
from models import SeenGroup
from organizations import seen_groups
from tests.factories import Cast
from tests.postgres.beside import Beside, in_a_transaction
from tests.postgres.test_while_a_sign_in_looks import at_the_first

pytestmark = pytest.mark.both_databases


def test_both_are_stored(app: Flask, cast: Cast) -> None:
    acme, groups = cast.acme.id, ["one", "two"]
    other = in_a_transaction(app, lambda: seen_groups.remember(acme, reversed(groups)))
    results: list[object] = []
    begin_write()
    with at_the_first("INSERT INTO seen_group", lambda: results.append(Beside(other).end())):
        seen_groups.remember(acme, groups)
        db.session.commit()
    assert results == [None]
    assert sorted(db.session.scalars(select(SeenGroup.name))) == groups
