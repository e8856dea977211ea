"""The page of all who were turned away, page by page: its links stay true whatever is decided in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, text

from database import db, now
from models import MissedSignIn, Organization
from organizations import missed
from tests.factories import Cast, make_organization
from tests.flows.test_missed_cures import ALL, SECURITY, ana
from tests.pages import Page, check_page, parse
from tests.signing_in import Browser

__all__ = ["ana"]  # a fixture
pytestmark = pytest.mark.both_databases


def turn_away(organization: Organization, number: int, **values: object) -> None:
    """p00, p01, …: all at the same moment."""
    common = {"organization_id": organization.id, "reason": "jit_off", "reference": "R", "groups": [], "last_at": now()}
    people = [f"p{n:02}@{organization.slug}.example" for n in range(number)]
    db.session.add_all(MissedSignIn(email=email, **common | values) for email in people)
    db.session.commit()


def numbers(page: Page) -> list[int]:
    """Of the rows, from the top."""
    ids = [element.get("id", "") for element in page.root.iter("p")]
    return [int(id_.removeprefix("missed-")) for id_ in ids if id_.startswith("missed-")]


def part(text: str) -> Page:
    """A fragment, read like a page."""
    return parse(f"<!doctype html><title>A part</title>{text}")


def dismissals(page: Page) -> list[str]:
    return [form.get("action", "") for form in page.forms() if "dismiss" in form.get("action", "")]


def all_pages(ana: Browser) -> list[int]:
    seen, here = [], ALL
    while here:
        page = check_page(ana.get(here).text)
        seen += numbers(page)
        here = page.links().get("Next page", "")
    return seen


def test_pages_go_on_where_the_last_one_ended(cast: Cast, ana: Browser) -> None:
    turn_away(cast.acme, 60)
    turn_away(make_organization("hooli"), 1)
    seen = all_pages(ana)
    assert len(seen) == len(set(seen)) == 60


def test_the_end_of_a_list_is_not_the_end_of_all(cast: Cast, ana: Browser) -> None:
    turn_away(cast.acme, 26)
    second = check_page(ana.get(ALL).text).links()["Next page"]
    [last] = dismissals(check_page(ana.get(second).text))
    answer = ana.post(last, {}, page=second)
    assert (answer.status_code, answer.location) == (303, second)
    page = check_page(ana.get(second).text)
    assert "Nobody waits" not in page.words
    assert page.links()["See the list from its beginning"] == ALL


def test_the_next_page_begins_behind_who_is_left_on_this_one(cast: Cast, ana: Browser) -> None:
    turn_away(cast.acme, 52)
    here = check_page(ana.get(ALL).text)
    for _ in range(3):
        here = part(ana.post(dismissals(here)[0], {}, htmx=True, page=ALL).text)
    second = check_page(ana.get(here.links()["Next page"]).text)
    assert len(numbers(here)) == 25
    assert not set(numbers(here)) & set(numbers(second)), "nobody twice"
    assert sorted(numbers(here) + numbers(second)) == sorted(all_pages(ana)), "nobody left out"


def test_the_last_page_has_no_link_on_once_it_has_become_the_last(cast: Cast, ana: Browser) -> None:
    turn_away(cast.acme, 27)
    here = check_page(ana.get(ALL).text)
    for left in (True, False):
        here = part(ana.post(dismissals(here)[0], {}, htmx=True, page=ALL).text)
        assert (len(numbers(here)), "Next page" in here.links()) == (25, left)
    assert "First page" not in here.links()


def by_who_asked_and_when(organization: Organization) -> list[int]:
    rows = db.session.scalars(select(MissedSignIn).where(MissedSignIn.organization_id == organization.id)).all()
    return [row.id for row in sorted(rows, key=lambda row: (bool(row.asked_at), row.last_at, row.id), reverse=True)]


def test_who_asked_for_help_is_first_then_the_latest(cast: Cast, ana: Browser) -> None:
    """On the tab as well, where there is room for five; page by page nobody is left out, or there twice."""
    at = datetime(2026, 5, 1, tzinfo=UTC)
    turn_away(cast.acme, 64)
    for number, row in enumerate(db.session.scalars(select(MissedSignIn))):
        row.last_at = at + timedelta(minutes=number // 3)
        row.asked_at = now() if number % 7 == 2 or 30 < number < 50 else None
    db.session.commit()
    wanted = by_who_asked_and_when(cast.acme)
    assert numbers(check_page(ana.get(SECURITY).text)) == wanted[:5]
    assert all_pages(ana) == wanted


@pytest.mark.parametrize("behind", [False, True], ids=["first page", "a page behind"])
def test_however_many_there_are_only_the_page_is_read(cast: Cast, behind: bool) -> None:
    """The database reads them in their order: it is told not to sort, and does not have to."""
    turn_away(cast.acme, 10)
    last = db.session.scalars(select(MissedSignIn.id).limit(1)).one() if behind else None
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    missed.page(cast.acme, last)
    event.remove(db.engine, "before_cursor_execute", note)
    [(statement, values)] = [one for one in asked if "ORDER BY" in one[0]]
    connection = db.session.connection()
    if postgresql := connection.dialect.name == "postgresql":
        for way in ("sort", "seqscan", "bitmapscan"):
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
    explain = "EXPLAIN " if postgresql else "EXPLAIN QUERY PLAN "
    plan = "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, values))
    assert "ix_missed_sign_in_open" in plan
    assert "Sort" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan
