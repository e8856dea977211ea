"""From a person's page to all that happened to this very account, in the audit log, page by page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert

from blueprints.settings import audit_log
from database import db
from models import AuditEvent, Organization
from tests.factories import Cast
from tests.pages import Page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
LOG = "/o/acme/settings/audit-log"
WAY = "All of it in the audit log"
BEN = "ben@acme.example"


def happen(organization: Organization, subject: str, times: int, action: str = "admin:account:reactivated") -> None:
    event = {"organization_id": organization.id, "actor": "system", "action": action, "details": {}}
    db.session.execute(insert(AuditEvent), [event | {"subject": subject} for _ in range(times)])
    db.session.commit()


def asked(address: str) -> dict[str, list[str]]:
    assert urlsplit(address).path == LOG
    return parse_qs(urlsplit(address).query)


def subjects(page: Page) -> list[str]:
    cells = [cell for cell in page.root.iter("td") if cell.get("data-label") == "Subject"]
    return ["".join(cell.itertext()).strip() for cell in cells]


@pytest.fixture
def ana(cast: Cast, browser: Browser) -> Browser:
    """Much happened to Ben, and to others whose addresses hold his; some of it at Globex, or by Ben's hand."""
    for subject in (f"x{BEN}", f"{BEN}.example", BEN.replace("e", "_")):
        happen(cast.acme, subject, 3)
    happen(cast.globex, BEN, 3)
    happen(cast.acme, BEN, 70)
    happen(cast.acme, BEN, 2, "admin:sso_link:reset")
    return browser.sign_in_as(cast.ana)


def test_only_and_all_of_this_account(cast: Cast, ana: Browser, get_page) -> None:
    page = get_page(ana, get_page(ana, f"/o/acme/settings/people/{cast.ben.id}").links()[WAY])
    assert f"Only what happened to {BEN}." in page.words
    first = subjects(page)
    page = get_page(ana, page.links()["Older events"])
    assert f"Only what happened to {BEN}." in page.words
    assert first + subjects(page) == [BEN] * 72
    assert len(first) == audit_log.PAGE
    assert subjects(get_page(ana, page.links()["Newer events"])) == first
    assert asked(page.links()["Newest events"]) == {"person": [BEN]}
    assert asked(page.links()["See the whole log"]) == {}


def test_a_search_within_it_keeps_it_and_each_is_cleared_alone(ana: Browser, get_page) -> None:
    page = get_page(ana, f"{LOG}?person={BEN}&q=link+reset")
    assert subjects(page) == [BEN] * 2
    [form] = [form for form in page.forms() if form.get("action") == LOG]
    assert {field.get("name"): field.get("value") for field in form.iter("input")} == {"q": "link reset", "person": BEN}
    assert asked(page.links()["Clear"]) == {"person": [BEN]}
    assert asked(page.links()["See the whole log"]) == {"q": ["link reset"]}


@pytest.mark.parametrize("who", ["nobody@acme.example", "ben", "%", "<b>", "acme.example"])
def test_part_of_an_address_is_nobody(ana: Browser, get_page, who: str) -> None:
    page = get_page(ana, f"{LOG}?person={who.replace('%', '%25')}")
    assert subjects(page) == []
    assert f"Only what happened to {who}." in page.words
    assert "Nothing is in the log about this account." in page.words


@pytest.mark.parametrize(("times", "said"), [(9, False), (10, True), (11, True)])
def test_the_page_of_a_person_says_that_it_shows_the_last(
    cast: Cast, browser: Browser, get_page, times: int, said: bool
) -> None:
    happen(cast.acme, BEN, times)
    page = get_page(browser.sign_in_as(cast.ana), f"/o/acme/settings/people/{cast.ben.id}")
    assert ("The last 10" in page.words) == said
