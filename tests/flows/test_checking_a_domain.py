"""*Check now*: what the name server answers becomes the state of the domain, at once and in words."""

from __future__ import annotations

import re
import socket
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from database import db, now
from models import Domain
from organizations import challenges, txt_records
from tests.factories import EVE, Cast
from tests.flows.domains import CHECK, DOMAINS, NEW, SECURITY, events, let_time_pass, row
from tests.flows.test_constant_number_of_queries import counted
from tests.name_server import NameServer
from tests.pages import check_page
from tests.signing_in import Browser


@pytest.fixture
def ana(cast: Cast, browser: Browser, dns: NameServer) -> Browser:
    browser.sign_in_as(cast.ana).post(DOMAINS, {"name": NEW})
    return browser


def words(browser: Browser) -> str:
    return check_page(browser.get(SECURITY).text).words


def test_the_record_is_there(ana: Browser, dns: NameServer) -> None:
    dns.txt(NEW, row().record_value)
    answer = ana.post(CHECK, {})
    assert (answer.status_code, answer.headers["Location"]) == (303, SECURITY)
    domain = row()
    assert (domain.state, domain.verified_by, domain.check_result) == ("verified", "dns", "found")
    assert domain.next_check_at - domain.checked_at >= timedelta(days=1)
    assert events("admin:domain:verified") == [("admin:domain:verified", "ana@acme.example", NEW)]
    page = words(ana)
    assert f"{NEW} is verified." in page
    assert f"{NEW} Verified" in page
    assert "Last check just now , next in 1 day ." in page
    assert domain.record_value not in page, "there is nothing left to do with it"


def test_people_there_are_let_in_from_then_on(
    ana: Browser, dns: NameServer, cast: Cast, another_browser: Browser
) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    person = type(EVE)(f"nils@{NEW}", "Nils", "Berg")
    assert another_browser.sso(cast.acme, person).status_code == 403
    dns.txt(NEW, row().record_value)
    ana.post(CHECK, {})
    assert another_browser.sso(cast.acme, person).status_code == 200


def nothing(dns: NameServer) -> None:
    dns.domain(NEW)


def other(dns: NameServer) -> None:
    dns.txt(NEW, "latchkey-verification=<b>old</b>")


def no_domain(dns: NameServer) -> None:
    pass


def server_failure(dns: NameServer) -> None:
    dns.error(NEW, "SERVFAIL")


