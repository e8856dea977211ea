"""What conforming identity providers send must pass, or the table of refusals would prove nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from database import db
from models import SSOConfiguration
from saml.attributes import DISPLAY_NAME, EMAIL, FAMILY_NAME, GIVEN_NAME
from tests import certificates
from tests.saml import forge
from tests.saml.conftest import Gate
from tests.saml.forge import NAMES, SAML, xpath
from tests.saml.variants import ACCEPTED, VARIANTS, answers, sealed

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


def trust(gate: Gate, *signers: forge.Signer) -> None:
    configuration = db.session.get_one(SSOConfiguration, gate.acme.connection.live_configuration_id)
    configuration.certificates = [signer.certificate for signer in signers]
    db.session.commit()


@pytest.mark.parametrize("variant", VARIANTS)
def test_signed_in_each_way(gate: Gate, variant: str) -> None:
    eve = gate.accepted(gate.post(sealed(gate, variant, gate.message.xml())))
    assert (eve.email, eve.given_name, eve.family_name) == ("eve@acme.example", "Eve", "Lindqvist")


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("kind", "method", "digest"),
    [
        ("RSA-2048", "rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"),
        ("RSA-2048", "rsa-sha384", f"{MORE}sha384"),
        ("RSA-4096", "rsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512"),
        ("P-256", "ecdsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"),
        ("P-384", "ecdsa-sha384", f"{MORE}sha384"),
        ("P-521", "ecdsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512"),
    ],
    ids=lambda value: value.rpartition("#")[2],
)
def test_with_each_algorithm(gate: Gate, variant: str, kind: str, method: str, digest: str) -> None:
    key = forge.signer(kind)
    trust(gate, key)
    gate.accepted(gate.post(sealed(gate, variant, gate.message.xml(), by=key, method=MORE + method, digest=digest)))


@pytest.mark.parametrize("what", ["assertion", "response"])
def test_the_two_signatures_may_differ(gate: Gate, what: str) -> None:
    """Of another key and method each, as after one of them was rolled over."""
    trust(gate, forge.signer_of("acme"), forge.signer("P-256"))
    options = {"by": forge.signer("P-256"), "method": f"{MORE}ecdsa-sha256"}
    gate.accepted(gate.post(sealed(gate, "both", gate.message.xml(), at=what, **options)))


def test_during_a_roll_over_either_certificate_verifies(gate: Gate) -> None:
    old, new = forge.signer_of("acme"), forge.signer(name="new")
    trust(gate, old, new)
    gate.accepted(gate.post(forge.signed(gate.message.xml(), "assertion", new)))


@pytest.mark.parametrize(("kind", "method"), [("RSA-2048", "rsa-sha256"), ("P-256", "ecdsa-sha256")])
@pytest.mark.parametrize("days", [(-9, -8), (8, 9)], ids=["ended", "not begun"])
def test_the_dates_of_a_certificate_do_not_decide(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, kind: str, method: str, days: tuple[int, int]
) -> None:
    begin, end = (datetime.now(UTC) + timedelta(days=day) for day in days)
    monkeypatch.setattr(certificates, "_BEGIN", begin)
    monkeypatch.setattr(certificates, "_END", end)
    key = forge.signer(kind, f"from {begin:%F} to {end:%F}")
    trust(gate, key)
    gate.accepted(gate.post(forge.signed(gate.message.xml(), "both", key, method=MORE + method)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_with_other_prefixes_and_namespaces_declared_elsewhere(gate: Gate, variant: str) -> None:
    text = etree.tostring(gate.message.xml()).decode()
    text = (
        text.replace("saml:", "a1:")
        .replace("xmlns:saml=", "xmlns:a1=")
        .replace("samlp:", "")
        .replace("xmlns:samlp=", "xmlns=")
    )
    gate.accepted(gate.post(sealed(gate, variant, etree.fromstring(text))))


@pytest.mark.parametrize("variant", VARIANTS)
def test_with_each_element_declaring_its_own(gate: Gate, variant: str) -> None:
    """The assertion in the default namespace, declared where it stands, and names that nobody uses above it."""
    text = etree.tostring(gate.message.xml()).decode().replace(f' xmlns:saml="{SAML}"', "")
    text = text.replace(" ID=", ' xmlns:unused="urn:unused" ID=', 1)
    text = text.replace("<saml:Issuer>", f'<Issuer xmlns="{SAML}">', 1).replace("</saml:Issuer>", "</Issuer>", 1)
    text = text.replace("<saml:Assertion ", f'<saml:Assertion xmlns="{SAML}" ').replace("saml:", "")
    gate.accepted(gate.post(sealed(gate, variant, etree.fromstring(text))))


@pytest.mark.parametrize("variant", VARIANTS)
def test_with_white_space_in_base64_and_between_elements(gate: Gate, variant: str) -> None:
    root = gate.message.xml()
    etree.indent(root)
    packed = forge.encode(sealed(gate, variant, root))
    lines = "\r\n".join(packed[start : start + 76] for start in range(0, len(packed), 76))
    gate.accepted(gate.post(SAMLResponse=lines))


@pytest.mark.parametrize("relay_state", ["", "https://evil.example", None])
def test_whatever_the_relay_state_comes_back_as(gate: Gate, relay_state: str | None) -> None:
    fields = {} if relay_state is None else {"RelayState": relay_state}
    response = gate.post(gate.honest(), **fields)
    gate.accepted(response)
    finished = gate.browser.get(response.headers["Location"])
    assert finished.headers["Location"] == "/"


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seconds", [-170, 170])
def test_clocks_may_differ_by_180_seconds(gate: Gate, seconds: int, variant: str) -> None:
    def shift(root: etree._Element) -> None:
        conditions = xpath(root, "a:Assertion/a:Conditions")
        conditions.set("NotBefore", forge.stamp(seconds))
        conditions.set("NotOnOrAfter", forge.stamp(seconds + 1))
        data = xpath(root, "//a:SubjectConfirmationData")
        data.set("NotOnOrAfter", forge.stamp(seconds + 1))

    assert answers(gate, shift, [variant]) == {variant: ACCEPTED}


@pytest.mark.parametrize("variant", VARIANTS)
def test_names_in_any_script_and_groups_of_many_values(gate: Gate, variant: str) -> None:
    """Whatever bytes a letter takes, it is the same after it was signed, encrypted and read."""
    gate.message.attributes |= {
        "firstName": ["Zoë 思慧 😀"],
        "lastName": ["مُحَمَّد O’Brien &lt;x&gt;"],
        "groups": ["Everyone", "Ünit &amp; Co", "组", *(f"group {number}" for number in range(150))],
    }
    eve = gate.accepted(gate.post(sealed(gate, variant, gate.message.xml())))
    assert (eve.given_name, eve.family_name) == ("Zoë 思慧 😀", "مُحَمَّد O’Brien <x>")


@pytest.mark.parametrize("name", EMAIL)
def test_each_name_of_the_address_is_understood(gate: Gate, name: str) -> None:
    gate.message.name_id, gate.message.name_id_format = "0042", PERSISTENT
    gate.message.attributes = {name: ["Eve@acme.example"]}
    assert gate.accepted(gate.post(gate.honest())).email == "eve@acme.example"


@pytest.mark.parametrize("name", GIVEN_NAME)
def test_each_given_name_is_understood(gate: Gate, name: str) -> None:
    gate.message.attributes = {"email": ["eve@acme.example"], name: ["Эва"]}
    assert gate.accepted(gate.post(gate.honest())).given_name == "Эва"


@pytest.mark.parametrize("name", FAMILY_NAME)
def test_each_family_name_is_understood(gate: Gate, name: str) -> None:
    gate.message.attributes = {"email": ["eve@acme.example"], name: ["李"]}
    assert gate.accepted(gate.post(gate.honest())).family_name == "李"


@pytest.mark.parametrize("name", DISPLAY_NAME)
def test_each_display_name_is_understood(gate: Gate, name: str) -> None:
    gate.message.attributes = {"email": ["eve@acme.example"], name: ["Eve L."]}
    assert gate.accepted(gate.post(gate.honest())).name == "Eve L."


def test_an_account_needs_only_an_address(gate: Gate) -> None:
    gate.message.attributes = {}
    assert gate.accepted(gate.post(gate.honest())).name == "eve@acme.example"


def test_an_attribute_may_have_no_value(gate: Gate) -> None:
    gate.message.attributes |= {"department": [], "manager": [""]}
    gate.accepted(gate.post(gate.honest()))


@pytest.mark.parametrize(("attribute", "value"), [("pairwise-id", "4711@idp"), ("subject-id", "eve@idp"), (None, None)])
def test_a_transient_name_gives_way_to_a_lasting_one(gate: Gate, attribute: str | None, value: str | None) -> None:
    gate.message.name_id, gate.message.name_id_format = "_once-only", TRANSIENT
    if attribute and value:
        gate.message.attributes[f"urn:oasis:names:tc:SAML:attribute:{attribute}"] = [value]
    gate.accepted(gate.post(gate.honest()))
    subjects = db.session.execute(db.text("SELECT subject FROM identity")).scalars().all()
    assert subjects == [f"{attribute}:{value}" if attribute else "email:eve@acme.example"]


def test_without_any_name_id_the_address_is_the_key(gate: Gate) -> None:
    gate.message.name_id = None
    gate.accepted(gate.post(gate.honest()))


def test_a_signature_may_name_inclusive_namespaces(gate: Gate) -> None:
    def sign_with_prefixes(root: etree._Element) -> etree._Element:
        assertion = xpath(root, "a:Assertion")
        value = assertion.find(f"{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute/{{{SAML}}}AttributeValue")
        value.set("{http://www.w3.org/2001/XMLSchema-instance}type", "xs:string")
        return root

    root = etree.fromstring(
        etree.tostring(sign_with_prefixes(gate.message.xml())).replace(
            b"<samlp:Response ", b'<samlp:Response xmlns:xs="http://www.w3.org/2001/XMLSchema" ', 1
        )
    )
    assertion = xpath(root, "a:Assertion")
    signature = forge.sign(assertion, forge.signer_of("acme"))
    assertion.remove(signature)
    exclusive = signature.xpath(".//ds:Transform[2]", namespaces=NAMES)[0]
    etree.SubElement(exclusive, f"{{{forge.EXC}}}InclusiveNamespaces", PrefixList="xs")
    forge.resign(assertion, signature, forge.signer_of("acme"))
    gate.accepted(gate.post(root))
