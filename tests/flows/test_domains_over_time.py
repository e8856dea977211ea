"""The jobs look for TXT records by themselves: of pending domains less and less often, of verified ones daily."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commands import job_domains
from database import db, now
from models import Domain
from organizations import challenges
from organizations.txt_records import Look
from tests.factories import EVE, Cast, make_user
from tests.flows.domains import CHECK, DOMAINS, NEW, SECURITY, events, let_time_pass, mails, row
from tests.name_server import NameServer
from tests.pages import check_page
from tests.signing_in import Browser

DAY = timedelta(days=1)


@pytest.fixture
def ana(cast: Cast, browser: Browser, dns: NameServer) -> Browser:
    browser.sign_in_as(cast.ana).post(DOMAINS, {"name": NEW})
    return browser


@pytest.fixture
def verified(ana: Browser, dns: NameServer) -> Browser:
    dns.txt(NEW, row().record_value)
    ana.post(CHECK, {})
    assert row().state == "verified"
    return ana


def words_of(browser: Browser) -> str:
    return check_page(browser.get(SECURITY).text).words


def test_nothing_is_due_before_its_time(ana: Browser, dns: NameServer) -> None:
    assert job_domains.run() == "0 domains checked."
    assert dns.asked == []


def test_a_pending_domain_is_verified_without_anybody_asking(ana: Browser, dns: NameServer) -> None:
    dns.txt(NEW, row().record_value)
    let_time_pass(timedelta(minutes=1))
    assert job_domains.run() == "1 domain checked, 1 verified."
    assert (row().state, row().verified_by) == ("verified", "dns")
    assert events("system:domain:verified") == [("system:domain:verified", "system", NEW)]
    assert job_domains.run() == "0 domains checked."


@pytest.mark.parametrize(
    ("age", "next_in"),
    [
        (timedelta(), timedelta(minutes=1)),
        (timedelta(minutes=9), timedelta(minutes=1)),
        (timedelta(minutes=11), timedelta(minutes=10)),
        (timedelta(hours=3), timedelta(hours=1)),
        (timedelta(days=3), DAY),
        (timedelta(days=29), DAY),
        (timedelta(days=31), None),
    ],
)
def test_a_pending_domain_is_looked_for_less_and_less_often(
    cast: Cast, age: timedelta, next_in: timedelta | None
) -> None:
    at = now()
    domain = Domain(organization_id=cast.acme.id, name=NEW, created_at=at - age)
    db.session.add(domain)
    db.session.commit()
    question = challenges.begin(domain, at)
    assert question is not None
    challenges.conclude(question, Look("nothing"), at)
    assert domain.next_check_at == (next_in and at + next_in)
    db.session.flush()
    question = challenges.begin(domain, at + challenges.BETWEEN_LOOKS)
    assert question is not None
    challenges.conclude(question, Look("nothing"), at, cast.ana)
    assert domain.next_check_at is not None, "somebody asked, so somebody is at it again"
    db.session.rollback()


def test_a_domain_without_a_next_look_stays_as_it_is(ana: Browser, dns: NameServer) -> None:
    let_time_pass(timedelta(days=40))
    assert job_domains.run() == "1 domain checked."
    assert row().next_check_at is None
    let_time_pass(timedelta(days=40))
    assert job_domains.run() == "0 domains checked."
    assert "Next check" not in words_of(ana)
    assert ", next" not in words_of(ana)


def test_a_verified_domain_is_looked_for_daily(verified: Browser, dns: NameServer) -> None:
    let_time_pass(DAY - timedelta(minutes=1))
    assert job_domains.run() == "0 domains checked."
    let_time_pass(timedelta(minutes=1))
    assert job_domains.run() == "1 domain checked."
    assert row().state == "verified"
    assert mails() == []


@pytest.mark.parametrize("gone", ["forgotten", "replaced", "no such domain"])
def test_a_lost_record_is_told_once_and_changes_nothing(
    verified: Browser, dns: NameServer, cast: Cast, another_browser: Browser, gone: str
) -> None:
    make_user(cast.acme, "gone@acme.example", role="admin", status="deactivated")
    cast.acme.jit_on = True
    db.session.commit()
    value = row().record_value
    if gone == "replaced":
        dns.txt(NEW, "something else")
    else:
        dns.forget(NEW)
    if gone == "no such domain":
        dns.forget_all()
    let_time_pass(DAY)
    assert job_domains.run() == "1 domain checked, 1 lost."
    domain = row()
    assert (domain.state, bool(domain.verified_at), domain.verified_by) == ("attention", True, "dns")
    assert events("system:domain:record_lost") == [("system:domain:record_lost", "system", NEW)]
    assert sorted(mail.recipient for mail in mails()) == ["ana@acme.example", "root@acme.example"]
    for mail in mails():
        assert mail.subject == f"The TXT record of {NEW} is gone"
        assert domain.record_name in mail.body
        assert value in mail.body
        assert "Nothing has changed for anybody" in mail.body
    page = check_page(verified.get(SECURITY).text)
    assert f"{NEW} Attention" in page.words
    assert value in page.words, "it can be put back"
    let_time_pass(DAY)
    assert job_domains.run() == "1 domain checked."
    assert (len(mails()), len(events("system:domain:record_lost"))) == (2, 1)
    person = type(EVE)(f"nils@{NEW}", "Nils", "Berg")
    assert another_browser.sso(cast.acme, person).status_code == 200, "it stays in effect"
    dns.txt(NEW, value)
    let_time_pass(DAY)
    assert job_domains.run() == "1 domain checked, 1 found again."
    assert row().state == "verified"
    assert events("system:domain:record_found") == [("system:domain:record_found", "system", NEW)]
    assert events("system:domain:verified") == [], "it always was"


def test_an_admin_who_put_it_back_need_not_wait(verified: Browser, dns: NameServer) -> None:
    value = row().record_value
    dns.forget(NEW)
    let_time_pass(DAY)
    job_domains.run()
    let_time_pass()
    assert "is still gone" in verified.post(CHECK, {}, htmx=True).text
    dns.txt(NEW, value)
    let_time_pass()
    verified.post(CHECK, {})
    assert (row().state, row().missing_since) == ("verified", None)


@pytest.mark.parametrize("code", ["SERVFAIL", "REFUSED"])
def test_a_name_server_in_trouble_says_nothing_about_the_record(verified: Browser, dns: NameServer, code: str) -> None:
    dns.error(NEW, code)
    let_time_pass(DAY)
    assert job_domains.run() == "1 domain checked."
    domain = row()
    assert (domain.state, domain.check_result, mails()) == ("verified", "dns_error", [])
    assert domain.next_check_at - now() <= timedelta(hours=1), "sooner than tomorrow"
    assert "which could not be read the last time" in words_of(verified)


def test_what_support_has_verified_is_never_looked_for(cast: Cast, dns: NameServer) -> None:
    let_time_pass(timedelta(days=100), "acme.example")
    assert job_domains.run() == "0 domains checked."
    db.session.execute(db.update(Domain).values(next_check_at=now() - DAY, verified_by="support"))
    db.session.commit()
    assert job_domains.run() == "0 domains checked."
    assert dns.asked == []


def test_many_that_are_due_are_looked_at_in_one_run(cast: Cast, dns: NameServer) -> None:
    past = now() - DAY
    names = [f"d{number}.example" for number in range(130)]
    db.session.add_all(
        Domain(organization_id=cast.acme.id, name=name, created_at=past, next_check_at=past) for name in names
    )
    db.session.commit()
    for name in names[:3]:
        dns.txt(name, row(name).record_value)
    assert job_domains.run() == "130 domains checked, 3 verified."


def test_two_runs_at_once_do_not_ask_twice(ana: Browser, dns: NameServer) -> None:
    let_time_pass()
    assert len(job_domains._begin()) == 1
    assert job_domains._begin() == []
