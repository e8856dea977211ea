"""Long lists are read page by page, on and back again: the people, the members on the home page, the audit log."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import delete, insert, select

from blueprints.settings import audit_log
from database import db
from models import AuditEvent, Membership, User
from organizations import finding, people
from organizations.creation import general_workspace
from tests.factories import Cast
from tests.pages import Page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
PEOPLE = "/o/acme/settings/people"


@dataclass(frozen=True)
class List:
    """`size`: of a page. What the links on, back and to the beginning are called; the parameter that leads back, and
    keys near the beginning.
    """

    path: str
    size: int
    on: str = "Next page"
    back: str = "Previous page"
    first: str = "First page"
    parameter: str = "before"
    early: tuple[str, ...] = ("", "a", "guest-005@x.example")

    @property
    def is_log(self) -> bool:
        return self.parameter == "after"


LOG = ("Older events", "Newer events", "Newest events", "after", ("", "2000000", "320"))
LISTS = [
    List(PEOPLE, finding.PAGE),
    List(f"{PEOPLE}?status=invited", finding.PAGE),  # so few that they are found by the index of their kind
    List(f"{PEOPLE}?q=guest&role=viewer", finding.PAGE),
    List("/", people.MEMBERS),
    List("/o/acme/settings/audit-log", audit_log.PAGE, *LOG),
    List("/o/acme/settings/audit-log?q=guest", audit_log.PAGE, *LOG),
]


@pytest.fixture
def ana(cast: Cast, browser: Browser) -> Browser:
    """Of Acme, where there are 160 guests, each with an event; with the same at Globex nothing is shown."""
    for organization in (cast.acme, cast.globex):
        common = {"organization_id": organization.id}
        guests = [
            common | {"email": f"guest-{n:03}@x.example", "role": "viewer", "origin": "setup", "status": status}
            for n, status in zip(range(160), ("active", "active", "active", "invited") * 40, strict=True)
        ]
        db.session.execute(insert(User), guests)
        ids = db.session.scalars(select(User.id).where(User.organization_id == organization.id, User.email.like("g%")))
        home = common | {"workspace_id": general_workspace(organization.id).id}
        db.session.execute(insert(Membership), [home | {"user_id": number} for number in ids])
        event = common | {"actor": "system", "action": "admin:account:reactivated", "details": {}}
        db.session.execute(insert(AuditEvent), [event | {"subject": guest["email"]} for guest in guests])
    db.session.commit()
    return browser.sign_in_as(cast.ana)


def shown(page: Page) -> list[str]:
    return [word for word in page.words.split() if word.startswith("guest-") or word.endswith("@acme.example")]


@pytest.mark.parametrize("it", LISTS, ids=lambda it: it.path)
def test_on_to_the_end_and_back_to_the_beginning(ana: Browser, get_page, it: List) -> None:
    pages = [get_page(ana, it.path)]
    while it.on in pages[-1].links():
        pages.append(get_page(ana, pages[-1].links()[it.on]))
    assert len(pages) > 1
    guests = [row for page in pages for row in shown(page) if row.startswith("guest")]
    assert guests == sorted(set(guests), reverse=it.is_log)
    assert {len(shown(page)) for page in pages[:-1]} == {it.size} or it.is_log
    for page, before in zip(pages[:0:-1], pages[-2::-1], strict=True):
        assert it.first in page.links()
        back = get_page(ana, page.links()[it.back])
        assert shown(back) == shown(before)
        assert back.links()[it.on]
        assert [name in back.links() for name in (it.back, it.first)] == [before is not pages[0]] * 2
    assert shown(get_page(ana, pages[-1].links()[it.first])) == shown(pages[0])


@pytest.mark.parametrize("it", LISTS, ids=lambda it: it.path)
def test_back_near_the_beginning_the_first_page_is_a_whole_one(ana: Browser, get_page, it: List) -> None:
    """Somebody kept the address of a page whose predecessors are fewer by now, or none."""
    first = get_page(ana, it.path)
    for key in it.early:
        page = get_page(ana, f"{it.path}{'&' if '?' in it.path else '?'}{it.parameter}={key}")
        assert shown(page) == shown(first)
        assert page.links()[it.on] == first.links()[it.on]
        assert it.back not in page.links()


@pytest.mark.parametrize("query", ["", "&q=x.example"])
def test_how_many_match_is_said_on_the_way_back_too(ana: Browser, get_page, query: str) -> None:
    path = f"{PEOPLE}?status=invited{query}"
    second = get_page(ana, get_page(ana, path).links()["Next page"])
    for page in (second, get_page(ana, second.links()["Previous page"])):
        assert "40 people match." in page.words


def test_who_is_gone_meanwhile_is_skipped(ana: Browser, get_page) -> None:
    second = get_page(ana, get_page(ana, PEOPLE).links()["Next page"])
    db.session.execute(delete(User).where(User.email.in_([shown(second)[0], "guest-010@x.example"])))
    db.session.commit()
    back = get_page(ana, second.links()["Previous page"])
    assert len(shown(back)) == finding.PAGE
    assert get_page(ana, back.links()["Next page"]).links()["Previous page"]


@pytest.mark.parametrize("path", [PEOPLE, "/", "/o/acme/settings/audit-log"])
@pytest.mark.parametrize("key", ["", "%00", "-1", "99999999999999999999", "%25", "é"])
def test_any_key_is_answered(ana: Browser, get_page, path: str, key: str) -> None:
    for name in ("after", "before"):
        get_page(ana, f"{path}?{name}={key}")
