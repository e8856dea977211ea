"""The identity provider's details: four ways to give them, shown as they were understood, saved only then."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from flask import Flask

from database import db, now
from models import Organization, SSOConfiguration, User
from tests.certificates import key_pair, new_key_pair
from tests.factories import EVE, Cast
from tests.flows.setup.ways import (
    IdP,
    SetUp,
    connection_of,
    events,
    idp_of,
    newest_version,
    next_idp,
    person,
    sign_in,
)
from tests.pages import Page, check_page
from tests.saml import forge
from tests.signing_in import Browser
from tests.unit.published import Server
from tests.unit.test_idp_metadata import entities

IDP = next_idp()


def carried(page: Page, submit: str = "Save these details") -> dict[str, str]:
    """The hidden fields of the form with this button."""
    [form] = [form for form in page.forms() if submit in "".join(form.itertext())]
    return {field.get("name", ""): field.get("value", "") for field in form.iter("input")}


def test_our_values_come_first_and_are_made_once(cleo: SetUp) -> None:
    page = cleo.page()
    assert "Show our values" in page.words
    assert page.by_id("sso-acs") is None
    for _ in range(2):
        assert cleo.send("/begin").status_code == 303
    connection = connection_of("globex")
    page = cleo.page()
    for name, end in {"sso-acs": "/acs", "sso-metadata": "/metadata", "sso-start": "/start"}.items():
        assert "".join(page.by_id(name).itertext()) == f"http://localhost/saml/{connection.public_id}{end}"
    assert "Enter our values at your identity provider" in page.words
    assert [event.actor for event in events("admin:sso:prepared")] == ["cleo@globex.example"]


def understood(page: Page, idp: IdP = IDP) -> dict[str, str]:
    assert page.h1 == "Is this your identity provider?"
    for shown in (idp.entity_id, idp.sso_url, "HTTP-Redirect", "CN=next"):
        assert shown in page.words
    db.session.rollback()
    assert db.session.query(SSOConfiguration).join(Organization).filter_by(slug="globex").count() == 0
    return carried(page)


def saved(cleo: SetUp, fields: dict[str, str], source: str, url: str | None = None) -> None:
    answer = cleo.browser.client.post(f"{cleo.path}/save", data=fields)
    assert (answer.status_code, answer.location) == (303, cleo.path)
    version = newest_version(cleo.organization)
    assert (version.idp_entity_id, version.sso_url) == (IDP.entity_id, IDP.sso_url)
    assert version.certificates == [IDP.signer.certificate]
    assert (version.metadata_source, version.metadata_url) == (source, url)
    assert connection_of("globex").live_configuration_id == version.id
    assert connection_of("globex").state == "enabled"
    page = cleo.page()
    assert "Version 1 is saved. Now test it." in page.text
    assert "SSO is enabled, but not activated." in page.words


def test_by_the_address_at_which_it_publishes(cleo: SetUp, server: Server) -> None:
    server.answers["/idp"] = (200, {}, IDP.metadata.encode())
    page = check_page(cleo.send("/read-address", url=f" {server.url}/idp ").text)
    saved(cleo, understood(page), f"{server.url}/idp", f"{server.url}/idp")
    assert server.asked == ["/idp"]
    assert connection_of("globex").metadata_next_at is not None
    assert "read again every six hours" in cleo.page().words


def test_by_pasted_xml(cleo: SetUp) -> None:
    page = check_page(cleo.send("/read-document", xml=IDP.metadata).text)
    saved(cleo, understood(page), "pasted XML")
    assert connection_of("globex").metadata_next_at is None


def test_by_a_file(cleo: SetUp) -> None:
    file = (BytesIO(IDP.metadata.encode()), "downloads/idp metadata.xml")
    page = check_page(cleo.send("/read-document", file=file, xml="not looked at").text)
    saved(cleo, understood(page), "idp metadata.xml")


def test_by_hand(cleo: SetUp) -> None:
    typed = {name: f"  {value}\n" for name, value in IDP.typed.items()}
    page = check_page(cleo.send("/details", **typed).text)
    saved(cleo, understood(page), "by hand")


def test_bare_base64_is_a_certificate_too(cleo: SetUp) -> None:
    body = "".join(line for line in IDP.signer.certificate.splitlines() if "-----" not in line)
    page = check_page(cleo.send("/details", **{**IDP.typed, "certificates": body}).text)
    saved(cleo, understood(page), "by hand")


def test_of_several_one_is_chosen_first(cleo: SetUp, server: Server) -> None:
    other = next_idp("other")
    both = entities(other.metadata, IDP.metadata)
    server.answers["/federation"] = (200, {}, both.encode())
    page = check_page(cleo.send("/read-address", url=f"{server.url}/federation").text)
    assert page.h1 == "Choose your identity provider"
    assert "Found 2 identity providers" in page.words
    answer = cleo.browser.client.post(f"{cleo.path}/details", data=carried(page, f"Choose {IDP.entity_id}"))
    address = f"{server.url}/federation"
    saved(cleo, understood(check_page(answer.text)), address, address)


def test_one_of_several_that_cannot_be_used_says_why_and_cannot_be_chosen(cleo: SetUp) -> None:
    weak = IDP.metadata.replace(IDP.entity_id, "https://weak.example")
    body = "".join(line for line in IDP.signer.certificate.splitlines() if "-----" not in line)
    weak = weak.replace(body, key_pair("RSA-1024").base64)
    page = check_page(cleo.send("/read-document", xml=entities(weak, IDP.metadata)).text)
    assert "A certificate's key is too weak" in page.words
    assert [form for form in page.forms() if "weak.example" in "".join(form.itertext())] == []
    assert carried(page, f"Choose {IDP.entity_id}")["entity_id"] == IDP.entity_id


def test_an_expired_certificate_is_a_warning_only(cleo: SetUp) -> None:
    expired = IDP.but(signer=forge.signer_with(new_key_pair("RSA-2048", ends_at=now() - timedelta(days=3))))
    page = check_page(cleo.send("/details", **expired.typed).text)
    assert "It has ended. Sign-ins pass all the same" in page.words
    assert cleo.save(expired).certificates == [expired.signer.certificate]
    assert "The identity provider's certificate ended" in cleo.page().words
    assert cleo.test(expired, **person("cleo@globex.example")).passed


def test_the_same_details_again_are_no_new_version(ana: SetUp) -> None:
    page = ana.refused("/save", 409, **idp_of().typed)
    assert "Version 1 already has exactly these details" in page.text
    assert newest_version(ana.organization).version == 1


def test_the_same_details_from_an_address_are_one_because_they_are_refreshed(ana: SetUp) -> None:
    version = ana.save(idp_of(), metadata_url="https://idp.example/metadata")
    assert (version.version, version.metadata_url) == (2, "https://idp.example/metadata")
    assert "already has" in ana.refused("/save", 409, **idp_of().typed).text, "what is refreshed stays so"


def test_an_entity_id_that_another_organization_uses_is_allowed_and_sign_ins_stay_apart(
    cast: Cast, cleo: SetUp, app: Flask
) -> None:
    """Globex names Acme's identity provider as its own, with another key."""
    cast.acme.jit_on = cast.globex.jit_on = True
    db.session.commit()
    twin = idp_of("acme").but(signer=IDP.signer)
    version = cleo.save(twin)
    assert cleo.test(twin, **person("cleo@globex.example")).passed
    assert cleo.activate(version.version).status_code == 303
    for organization, idp, stranger in ((cast.acme, idp_of(), twin), (cast.globex, twin, idp_of())):
        email = f"dora@{organization.slug}.example"
        browser = Browser(app)
        assert sign_in(browser, organization, stranger, **person(email)).status_code == 403, "the other one's key"
        assert sign_in(browser, organization, idp, **person("eve@initech.example")).status_code == 403
    db.session.rollback()
    assert db.session.query(User).filter_by(origin="jit").count() == 0
    assert sign_in(Browser(app), cast.acme, **person(EVE.email)).status_code == 303
    [eve] = db.session.query(User).filter_by(origin="jit")
    assert eve.organization.slug == "acme"
