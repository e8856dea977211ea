"""What the tests of the set-up share: an admin's way through the pages, and an identity provider that answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from lxml import etree
from sqlalchemy import select
from werkzeug.test import TestResponse

from commands import job_metadata
from database import db
from models import AuditEvent, Organization, PendingRequest, SignInTest, SSOConfiguration, SSOConnection
from saml.metadata import IdPMetadata, read_idp_metadata
from tests import factories
from tests.pages import Page, check_page, parse
from tests.saml import forge
from tests.saml.idp_metadata import describe_idp
from tests.signing_in import Browser

Changes = dict[str, Any]


@dataclass(frozen=True)
class IdP:
    """An identity provider as the tests answer for it: its details, and the key that it signs with."""

    entity_id: str
    sso_url: str
    signer: forge.Signer

    @property
    def metadata(self) -> str:
        return describe_idp(self.entity_id, (self.signer.certificate,), self.sso_url)

    @property
    def details(self) -> IdPMetadata:
        return read_idp_metadata(self.metadata.encode(), allow_http=True)

    @property
    def typed(self) -> dict[str, str]:
        return {"entity_id": self.entity_id, "sso_url": self.sso_url, "certificates": self.signer.certificate}

    def but(self, **changes: Any) -> IdP:
        return replace(self, **changes)


def idp_of(slug: str = "acme") -> IdP:
    """The one that the connection of `factories.make_connection` trusts."""
    known = factories.identity_provider(slug)
    return IdP(known.entity_id, known.sso_url, forge.signer_of(slug))


def next_idp(name: str = "next") -> IdP:
    """Another one, with everything of its own."""
    return IdP(f"https://{name}.example/metadata", f"https://{name}.example/sso", forge.signer("RSA-2048", name))


def rolled_over() -> IdP:
    """Acme's, signing with its next key."""
    return idp_of().but(signer=next_idp().signer)


@dataclass
class SetUp:
    """Somebody on the set-up pages of an organization."""

    browser: Browser
    organization: Organization

    @property
    def path(self) -> str:
        return f"/o/{self.organization.slug}/settings/security/sso"

    def page(self, where: str = "", status: int = 200) -> Page:
        answer = self.browser.get(self.path + where)
        assert answer.status_code == status, (answer.status_code, answer.location)
        return check_page(answer.text)

    def send(self, where: str, **fields: Any) -> TestResponse:
        token = self.browser.csrf_token(self.path)
        return self.browser.client.post(self.path + where, data={**fields, "csrf_token": token})

    def refused(self, where: str, status: int = 422, **fields: Any) -> Page:
        """The page that refuses a form; it is as valid as any other."""
        answer = self.send(where, **fields)
        assert answer.status_code == status, (answer.status_code, answer.location)
        return check_page(answer.text)

    def save(self, idp: IdP, **more: str) -> SSOConfiguration:
        """Details by hand, understood and saved; the version that they became."""
        assert self.send("/details", **idp.typed).status_code == 200
        answer = self.send("/save", **idp.typed, **more)
        assert (answer.status_code, answer.location) == (303, self.path), answer.text
        return newest_version(self.organization)

    def begin_test(self, idp: IdP | None = None) -> forge.Message:
        """To the identity provider; what an honest answer to it says."""
        started = self.browser.get(f"{self.path}/test-sign-in")
        assert started.status_code == 303
        return asked(self.organization, started, idp or idp_of(self.organization.slug))

    def answer(self, message: forge.Message, idp: IdP | None = None, **options: Any) -> TestResponse:
        return post(self.browser, message, idp or idp_of(self.organization.slug), **options)

    def test(self, idp: IdP | None = None, **said: Any) -> SignInTest:
        """The whole way of a test sign-in; its result."""
        answer = self.answer(replace(self.begin_test(idp), **said), idp)
        return self.result(answer)

    def result(self, answer: TestResponse) -> SignInTest:
        assert answer.status_code == 303, answer.text
        found = last_test()
        assert answer.location == f"{self.path}/test/{found.public_id}"
        return found

    def activate(self, version: int) -> TestResponse:
        return self.send("/activate", version=str(version))


