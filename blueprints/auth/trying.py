"""The answer to a test sign-in: its result is stored for the page that shows it, and nobody is signed in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from database import begin_write, db
from models import SignInTest, SSOConnection
from organizations import attempts, certificates, sign_in_tests
from provisioning.trying import would_decide
from saml.identity import Identity
from saml.once import answer_once, use_once
from saml.receipt import Receipt, Refused
from saml.service_provider import Validated


@dataclass(frozen=True, slots=True)
class Tried:
    """A test sign-in that has its result; `public_id` stands in the address of its page."""

    public_id: str


def finish_test(connection_id: int, test_id: int, receipt: Receipt, validated: Validated | None) -> Tried:
    """Store what the answer showed; commits. `validated`: None where a check failed, which the receipt tells."""
    begin_write()
    connection = db.session.get_one(SSOConnection, connection_id)
    test = db.session.get_one(SignInTest, test_id)
    if validated is not None:
        try:
            with receipt.check("once"):
                assert validated.request_id is not None
                answer_once(validated.request_id)
                identity = validated.identity
                used = (identity.idp_entity_id, identity.assertion_id, identity.expires_at)
                use_once(connection, *used, "the assertion")
            certificates.prove(connection_id, validated.certificates)
        except Refused:
            validated = None
    if test.finished_at is not None and validated is None:
        return Tried(test.public_id)  # an answer that came before: its result stays
    decision = would_decide(connection, validated.identity) if validated else None
    sign_in_tests.finish(
        test,
        passed=validated is not None and validated.identity.email is not None,
        reference=attempts.new_reference(),
        checks=receipt.entries,
        attributes=[
            {"name": name, "friendly_name": friendly_name, "values": list(values)}
            for name, friendly_name, values in receipt.received
        ],
        mapped=_mapped(validated.identity) if validated else {},
        decision=asdict(decision) | {"signs_in": decision.signs_in} if decision else {},
    )
    db.session.commit()
    return Tried(test.public_id)


def _mapped(identity: Identity) -> dict[str, Any]:
    """What was understood of the identity, as the page shows it."""
    return {
        "subject": identity.subject,
        "email": identity.email,
        "given_name": identity.given_name,
        "family_name": identity.family_name,
        "display_name": identity.display_name,
        "groups": ", ".join(identity.groups),
    }
