"""Sign-in activity: when somebody last came in through SSO, whatever was tried since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, text

from database import db, now
from models import SignInAttempt
from organizations import attempts
from tests.factories import EVE, Cast
from tests.pages import check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
SECURITY = "/o/acme/settings/security"


@pytest.fixture
def ana(cast: Cast, another_browser: Browser) -> Browser:
    return another_browser.sign_in_as(cast.ana)


def refuse(cast: Cast, number: int, **values: object) -> None:
    """So many attempts that came to nothing, from now on, a second apart."""
    common = {"organization_id": cast.acme.id, "method": "password", "signed_in": False, "reason": "wrong_password"}
    common |= {"checks": [], "email": cast.ben.email} | values
    times = [now() + timedelta(seconds=second) for second in range(number)]
    rows = [common | {"reference": attempts.new_reference(), "at": at} for at in times]
    db.session.execute(insert(SignInAttempt), rows)
    db.session.commit()


@contextmanager
def explained() -> Iterator[list[str]]:
    """The plans of the statements that ask for sign-ins."""
    plans: list[str] = []

    def explain(connection: object, cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if "FROM sign_in_attempt" in statement and not statement.startswith("EXPLAIN"):
            how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
            rows = connection.exec_driver_sql(f"{how} {statement}", parameters)
            plans.append("\n".join(str(row) for row in rows))

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)


def test_the_last_sso_sign_in_is_told_whatever_was_tried_since(cast: Cast, ana: Browser, browser: Browser) -> None:
    assert "Last SSO sign-in" not in check_page(ana.get(SECURITY).text).words
    cast.acme.jit_on = True
    db.session.commit()
    browser.sso(cast.acme, EVE)
    refuse(cast, 12)
    page = check_page(ana.get(SECURITY).text)
    assert "Last SSO sign-in just now ." in page.words
    assert EVE.email not in "".join(page.by_id("activity").itertext())


def test_one_of_another_organization_or_by_password_is_none(cast: Cast, ana: Browser) -> None:
    refuse(cast, 1, method="sso", signed_in=True, organization_id=cast.globex.id)
    refuse(cast, 1, signed_in=True)
    assert "Last SSO sign-in" not in check_page(ana.get(SECURITY).text).words


def test_it_is_found_by_its_index(cast: Cast) -> None:
    refuse(cast, 3_000, method="sso", reason="jit_off")
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    with explained() as plans:
        assert attempts.last_sso_sign_in(cast.acme) is None
    assert ["ix_sign_in_attempt_outcome" in plan for plan in plans] == [True]
