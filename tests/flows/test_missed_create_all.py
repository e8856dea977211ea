"""Create all: the page says what will happen, and then it happens, in the order that was shown."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db, now
from demo.cast import Person
from models import AuditEvent, MissedSignIn, Organization
from tests.factories import EVE, Cast, make_user
from tests.flows.test_missed_cures import ALL, ana
from tests.pages import Page, check_page
from tests.signing_in import Browser

__all__ = ["ana"]  # a fixture
pytestmark = pytest.mark.both_databases
CREATE_ALL = f"{ALL}/create-all"
FINN = Person("finn@acme.example", "Finn", "O’Brien")
MALLORY = Person("mallory@acme.example.net", "Mallory", "Byrne")


@pytest.fixture
def three(cast: Cast, browser: Browser) -> list[MissedSignIn]:
    """Eve asked for help, so she is first though the earliest; then Mallory, the latest, and Finn."""
    for person in (EVE, FINN, MALLORY):
        browser.sso(cast.acme, person)
    db.session.execute(db.update(MissedSignIn).where(MissedSignIn.email == EVE.email).values(asked_at=now()))
    db.session.commit()
    rows = {row.email: row for row in db.session.scalars(select(MissedSignIn))}
    return [rows[person.email] for person in (EVE, MALLORY, FINN)]


def seats(left: int | None) -> None:
    """Three are taken."""
    values = {"seats": None if left is None else 3 + left}
    db.session.execute(db.update(Organization).where(Organization.slug == "acme").values(**values))
    db.session.commit()


def created() -> list[str]:
    db.session.rollback()
    made = select(AuditEvent.subject).where(AuditEvent.action == "admin:account:created").order_by(AuditEvent.id)
    return list(db.session.scalars(made))


def confirm(ana: Browser, page: Page) -> str:
    """What the button of the page does; the words after it."""
    [data] = [
        {field.get("name", ""): field.get("value", "") for field in form.iter("input")}
        for form in page.forms()
        if form.get("action") == CREATE_ALL
    ]
    assert ana.post(CREATE_ALL, data).status_code == 303
    return check_page(ana.get(ALL).text).words


def emails(part: str) -> list[str]:
    return sorted((p for p in (EVE.email, FINN.email, MALLORY.email) if p in part), key=part.index)


@pytest.mark.parametrize(
    ("left", "title", "said"),
    [
        (None, "Create 3 accounts?", "There is no limit of seats. Nobody is created as an admin."),
        (3, "Create 3 accounts?", "3 seats are left. Nobody is created as an admin."),
        (2, "Create 2 accounts?", "2 seats are left, for the first of the list."),
        (1, "Create 1 account?", "1 seat is left, for the first of the list."),
    ],
)
def test_so_many_as_it_says_are_created_in_the_order_it_shows(
    ana: Browser, three: list[MissedSignIn], left: int | None, title: str, said: str
) -> None:
    seats(left)
    order = [row.email for row in three]
    page = check_page(ana.get(CREATE_ALL).text)
    assert page.h1 == title
    assert said in page.words
    assert title.rstrip("?") in [form.findtext(".//button") for form in page.forms()]
    first, _, rest = page.words.partition("No seat for these")
    assert (emails(first), emails(rest)) == (order[:left], order[3 if left is None else left :])
    assert f"{title.removeprefix('Create ').rstrip('?')} created." in confirm(ana, page)
    assert created() == order[:left]


def test_a_seat_that_is_lost_meanwhile_is_the_last_one_of_the_list(ana: Browser, three: list[MissedSignIn]) -> None:
    seats(3)
    page = check_page(ana.get(CREATE_ALL).text)
    seats(2)
    confirm(ana, page)
    assert created() == [EVE.email, MALLORY.email]


def test_where_no_seat_is_left_it_says_so_and_offers_nothing(ana: Browser, three: list[MissedSignIn]) -> None:
    seats(0)
    page = check_page(ana.get(CREATE_ALL).text)
    assert page.h1 == "No seat is left"
    assert "Free a seat, or ask support for more, and come back." in page.words
    assert CREATE_ALL not in [form.get("action") for form in page.forms()]
    assert emails(page.words) == [row.email for row in three]


def test_who_was_not_shown_is_not_touched(ana: Browser, three: list[MissedSignIn]) -> None:
    ana.post(CREATE_ALL, {"shown": f"{three[0].id},x,-1,99999999999,0"})
    assert created() == [EVE.email]


def notices(page: Page) -> list[str]:
    return [" ".join("".join(p.itertext()).split()) for p in page.by_id("notices").iter("p")]


def test_however_many_cannot_be_created_is_told_in_few_words(cast: Cast, ana: Browser) -> None:
    """A notice for each would not fit into the cookie, and what was done would not be told either."""
    common = {"organization_id": cast.acme.id, "reason": "jit_off", "reference": "R", "groups": [], "last_at": now()}
    configuration = {"configuration_id": cast.acme.connection.live_configuration_id}
    for number in range(100):
        values = common | (configuration if number < 90 else {})
        db.session.add(MissedSignIn(email=f"p{number:02}@acme.example", **values))
    make_user(cast.acme, "p95@acme.example")
    db.session.commit()
    seats(2)
    numbers = ",".join(map(str, db.session.scalars(select(MissedSignIn.id).order_by(MissedSignIn.id))))
    answer = ana.post(CREATE_ALL, {"shown": numbers})
    assert len(answer.headers["Set-Cookie"]) < 2_000
    assert notices(check_page(ana.get(ALL).text)) == [
        "1 account created.",
        "No account was created for p01@acme.example, p02@acme.example, p03@acme.example, p04@acme.example, "
        "p05@acme.example and 84 more people. No seat is left. Free one, or ask support for more.",
        "No account was created for p90@acme.example, p91@acme.example, p92@acme.example, p93@acme.example, "
        "p94@acme.example and 4 more people. The connection they came through is gone. Invite them instead.",
        "No account was created for p95@acme.example. There is an account with their address already.",
    ]


def test_where_all_were_decided_meanwhile_it_says_only_that(ana: Browser, three: list[MissedSignIn]) -> None:
    page = check_page(ana.get(CREATE_ALL).text)
    confirm(ana, page)
    assert "Nothing was created: nobody of those is waiting any more." in confirm(ana, page)


def test_where_nobody_could_be_created_it_says_why(ana: Browser, three: list[MissedSignIn]) -> None:
    page = check_page(ana.get(CREATE_ALL).text)
    seats(0)
    words = confirm(ana, page)
    assert "No account was created for eve@acme.example, mallory@acme.example.net and finn@acme.example." in words
    assert "Nothing was created" not in words