@pytest.mark.parametrize(
    ("zone", "result", "says"),
    [
        (nothing, "nothing", f"There is no TXT record at _latchkey-challenge.{NEW}. Add it"),
        (other, "other", "Found instead latchkey-verification=<b>old</b>"),
        (no_domain, "dns_error", f"The DNS knows no domain {NEW}. Compare the spelling."),
        (server_failure, "dns_error", "answered with an error"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_why_it_is_not_verified_stands_beside_it(
    ana: Browser, dns: NameServer, zone: object, result: str, says: str, htmx: bool
) -> None:
    zone(dns)
    answer = ana.post(CHECK, {}, htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert (row().state, row().check_result, row().verified_at) == ("failed", result, None)
    if htmx:
        assert "<html" not in answer.text
        assert "is not verified yet" in answer.text
    assert f"{NEW} Failed" in words(ana)
    assert says in words(ana)
    assert row().record_value in words(ana), "it is still to be put in place"
    assert events("admin:domain:verified") == []


def test_a_name_server_that_is_silent(ana: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(txt_records, "SECONDS", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        monkeypatch.setitem(app.config, "DNS_RESOLVERS", [silent.getsockname()])
        ana.post(CHECK, {})
    assert row().check_found == ["time_out"]
    assert "did not answer in time. Check again in a few minutes" in words(ana)


def test_somebody_else_can_write_while_the_name_server_is_asked(
    ana: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch, raw_connection: object
) -> None:
    """On SQLite there is one write lock: a look within it would hold up every sign-in."""
    looked = []

    def look(*_: object) -> txt_records.Look:
        raw_connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        raw_connection.exec_driver_sql("UPDATE organization SET name = 'Acme Labs' WHERE slug = 'acme'")
        raw_connection.commit()
        looked.append(True)
        return txt_records.Look("nothing")

    monkeypatch.setattr(txt_records, "look", look)
    assert ana.post(CHECK, {}).status_code == 303
    assert looked
    db.session.rollback()
    assert (cast.acme.name, row().check_result) == ("Acme Labs", "nothing")


def test_asking_again_at_once_asks_no_name_server(ana: Browser, dns: NameServer) -> None:
    for _ in range(3):
        ana.post(CHECK, {})
    asked = len(dns.asked)
    assert asked == 2  # the record, and whether the domain is there
    assert "checked a moment ago" in ana.post(CHECK, {}, htmx=True).text
    let_time_pass(challenges.BETWEEN_LOOKS)
    ana.post(CHECK, {})
    assert len(dns.asked) == 2 * asked


def test_a_domain_verified_by_support_is_not_looked_for(ana: Browser, dns: NameServer) -> None:
    assert ana.post(f"{DOMAINS}/acme.example/check", {}).status_code == 303
    assert dns.asked == []
    assert row("acme.example").state == "verified"
    page = check_page(ana.get(SECURITY).text)
    assert page.by_id(f"domain-{row('acme.example').id}-check") is None
    assert page.by_id(f"domain-{row().id}-check") is not None


def test_a_domain_that_was_verified_elsewhere_meanwhile(ana: Browser, dns: NameServer, cast: Cast) -> None:
    db.session.add(Domain(organization_id=cast.globex.id, name=NEW, verified_at=now(), verified_by="dns"))
    db.session.commit()
    dns.txt(NEW, row().record_value)
    ana.post(CHECK, {})
    assert (row().state, row().check_result, row().verified_at) == ("failed", "taken", None)
    assert "is verified for another organization. Contact support." in words(ana)
    assert "Globex" not in words(ana)


def test_a_domain_of_another_organization_is_not_there(ana: Browser, cast: Cast, another_browser: Browser) -> None:
    cleo = another_browser.sign_in_as(cast.cleo)
    for action in ("check", "remove"):
        assert cleo.post(f"/o/globex/settings/domains/{NEW}/{action}", {}).status_code == 404
        assert cleo.post(f"{DOMAINS}/{NEW}/{action}", {}).status_code == 404
    assert cleo.get(f"/o/globex/settings/domains/{NEW}/remove").status_code == 404
    assert cleo.post("/o/globex/settings/domains/..../check", {}).status_code == 404
    assert row().checked_at is None


def test_it_was_removed_while_the_name_server_was_asked(ana: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*_: object) -> txt_records.Look:
        db.session.delete(row())
        db.session.commit()
        return txt_records.Look("found")

    monkeypatch.setattr(txt_records, "look", look)
    assert ana.post(CHECK, {}).status_code == 404
    assert events("admin:domain:verified") == []


def test_htmx_loads_the_page_anew_where_more_than_the_card_speaks_of_it(
    ana: Browser, dns: NameServer, cast: Cast, another_browser: Browser
) -> None:
    dns.txt(NEW, row().record_value)
    answer = ana.post(CHECK, {}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, SECURITY)
    assert "SSO is activated for 2 domains." in words(ana)
    db.session.execute(update(Domain).where(Domain.name == "globex.example").values(verified_at=None))
    db.session.commit()
    cleo = another_browser.sign_in_as(cast.cleo)  # whose organization has no SSO
    security = "/o/globex/settings/security"
    assert "Verify a domain" in check_page(cleo.get(security).text).links()
    cleo.post("/o/globex/settings/domains", {"name": "labs.globex.example"})
    dns.txt("labs.globex.example", row("labs.globex.example", "globex").record_value)
    answer = cleo.post("/o/globex/settings/domains/labs.globex.example/check", {}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, security)
    page = check_page(cleo.get(security).text)
    assert "labs.globex.example is verified." in page.words
    assert "Verify a domain" not in page.links()


def test_it_does_so_when_the_record_of_a_verified_domain_is_lost_and_when_it_is_back(
    ana: Browser, dns: NameServer
) -> None:
    value = row().record_value
    dns.txt(NEW, value)
    ana.post(CHECK, {})
    chip = "Single sign-on Attention"
    for there, status, notice in (
        (False, 204, "is gone."),
        (False, 200, "is still gone."),
        (True, 204, "is verified."),
    ):
        if there:
            dns.txt(NEW, value)
        else:
            dns.forget(NEW)
        let_time_pass(challenges.BETWEEN_LOOKS)
        answer = ana.post(CHECK, {}, htmx=True)
        assert (answer.status_code, answer.headers.get("HX-Redirect")) == (status, SECURITY if status == 204 else None)
        page = words(ana)
        assert notice in answer.text + page
        assert (chip in page) is not there
        assert ("stays proved to be yours. People sign in as before." in page) is not there


def test_the_page_takes_as_many_queries_for_many_domains(ana: Browser, cast: Cast) -> None:
    with counted() as few:
        ana.get(SECURITY)
    db.session.add_all(Domain(organization_id=cast.acme.id, name=f"d{number}.example") for number in range(50))
    db.session.commit()
    with counted() as many:
        page = ana.get(SECURITY).text
    assert len(re.findall(r'id="domain-\d+"', page)) == 52
    assert len(many) == len(few)
