"""An admin adds a domain and is given its TXT record; what cannot be an organization's is refused beside the field."""

from __future__ import annotations

import pytest

from database import db
from models import Domain
from organizations import domains
from tests.factories import Cast
from tests.flows.domains import DOMAINS, NEW, SECURITY, count_of_domains, events, row
from tests.pages import check_page, parse
from tests.signing_in import Browser


@pytest.fixture
def ana(cast: Cast, browser: Browser) -> Browser:
    return browser.sign_in_as(cast.ana)


def test_the_record_is_shown_as_it_has_to_be_entered(ana: Browser) -> None:
    answer = ana.post(DOMAINS, {"name": f" {NEW.upper()}. "})
    assert (answer.status_code, answer.headers["Location"]) == (303, SECURITY)
    page = check_page(ana.get(SECURITY).text)
    domain = row()
    assert (domain.state, domain.verified_at, len(domain.challenge)) == ("pending", None, 32)
    assert "_latchkey-challenge.research.example" in page.words
    assert f"latchkey-verification={domain.challenge}" in page.words
    assert f"{NEW} Pending" in page.words
    assert "Next check in 1 minute" in page.words
    assert "controls the domain" in page.words
    for part in ("record-name", "record-value"):
        assert f'data-copy="domain-{domain.id}-{part}"' in page.text
    assert events("admin:domain:added") == [("admin:domain:added", "ana@acme.example", NEW)]


def test_htmx_gets_the_card(ana: Browser) -> None:
    answer = ana.post(DOMAINS, {"name": NEW}, htmx=True)
    assert answer.status_code == 200
    fragment = parse(f"<!doctype html><title>The page it is swapped into</title>{answer.text}")
    assert fragment.by_id("domains") is not None
    assert row().record_value in answer.text
    assert "is added" in answer.text


def test_two_organizations_get_different_challenges(cast: Cast, ana: Browser, another_browser: Browser) -> None:
    ana.post(DOMAINS, {"name": NEW})
    another_browser.sign_in_as(cast.cleo).post("/o/globex/settings/domains", {"name": NEW})
    assert row().challenge != row(slug="globex").challenge


REFUSED = {
    "": "Write the part of your addresses behind the @",
    "   ": "Write the part of your addresses behind the @",
    "nonsense": "is not a domain name",
    "ana@acme.example": "is not a domain name",
    "https://acme.example/": "is not a domain name",
    "-x.example": "is not a domain name",
    "a..example": "is not a domain name",
    "127.0.0.1": "is not a domain name",
    "<script>.example": "is not a domain name",
    "x" * 300: "longer than a domain can be",
    ".".join(["x" * 59] * 4): "is too long",
    "gmail.com": "public mail domain",
    "GMail.com.": "public mail domain",
    "tutanota.com": "public mail domain",
    "proton.me": "public mail domain",
    "co.uk": "public suffix",
    "github.io": "public suffix",
    "xn--55qx5d.cn": "public suffix",
    "公司.cn": "public suffix",
    "acme.example": "is already a domain of Acme",
    "Acme.Example.": "is already a domain of Acme",
    "globex.example": "is verified for another organization",
}


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("typed", REFUSED)
def test_a_domain_is_refused_beside_its_field(ana: Browser, typed: str, htmx: bool) -> None:
    before = count_of_domains()
    answer = ana.post(DOMAINS, {"name": typed}, htmx=htmx)
    assert answer.status_code == 422
    text = answer.text if not htmx else f"<!doctype html><title>The page</title>{answer.text}"
    page = parse(text) if htmx else check_page(text)
    field, error = page.by_id("domain-name"), page.by_id("domain-name-error")
    assert field is not None
    assert error is not None
    assert REFUSED[typed] in "".join(error.itertext())
    assert field.get("value") == typed, "what was typed is kept"
    assert (field.get("aria-invalid"), "domain-name-error" in field.get("aria-describedby", "")) == ("true", True)
    assert "Globex" not in answer.text, "never by whom"
    assert count_of_domains() == before
    assert events() == []


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
        ("labs.acme.example", "labs.acme.example"),
        ("acme.co.uk", "acme.co.uk"),
        ("acme.github.io", "acme.github.io"),
        ("mail.gmail.example", "mail.gmail.example"),
        ("labs.globex.example", "labs.globex.example"),
    ],
)
def test_what_only_looks_like_it_is_taken(ana: Browser, typed: str, name: str) -> None:
    assert ana.post(DOMAINS, {"name": typed}).status_code == 303
    assert row(name).state == "pending"


def test_a_domain_that_is_only_pending_elsewhere_can_be_added(ana: Browser, cast: Cast) -> None:
    db.session.add(Domain(organization_id=cast.globex.id, name=NEW))
    db.session.commit()
    assert ana.post(DOMAINS, {"name": NEW}).status_code == 303


def test_there_is_a_limit_for_admins_but_not_for_operators(
    ana: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "MOST", 1)
    answer = ana.post(DOMAINS, {"name": NEW})
    assert answer.status_code == 422
    assert "contact support" in answer.text
    domains.add(cast.acme, NEW)


@pytest.mark.parametrize("role", ["viewer", "collaborator"])
@pytest.mark.parametrize("path", [DOMAINS, f"{DOMAINS}/acme.example/check", f"{DOMAINS}/acme.example/remove"])
def test_nobody_but_an_admin(cast: Cast, browser: Browser, role: str, path: str) -> None:
    cast.ben.role = role
    db.session.commit()
    assert browser.sign_in_as(cast.ben).post(path, {"name": NEW}).status_code == 403
    assert (count_of_domains(), events()) == (2, [])
