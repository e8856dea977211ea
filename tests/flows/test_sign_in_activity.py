"""Sign-in activity: when somebody last came in through SSO, and all receipts, to be found again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select, text

from database import db, now
from demo.cast import Person
from models import SignInAttempt, User
from organizations import attempts, audit, receipts
from tests.factories import EVE, Cast
from tests.pages import Page, check_page
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
SECURITY = "/o/acme/settings/security"
ALL = f"{SECURITY}/sign-ins"
FINN = Person("finn@acme.example", "Finn", "O’Brien")


@pytest.fixture
def ana(cast: Cast, another_browser: Browser) -> Browser:
    return another_browser.sign_in_as(cast.ana)


def refuse(cast: Cast, number: int, **values: object) -> None:
    """So many attempts that came to nothing, from now on, a second apart."""
    common = {"organization_id": cast.acme.id, "method": "password", "signed_in": False, "reason": "wrong_password"}
    common |= {"checks": [], "email": cast.ben.email} | values
    times = [now() + timedelta(seconds=second) for second in range(number)]
    rows = [{"at": at} | common | {"reference": attempts.new_reference()} for at in times]
    db.session.execute(insert(SignInAttempt), rows)
    db.session.commit()


def references(page: Page) -> list[str]:
    return [code.text for code in page.root.iter("code") if code.get("class") == "receipt-reference"]


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


def test_all_of_them_are_read_page_by_page_the_newest_first(cast: Cast, ana: Browser) -> None:
    refuse(cast, 60)
    shown, path = [], ALL
    while path:
        page = check_page(ana.get(path).text)
        shown += references(page)
        assert page.links().get("Newest sign-ins") == (None if path == ALL else ALL)
        path = page.links().get("Older sign-ins")
    newest_first = select(SignInAttempt.reference).order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
    assert shown == db.session.scalars(newest_first).all()
    assert len(shown) == 60


def test_several_of_the_same_moment_are_each_shown_once(cast: Cast, ana: Browser) -> None:
    refuse(cast, 60, at=now())
    second = check_page(ana.get(ALL).text).links()["Older sign-ins"]
    third = check_page(ana.get(second).text).links()["Older sign-ins"]
    shown = [code for path in (ALL, second, third) for code in references(check_page(ana.get(path).text))]
    assert (len(shown), len(set(shown))) == (60, 60)


def test_one_is_found_by_its_code_however_it_is_written(cast: Cast, ana: Browser, browser: Browser) -> None:
    refused = check_page(browser.sso(cast.acme, EVE).text)
    code = "".join(refused.by_id("reference").itertext())
    refuse(cast, 30)
    for written in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        page = check_page(ana.get(ALL, query_string={"q": written}).text)
        assert references(page) == [code]
    assert [element.get("open") for element in page.root.iter("details") if element.get("class") == "receipt"] == [""]
    target = page.links()[f"Sign-in {code} on a page of its own"]
    assert target == f"{ALL}/{code}"
    for path in (target, f"{ALL}/{code.lower()}"):
        own = check_page(ana.get(path).text)
        assert own.h1 == f"Sign-in {code}"
        assert "Creating accounts at sign-in is off." in own.words
        assert "rule 12 of the decision" in own.words
        assert own.words.count("Passed") > 5


def test_they_are_found_by_a_whole_address(cast: Cast, ana: Browser) -> None:
    refuse(cast, 30)
    refuse(cast, 1, email=EVE.email, address="192.0.2.7")
    refuse(cast, 1, email="other@elsewhere.example", user_id=cast.ben.id)
    for search, found in (
        (f" {EVE.email.upper()} ", 1),
        ("192.0.2.7", 1),
        ("other@elsewhere.example", 1),
        (cast.ben.email, 25),
        ("eve@acme", 0),
        ("192.0.2", 0),
        ("%", 0),
        ("AAAA-AAAA", 0),
        ("nobody@acme.example", 0),
    ):
        assert len(references(check_page(ana.get(ALL, query_string={"q": search}).text))) == found, search
    second = check_page(ana.get(ALL, query_string={"q": cast.ben.email}).text).links()["Older sign-ins"]
    assert len(references(check_page(ana.get(second).text))) == 6, "30, and one by another address"


def test_a_reference_leads_to_its_receipt_wherever_it_stands(cast: Cast, ana: Browser, browser: Browser) -> None:
    browser.sso(cast.acme, FINN)
    cast.acme.jit_on = True
    db.session.commit()
    browser.sso(cast.acme, EVE)
    eve = db.session.scalars(select(User).where(User.email == EVE.email)).one()
    refused = db.session.scalars(select(SignInAttempt.reference).where(SignInAttempt.email == FINN.email)).one()
    person, log, waiting = f"/o/acme/settings/people/{eve.id}", "/o/acme/settings/audit-log", f"{SECURITY}/turned-away"
    for code, pages in ((eve.created_by_reference, (SECURITY, person, log)), (refused, (SECURITY, waiting, log))):
        for path in pages:
            assert check_page(ana.get(path).text).links()[code] == f"{ALL}/{code}", path
        assert ana.get(f"{ALL}/{code}").status_code == 200
    page = check_page(ana.get(person).text)
    assert page.links()["All sign-ins of this person"] == f"{ALL}?q={EVE.email}"
    assert check_page(ana.get(f"{ALL}/{eve.created_by_reference}").text).links()["Open account"] == person


def test_what_has_a_reference_and_is_no_sign_in_leads_nowhere(cast: Cast, ana: Browser) -> None:
    code = attempts.new_reference()
    audit.record(
        cast.acme, "sso:logout:refused", actor=audit.SYSTEM, subject=cast.ben.email, reference=code, detail="signature"
    )
    db.session.commit()
    for path in ("/o/acme/settings/audit-log", f"/o/acme/settings/people/{cast.ben.id}"):
        page = check_page(ana.get(path).text)
        assert code in page.words
        assert code not in page.links()


def test_another_organizations_are_not_there(cast: Cast, ana: Browser, browser: Browser) -> None:
    refuse(cast, 1)
    [code] = references(check_page(ana.get(ALL).text))
    cleo = browser.sign_in_as(cast.cleo)
    theirs = ALL.replace("acme", "globex")
    assert cleo.get(f"{theirs}/{code}").status_code == 404
    for path in (theirs, f"{theirs}?q={code}", f"{theirs}?q={cast.ben.email}", f"{theirs}?before={code}"):
        assert references(check_page(cleo.get(path).text)) == []
    refuse(cast, 1, organization_id=None)
    assert len(references(check_page(ana.get(f"{ALL}?q={cast.ben.email}").text))) == 1


@pytest.mark.parametrize("path", [f"{ALL}/nothing", f"{ALL}/%00", f"{ALL}/AAAA-AAAA"])
def test_a_code_of_nothing_is_a_404(ana: Browser, path: str) -> None:
    assert ana.get(path).status_code == 404
    assert ana.get(ALL, query_string={"q": "\0", "before": "\0"}).status_code == 200


INDEXES = {
    "": ("ix_sign_in_attempt_organization_id_at",),
    "ben@acme.example": ("ix_sign_in_attempt_user_id_at", "ix_sign_in_attempt_throttle_email"),
    "192.0.2.7": ("ix_sign_in_attempt_throttle_address",),
    "code": ("reference",),
}


@pytest.mark.parametrize("search", INDEXES)
@pytest.mark.parametrize("first", [True, False], ids=["first page", "next page"])
def test_a_page_is_read_by_an_index(cast: Cast, search: str, first: bool) -> None:
    refuse(cast, 3_000, email="others@acme.example", user_id=cast.ana.id)
    refuse(cast, 3_000, email="others@globex.example", organization_id=cast.globex.id)
    refuse(cast, 40, address="192.0.2.7")
    if db.engine.name == "postgresql":  # SQLite has no statistics, as in operation
        db.session.execute(text("ANALYZE"))
    db.session.commit()
    of_acme = select(SignInAttempt).where(SignInAttempt.organization_id == cast.acme.id)
    before = None if first else db.session.scalars(of_acme.order_by(SignInAttempt.at).limit(1).offset(2_000)).one()
    code = db.session.scalars(select(SignInAttempt.reference).limit(1)).one()
    with explained() as plans:
        receipts.page(cast.acme, 26, code if search == "code" else search, before)
    [plan] = plans
    assert all(index in plan for index in INDEXES[search])
    assert "SCAN sign_in_attempt" not in plan
    assert "Seq Scan on sign_in_attempt" not in plan
    if not search:
        assert "USE TEMP B-TREE" not in plan
        assert ("at<?" in plan or "AND (at <=" in plan) is not first
