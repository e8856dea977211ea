"""Starting a sign-in, and the way through the checks: what was posted goes in, an Identity or a refusal comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from database import db
from models import SSOConfiguration, SSOConnection
from saml import rules
from saml.attributes import DISPLAY_NAME, FAMILY_NAME, GIVEN_NAME, Attributes, read_email
from saml.client import client_for
from saml.document import decode_form, parse_text
from saml.encryption import UNREADABLE, splice
from saml.endpoints import Endpoints
from saml.identity import Identity
from saml.keys import open_key
from saml.pending import find_request, judge
from saml.receipt import Receipt, Refused
from saml.second_opinion import agree
from saml.shape import SAML, SAMLP, Shape, read_shape
from saml.signatures import Proof, verify_element

_SIGNED = {f"{SAMLP}Response": "Response", f"{SAML}Assertion": "assertion"}


@dataclass(frozen=True, slots=True)
class Posted:
    """What arrived at the ACS: every value of the two fields, and the SHA-256 of the browser's binding cookie."""

    saml_responses: Sequence[str]
    relay_states: Sequence[str]
    browser_hash: str | None


@dataclass(frozen=True, slots=True)
class Validated:
    """An identity, the id of the PendingRequest it answers, and where the person wanted to go.

    Without a request the last is what the identity provider sent as RelayState: not to be followed unless it is a
    path of our own. `certificates`: the SHA-256 fingerprints of those that verified a signature. The answer of a test
    sign-in names the test, that of somebody who connects their own identity their account; neither signs anybody in.
    """

    identity: Identity
    request_id: int | None
    return_path: str
    certificates: tuple[str, ...] = ()
    sign_in_test_id: int | None = None
    connecting_user_id: int | None = None


def validate(
    connection: SSOConnection,
    live: SSOConfiguration,
    endpoints: Endpoints,
    posted: Posted,
    receipt: Receipt,
    *,
    key_encryption_keys: list[str],
    at: datetime,
) -> Validated:
    """Run the checks in their order, on the receipt. Raises Refused at the first that fails.

    Nothing is written. The last check, `once`, belongs to the transaction that uses the identity: see
    `provisioning.provisioner`. The identity and its request are good for `connection` and for no other; there is no
    request where the sign-in began at the identity provider and the connection allows that.

    What is trusted is the `live` configuration. Only the answer to a request of a test sign-in is judged by the
    configuration that is tested; the receipt and the result then name the test.
    """
    with receipt.check("form"):
        document = decode_form(posted.saml_responses, posted.relay_states)
    with receipt.check("text"):
        root = parse_text(document)
    asked = find_request(connection, root.get("InResponseTo"))
    configuration = live
    if asked is not None and asked.sign_in_test_id is not None:
        receipt.sign_in_test_id = asked.sign_in_test_id
        configuration = db.session.get_one(SSOConfiguration, asked.configuration_id)
    with receipt.check("shape"):
        shape = read_shape(root)
    certificates, decrypted = tuple(configuration.certificates), None
    proofs = _verify_response(shape, certificates, receipt)
    with receipt.check("decrypt") as note:
        if shape.assertion is None:
            keys = [open_key(key.private_key, key_encryption_keys) for key in connection.encryption_keys]
            decrypted = splice(root, keys)
            shape = _with_assertion(shape, decrypted)
        note.text = "decrypted" if decrypted else "not encrypted"
    with receipt.check("signature") as note:
        proofs += _verify_assertion(shape, certificates)
        note.text = _in_words(proofs)
    # From here on everything is read from elements that the signature covers.
    assertion = shape.assertion
    assert assertion is not None
    with receipt.check("issuer"):
        rules.check_issuer(shape.response, shape.response_signature is not None, assertion, configuration, endpoints)
    with receipt.check("subject"):
        name_id, in_response_to, confirmation_end = rules.check_subject(assertion, endpoints, at)
    with receipt.check("request") as note:
        answered = shape.response.get("InResponseTo")
        request = judge(connection, asked, answered, in_response_to, posted.browser_hash, at)
        note.text = "" if request else "begun at the identity provider"
    with receipt.check("conditions"):
        statement, conditions_end = rules.check_conditions(assertion, endpoints, at)
    attributes = rules.read_attributes(assertion, configuration.attribute_mapping)
    receipt.received = attributes.received
    value = name_id.value if name_id else None
    with receipt.check("subject_key"):
        subject = rules.subject_key(name_id, attributes, _email_for_subject(attributes, value))
    with receipt.check("email") as note:
        email = read_email(attributes, value)
        note.text = "" if email else "none was sent"
    with receipt.check("pysaml2"):
        client = client_for(endpoints, configuration.idp_entity_id, certificates, unsolicited=request is None)
        agree(client, document, decrypted, shape, proofs, request.request_id if request else None, value)
    identity = Identity(
        idp_entity_id=configuration.idp_entity_id,
        assertion_id=str(assertion.get("ID")),
        subject=subject,
        name_id=value,
        name_id_attributes=name_id.attributes if name_id else {},
        session_index=statement.session_index,
        session_not_on_or_after=statement.session_not_on_or_after,
        expires_at=max(confirmation_end, conditions_end) + rules.SKEW,
        email=email,
        given_name=attributes.first("given_name", GIVEN_NAME),
        family_name=attributes.first("family_name", FAMILY_NAME),
        display_name=attributes.first("display_name", DISPLAY_NAME),
        groups=attributes.groups,
    )
    unsolicited = next(iter(posted.relay_states), "/")
    return Validated(
        identity,
        request.id if request else None,
        request.return_path if request else unsolicited,
        tuple(proof.fingerprint for proof in proofs),
        request.sign_in_test_id if request else None,
        request.user_id if request else None,
    )


def _verify_response(shape: Shape, certificates: Sequence[str], receipt: Receipt) -> list[Proof]:
    """A signed Response is verified before anything in it is decrypted; its failure is that of the signature."""
    if shape.response_signature is None:
        return []
    try:
        return [verify_element(shape.response, shape.response_signature, certificates)]
    except Refused:
        with receipt.check("signature"):
            raise


def _with_assertion(encrypted: Shape, decrypted: bytes) -> Shape:
    """The Response as it was signed, with the assertion of the decrypted document, which is checked like any other.

    What is wrong with a plaintext is not told apart from a failed decryption.
    """
    try:
        plain = read_shape(parse_text(decrypted), decrypted=True)
    except Refused as refused:
        raise Refused(UNREADABLE) from refused
    return replace(encrypted, assertion=plain.assertion, assertion_signature=plain.assertion_signature)


def _verify_assertion(shape: Shape, certificates: Sequence[str]) -> list[Proof]:
    """Every signature that is there must verify, and one must be: on the assertion, or on the Response around it."""
    if shape.assertion is not None and shape.assertion_signature is not None:
        return [verify_element(shape.assertion, shape.assertion_signature, certificates)]
    if shape.response_signature is None:
        raise Refused("neither the assertion nor the Response is signed")
    return []


def _in_words(proofs: Sequence[Proof]) -> str:
    return "; ".join(f"{_SIGNED[proof.element.tag]}: {proof.fingerprint}" for proof in proofs)


def _email_for_subject(attributes: Attributes, name_id: str | None) -> str | None:
    """For the subject key only: an ambiguous address is no key; the check `email` says what is wrong with it."""
    try:
        return read_email(attributes, name_id)
    except Refused:
        return None
