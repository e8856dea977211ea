"""Responses made by hand: an honest one first, then whatever a test changes before or after it is signed.

Signing is python-xmlsec with a signature of any form, so that a test can also make signatures that must be refused.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from tests import factories
from tests.certificates import KeyPair, new_key_pair

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
NAMES = {"p": SAMLP, "a": SAML, "ds": DS}

Change = Callable[[etree._Element], Any]


def stamp(seconds: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def xpath(node: etree._Element, path: str) -> etree._Element:
    """The one element of this path: p: protocol, a: assertion, ds: signatures."""
    [found] = node.xpath(path, namespaces=NAMES)
    return found


@dataclass
class Message:
    """What an honest identity provider says; a test overrides the parts it is about."""

    issuer: str
    acs: str
    audience: str
    request_id: str | None
    name_id: str | None = "eve@acme.example"
    name_id_format: str | None = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    attributes: dict[str, list[str]] = field(
        default_factory=lambda: {"email": ["eve@acme.example"], "firstName": ["Eve"], "lastName": ["Lindqvist"]}
    )
    assertion_id: str = "_assertion-0001"
    response_id: str = "_response-0001"

    def xml(self) -> etree._Element:
        answers = f' InResponseTo="{self.request_id}"' if self.request_id else ""
        name_format = f' Format="{self.name_id_format}"' if self.name_id_format else ""
        name_id = f"<saml:NameID{name_format}>{self.name_id}</saml:NameID>" if self.name_id is not None else ""
        attributes = "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in self.attributes.items()
        )
        statement = f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement>" if attributes else ""
        return etree.fromstring(
            f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="{self.response_id}" Version="2.0" '
            f'IssueInstant="{stamp()}" Destination="{self.acs}"{answers}>'
            f"<saml:Issuer>{self.issuer}</saml:Issuer>"
            '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f'<saml:Assertion ID="{self.assertion_id}" Version="2.0" IssueInstant="{stamp()}">'
            f"<saml:Issuer>{self.issuer}</saml:Issuer>"
            f"<saml:Subject>{name_id}"
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData Recipient="{self.acs}" NotOnOrAfter="{stamp(300)}"{answers}/>'
            "</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{stamp(-60)}" NotOnOrAfter="{stamp(300)}">'
            f"<saml:AudienceRestriction><saml:Audience>{self.audience}</saml:Audience></saml:AudienceRestriction>"
            "</saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{stamp()}" SessionIndex="_session-0001"><saml:AuthnContext>'
            "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
            "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
            f"{statement}</saml:Assertion></samlp:Response>".encode()
        )


@dataclass(frozen=True)
class Signer:
    """A key and its certificate (PEM), as xmlsec takes them."""

    key: xmlsec.Key
    certificate: str


@cache
def signer(kind: str = "RSA-2048", name: str = "somebody") -> Signer:
    """Of a key pair that is new for each kind and name, and then the same for the whole test run."""
    return signer_with(new_key_pair(kind, name))


def signer_with(pair: KeyPair) -> Signer:
    return Signer(xmlsec.Key.from_memory(pair.key_pem, xmlsec.constants.KeyDataFormatPem), pair.pem)


@cache
def signer_of(slug: str) -> Signer:
    """The key of the organization's identity provider, as its connection trusts it."""
    folder: Path = factories.KEY_FOLDER
    factories.identity_provider(slug)
    key = xmlsec.Key.from_file(str(folder / f"{slug}.key"), xmlsec.constants.KeyDataFormatPem)
    return Signer(key, (folder / f"{slug}.crt").read_text())


