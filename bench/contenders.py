"""Who is measured. Each takes the same base64 text to the identity it holds, and fails if it refuses an honest one."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bench import stock
from bench.world import BROWSER, KEY_ENCRYPTION_KEY, Customer, World
from database import db, now
from models import SSOConnection
from organizations.sessions import hash_token
from saml.receipt import Receipt
from saml.service_provider import Posted, validate
from saml.shape import DS, SAML, XENC
from tests.saml.idp_metadata import describe_idp

# Takes a Response and the ID of the request that it answers; returns the NameID it read.
Contender = Callable[[str, str], str | None]


def load_connection(public_id: str) -> SSOConnection:
    """As the ACS does."""
    query = (
        select(SSOConnection)
        .where(SSOConnection.public_id == public_id)
        .options(joinedload(SSOConnection.organization), joinedload(SSOConnection.live_configuration))
    )
    return db.session.scalars(query).one()


def ours(customer: Customer, connection: SSOConnection, saml_response: str, request_id: str) -> str | None:
    """`saml.service_provider.validate`, all checks but `once`, with the look-up of the request in the database."""
    posted = Posted([saml_response], [request_id], hash_token(BROWSER))
    configuration = connection.live_configuration
    assert configuration is not None
    keys = [KEY_ENCRYPTION_KEY]
    found = validate(connection, configuration, customer.ours, posted, Receipt(), key_encryption_keys=keys, at=now())
    return found.identity.name_id


def stock_order(world: World, customer: Customer, folder: Path) -> dict[str, str] | None:
    """What `stock.configuration` takes; None where there is no `xmlsec1`."""
    binary = shutil.which("xmlsec1")
    if binary is None:
        return None
    key_file, certificate_file = folder / "stock.key", folder / "stock.crt"
    key_file.write_bytes(world.encryption_key.pem)
    certificate_file.write_text(world.encryption_certificate)
    return {
        "entity_id": customer.ours.entity_id,
        "acs": customer.ours.acs,
        "metadata": describe_idp(
            customer.idp_entity_id, (customer.signer.certificate,), f"{customer.idp_entity_id}/sso"
        ),
        "key_file": str(key_file),
        "certificate_file": str(certificate_file),
        "binary": binary,
    }


def stock_pysaml2(world: World, customer: Customer, folder: Path) -> Contender | None:
    """Its client kept between messages; what it reads is asked for as its users do."""
    order = stock_order(world, customer, folder)
    if order is None:
        return None
    client = Saml2Client(config=stock.configuration(**order))

    def parse(saml_response: str, request_id: str) -> str | None:
        read = client.parse_authn_request_response(saml_response, BINDING_HTTP_POST, outstanding={request_id: "/"})
        read.get_identity()
        return str(read.name_id.text)

    return parse


def python3_saml(world: World, customer: Customer) -> Contender | None:
    """In strict mode, its settings kept between messages."""
    if importlib.util.find_spec("onelogin") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onelogin.saml2.response import OneLogin_Saml2_Response
        from onelogin.saml2.settings import OneLogin_Saml2_Settings

    def body(pem: str) -> str:
        return "".join(line for line in pem.splitlines() if "-----" not in line)

    settings = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": customer.ours.entity_id,
                "assertionConsumerService": {"url": customer.ours.acs},
                "x509cert": body(world.encryption_certificate),
                "privateKey": world.encryption_key.pem.decode(),
            },
            "idp": {
                "entityId": customer.idp_entity_id,
                "singleSignOnService": {"url": f"{customer.idp_entity_id}/sso"},
                "x509cert": body(customer.signer.certificate),
            },
            "security": {"wantAssertionsSigned": True, "rejectDeprecatedAlgorithm": True},
        }
    )
    acs = urlsplit(customer.ours.acs)
    request = {"https": "off", "http_host": acs.netloc, "script_name": acs.path, "get_data": {}, "post_data": {}}

    def check(saml_response: str, request_id: str) -> str | None:
        read = OneLogin_Saml2_Response(settings, saml_response)
        if not read.is_valid(request, request_id):
            raise AssertionError(f"python3-saml refuses: {read.get_error()}")
        read.get_attributes()
        return str(read.get_nameid())

    return check


def floor(world: World, customer: Customer) -> Contender:
    """Parsing, exclusive C14N, digest and RSA verification (and decryption): no checks. Nobody can be faster."""
    public = x509.load_pem_x509_certificate(customer.signer.certificate.encode()).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303
    parser = etree.XMLParser(resolve_entities=False, no_network=True)

    def verify(element: etree._Element) -> None:
        signature = element.find(f"{DS}Signature")
        info = signature.find(f"{DS}SignedInfo")
        public.verify(
            base64.b64decode(signature.findtext(f"{DS}SignatureValue")),
            etree.tostring(info, method="c14n", exclusive=True),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
        place = element.index(signature)
        element.remove(signature)
        digest = hashlib.sha256(etree.tostring(element, method="c14n", exclusive=True, with_tail=False)).digest()
        assert digest == base64.b64decode(info.findtext(f"{DS}Reference/{DS}DigestValue"))
        element.insert(place, signature)

    def read(saml_response: str, _request_id: str) -> str | None:
        root = etree.fromstring(base64.b64decode(saml_response), parser)
        if root.find(f"{DS}Signature") is not None:
            verify(root)
        values = [base64.b64decode(node.text) for node in root.iter(f"{XENC}CipherValue")]
        if values:
            session_key = world.encryption_key.private.decrypt(values[0], oaep)
            plaintext = AESGCM(session_key).decrypt(values[1][:12], values[1][12:], None)
            assertion = etree.fromstring(plaintext, parser)
        else:
            assertion = root.find(f"{SAML}Assertion")
        verify(assertion)
        return assertion.findtext(f"{SAML}Subject/{SAML}NameID")

    return read
