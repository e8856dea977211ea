"""An identity provider of one organization, on pysaml2's Server: real keys, real signatures, SHA-256.

It trusts service providers whose metadata it was given, requires their requests to be signed, and answers by the
HTTP-POST binding. The tests use it in-process, the demo behind the pages of `idp_app.py`.
"""

from __future__ import annotations

import base64
import tempfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAME_FORMAT_UNSPECIFIED, NAMEID_FORMAT_EMAILADDRESS, NameID
from saml2.server import Server
from saml2.sigver import RSACrypto, import_rsa_key_from_file
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from demo.cast import Person
from saml.backend import InProcessBackend
from saml.document import MAXIMUM_BYTES, parse_text
from saml.receipt import Refused
from saml.shape import SAML


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser posts: to which address, and the two fields of the HTTP-POST binding."""

    acs: str
    saml_response: str
    relay_state: str | None


@dataclass(frozen=True, slots=True)
class SignRequest:
    """An AuthnRequest that was accepted."""

    request_id: str
    acs: str
    sp_entity_id: str
    relay_state: str | None


class IdentityProvider:
    """`base_url` is its own origin; `name` the organization it belongs to; keys are kept in `key_folder`."""

    def __init__(
        self, base_url: str, name: str, key_folder: Path, *, sign_response: bool = True, sign_assertion: bool = True
    ) -> None:
        self.entity_id = f"{base_url}/{name}/metadata"
        self.sso_url = f"{base_url}/{name}/sso"
        self.name = name
        self._sign = {"sign_response": sign_response, "sign_assertion": sign_assertion}
        key_file, certificate_file = _key_files(key_folder, name)
        self._config = IdPConfig().load(
            {
                "entityid": self.entity_id,
                "crypto_backend": "XMLSecurity",
                "key_file": str(key_file),
                "cert_file": str(certificate_file),
                "only_use_keys_in_metadata": True,
                "metadata": {"inline": []},
                "service": {
                    "idp": {
                        "endpoints": {"single_sign_on_service": [(self.sso_url, BINDING_HTTP_REDIRECT)]},
                        "want_authn_requests_signed": True,
                        "signing_algorithm": SIG_RSA_SHA256,
                        "digest_algorithm": DIGEST_SHA256,
                        "policy": {
                            "default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_UNSPECIFIED},
                        },
                    }
                },
            }
        )
        self._server = Server(config=self._config)
        self._server.sec.crypto = InProcessBackend()
        self._server.sec.sec_backend = RSACrypto(import_rsa_key_from_file(str(key_file)))
        self._server.metadata.security.crypto = self._server.sec.crypto

    @property
    def metadata(self) -> bytes:
        return str(entity_descriptor(self._config)).encode()

    def trusts(self, sp_entity_id: str) -> bool:
        return sp_entity_id in self._server.metadata.service_providers()

    def trust(self, sp_metadata: bytes) -> None:
        self._server.metadata.load("inline", sp_metadata.decode())

    @staticmethod
    def issuer_of(query: str) -> str:
        """Who a redirected request says it is from, nothing verified yet. Raises ValueError when it is none."""
        packed = parse_qs(query).get("SAMLRequest", [""])[0]
        try:
            document = zlib.decompressobj(-15).decompress(base64.b64decode(packed), MAXIMUM_BYTES)
            issuer = parse_text(document).findtext(f"{SAML}Issuer")
        except (zlib.error, Refused) as error:
            raise ValueError("not an AuthnRequest") from error
        return issuer or ""

    def read_request(self, url: str) -> SignRequest:
        """The AuthnRequest in a redirect URL. Raises pysaml2's error when its signature is not of a trusted SP."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        request = self._server.parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query.get("RelayState"),
            sigalg=query.get("SigAlg"),
            signature=query.get("Signature"),
        )
        message = request.message
        _binding, acs = self._server.pick_binding(
            "assertion_consumer_service", bindings=[BINDING_HTTP_POST], entity_id=message.issuer.text
        )
        return SignRequest(message.id, acs, message.issuer.text, query.get("RelayState"))

    def answer(self, request: SignRequest, person: Person) -> Answer:
        """A signed Response for this person: NameID in emailAddress format, email, firstName, lastName, groups."""
        attributes = {
            "email": person.email,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "groups": list(person.groups),
        }
        response = self._server.create_authn_response(
            {name: value for name, value in attributes.items() if value},
            in_response_to=request.request_id,
            destination=request.acs,
            sp_entity_id=request.sp_entity_id,
            name_id=NameID(format=NAMEID_FORMAT_EMAILADDRESS, text=person.email),
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": self.entity_id},
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            **self._sign,
        )
        binding = self._server.apply_binding(
            BINDING_HTTP_POST, str(response), request.acs, request.relay_state or "", response=True
        )
        return Answer(request.acs, _field(binding["data"], "SAMLResponse"), request.relay_state)


def _field(form: str, name: str) -> str:
    """The value of a hidden field in the form that pysaml2 makes (base64 holds nothing that is escaped)."""
    return form.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


def _key_files(folder: Path, name: str) -> tuple[Path, Path]:
    key_file, certificate_file = folder / f"{name}.key", folder / f"{name}.crt"
    if key_file.exists() and certificate_file.exists():
        return key_file, certificate_file
    folder.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Demo identity provider of {name}")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as private:  # created readable by its owner only
        private.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    Path(private.name).replace(key_file)
    return key_file, certificate_file