def sign(
    element: etree._Element,
    by: Signer,
    *,
    method: str = RSA_SHA256,
    digest: str = SHA256,
    transforms: tuple[str, ...] = (ENVELOPED, EXC),
    canonicalization: str = EXC,
    uri: str | None = None,
    key_info: str = "",
) -> etree._Element:
    """Sign an element in place, its Signature after its Issuer; returns the Signature."""
    wanted = "".join(f'<ds:Transform Algorithm="{transform}"/>' for transform in transforms)
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{canonicalization}"/><ds:SignatureMethod Algorithm="{method}"/>'
        f'<ds:Reference URI="{"#" + element.get("ID") if uri is None else uri}">'
        f"<ds:Transforms>{wanted}</ds:Transforms>"
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference>'
        f"</ds:SignedInfo><ds:SignatureValue/>{key_info}</ds:Signature>"
    )
    resign(element, signature, by)
    return signature


def resign(element: etree._Element, signature: etree._Element, by: Signer) -> None:
    """Compute the values of a Signature that stands in its place behind the Issuer."""
    element.insert(len(element.findall(f"{{{SAML}}}Issuer")), signature)
    context = xmlsec.SignatureContext()
    context.key = by.key
    context.register_id(element, "ID")
    context.sign(signature)


def signed(root: etree._Element, what: str, by: Signer, **options: Any) -> etree._Element:
    """`what`: `assertion`, `response`, `both` or `none`. The assertion is signed first, as identity providers do."""
    if what in ("assertion", "both"):
        sign(xpath(root, "a:Assertion"), by, **options)
    if what in ("response", "both"):
        sign(root, by, **options)
    return root


def encode(document: etree._Element | bytes) -> str:
    data = document if isinstance(document, bytes) else etree.tostring(document)
    return base64.b64encode(data).decode()


@cache
def _keys(certificate: str) -> xmlsec.KeysManager:
    """One for each key: making one reads every authority that the machine trusts."""
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(certificate.encode(), xmlsec.constants.KeyDataFormatCertPem))
    return manager


def encrypt(
    root: etree._Element,
    certificate: str,
    data: Any = xmlsec.constants.TransformAes256Gcm,
    transport: Any = xmlsec.constants.TransformRsaOaep,
    beside: bool = False,
) -> etree._Element:
    """Encrypt the (first) assertion in place, by libxmlsec; `beside`: the EncryptedKey stands next to the data."""
    assertion = root.find(f"{{{SAML}}}Assertion")
    box = etree.Element(f"{{{SAML}}}EncryptedAssertion")
    assertion.getparent().replace(assertion, box)
    box.append(assertion)
    template = xmlsec.template.encrypted_data_create(root, data, type=xmlsec.constants.TypeEncElement, ns="xenc")
    xmlsec.template.encrypted_data_ensure_cipher_value(template)
    info = xmlsec.template.encrypted_data_ensure_key_info(template, ns="dsig")
    key = xmlsec.template.add_encrypted_key(info, transport)
    xmlsec.template.encrypted_data_ensure_cipher_value(key)
    context = xmlsec.EncryptionContext(_keys(certificate))
    bits = int("".join(letter for letter in data.name if letter.isdigit()))
    context.key = xmlsec.Key.generate(xmlsec.constants.KeyDataAes, bits, xmlsec.constants.KeyDataTypeSession)
    encrypted = context.encrypt_xml(template, assertion)
    if beside:
        moved = encrypted.find(f".//{{{XENC}}}EncryptedKey")
        info = moved.getparent()
        info.getparent().remove(info)
        encrypted.addnext(moved)
    return root


def put_ciphertext(root: etree._Element, certificate: str, plaintext: bytes) -> None:
    """Replace what is encrypted by any bytes, for AES-256-GCM with RSA-OAEP."""
    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    session_key, nonce = os.urandom(32), os.urandom(12)
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)
    wrapped, sealed = public.encrypt(session_key, oaep), nonce + AESGCM(session_key).encrypt(nonce, plaintext, None)
    for element, value in (("EncryptedKey", wrapped), ("EncryptedData", sealed)):
        node = root.find(f".//{{{XENC}}}{element}/{{{XENC}}}CipherData/{{{XENC}}}CipherValue")
        node.text = base64.b64encode(value).decode()