def asked(organization: Organization, started: TestResponse, idp: IdP) -> forge.Message:
    """The request that a browser was sent away with, as an honest answer to it."""
    address = urlsplit(started.headers["Location"])
    assert "SAMLRequest" in parse_qs(address.query)
    db.session.rollback()
    newest = select(PendingRequest.request_id).order_by(PendingRequest.id.desc()).limit(1)
    ours = factories.our_endpoints(organization)
    request_id = db.session.scalars(newest).one()
    once = {"assertion_id": f"_a{request_id}", "response_id": f"_r{request_id}"}
    return forge.Message(idp.entity_id, ours.acs, ours.entity_id, request_id, **once)


def post(
    browser: Browser, message: forge.Message, idp: IdP, *, change: forge.Change | None = None, **fields: str
) -> TestResponse:
    """Sign and post; `change` is made before signing."""
    root = message.xml()
    if change:
        change(root)
    return post_document(browser, message, forge.signed(root, "both", idp.signer), **fields)


def post_document(browser: Browser, message: forge.Message, root: etree._Element, **fields: str) -> TestResponse:
    return browser.client.post(message.acs, data={"SAMLResponse": forge.encode(root), **fields})


def sign_in(browser: Browser, organization: Organization, idp: IdP | None = None, **said: Any) -> TestResponse:
    """An ordinary sign-in, to the answer of the ACS."""
    idp = idp or idp_of(organization.slug)
    started = browser.get(factories.our_endpoints(organization).start)
    assert started.status_code == 303, started.text
    return post(browser, replace(asked(organization, started, idp), **said), idp)


def accepted(app: Flask, cast: factories.Cast) -> tuple[bool, bool]:
    """Whether a sign-in signed with the old certificate passes, and one with the new."""
    old, new = (sign_in(Browser(app), cast.acme, idp).status_code == 303 for idp in (idp_of(), rolled_over()))
    return old, new


def read_again() -> str:
    """The job; what it says."""
    db.session.rollback()
    said = job_metadata.run()
    db.session.rollback()
    return said


def person(email: str) -> Changes:
    """What an identity provider says of somebody."""
    return {"name_id": email, "attributes": {"email": [email]}}


def last_test() -> SignInTest:
    db.session.rollback()
    return db.session.scalars(select(SignInTest).order_by(SignInTest.id.desc()).limit(1)).one()


def connection_of(slug: str = "acme") -> SSOConnection:
    db.session.rollback()
    query = select(SSOConnection).join(Organization, Organization.id == SSOConnection.organization_id)
    return db.session.scalars(query.where(Organization.slug == slug)).one()


def newest_version(organization: Organization) -> SSOConfiguration:
    db.session.rollback()
    query = select(SSOConfiguration).where(SSOConfiguration.organization_id == organization.id)
    return db.session.scalars(query.order_by(SSOConfiguration.version.desc()).limit(1)).one()


def live_version(slug: str = "acme") -> int:
    live = connection_of(slug).live_configuration
    return live.version if live else 0


def events(*actions: str) -> list[AuditEvent]:
    """The events of these actions, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action.in_(actions)).order_by(AuditEvent.id)))


def part(page: Page, name: str) -> str:
    """The words of the element with this id."""
    found = page.by_id(name)
    assert found is not None, page.words
    return " ".join(" ".join(found.itertext()).split())


def error_of(page: Page, field: str) -> str:
    """What stands beside a field that was refused."""
    return part(page, f"{field}-error")


def value_of(page: Page, field: str) -> str:
    control = page.by_id(field)
    assert control is not None
    return (control.get("value") if control.tag == "input" else "".join(control.itertext())) or ""


def words_of(answer: TestResponse) -> str:
    return parse(answer.text).words
