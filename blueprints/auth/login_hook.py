"""The login hook: what arrives at an ACS is validated, and a verified identity goes to the provisioner.

Whatever happens has a reference, and is on the receipt under it. An exception that nobody expected is a refusal
like any other: never a pass, and nothing half-written.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from flask import current_app
from sqlalchemy.exc import OperationalError

from blueprints.auth.browser import own_path
from blueprints.auth.connecting import Proved, keep
from blueprints.auth.trying import Tried, finish_test
from database import begin_write, db, now
from models import SSOConnection, User
from organizations import attempts, audit
from provisioning.decision import Reason
from provisioning.provisioner import SignIn, provision
from saml.endpoints import Endpoints
from saml.pending import find_purpose
from saml.receipt import Receipt, Refused
from saml.service_provider import Posted, validate

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that did not get as far as a decision; `reason` is the name of the check that failed.

    `connecting`: somebody who is signed in wanted to connect their own identity.
    """

    reason: str
    reference: str
    connecting: bool = False


def on_response(
    connection: SSOConnection, endpoints: Endpoints, posted: Posted, address: str | None
) -> SignIn | Refusal | Tried | Proved:
    """Validate, decide, provision. Commits, whichever way it goes.

    The answer to a test sign-in goes another way from the moment at which it is known for one, as does that of somebody
    who connects their own identity: they never get to the provisioner.
    """
    receipt = Receipt()
    configuration = connection.live_configuration
    if configuration is None:
        return _refuse(connection, None, receipt, Reason.SSO_NOT_ACTIVATED, "no configuration is live", address)
    configuration_id = configuration.id
    try:
        keys = current_app.config["KEY_ENCRYPTION_KEYS"]
        validated = validate(connection, configuration, endpoints, posted, receipt, key_encryption_keys=keys, at=now())
        if receipt.sign_in_test_id is not None or validated.sign_in_test_id is not None:
            return finish_test(connection.id, receipt.sign_in_test_id or 0, receipt, validated)
        if validated.connecting_user_id is not None:
            kept = keep(connection.id, configuration_id, validated, receipt, posted.browser_hash or "", address)
            reason, why = Reason.SSO_NOT_ACTIVATED, "single sign-on was deactivated meanwhile"
            who = validated.connecting_user_id
            return kept or _refuse(connection, configuration_id, receipt, reason, why, address, who)
        validated = replace(validated, return_path=own_path(validated.return_path))
        base_url = current_app.config["PUBLIC_BASE_URL"]
        return provision(connection.id, configuration_id, validated, receipt, address, base_url)
    except Refused as refused:
        test_id, user_id = find_purpose(connection, posted.relay_states, posted.browser_hash)
        test_id = receipt.sign_in_test_id or test_id
        if test_id is not None:
            return finish_test(connection.id, test_id, receipt, None)
        reason = receipt.failed or "unexpected"
        return _refuse(connection, configuration_id, receipt, reason, refused.detail, address, user_id)
    except OperationalError:
        raise  # the database is busy or away: a page of its own, and no receipt can be stored
    except Exception as error:
        # The text may hold what was sent; the type and the place are enough to find it.
        log.error("sign-in ended with %s at %s", type(error).__name__, _place(error))
        return _refuse(connection, configuration_id, receipt, "unexpected", type(error).__name__, address)


def _refuse(
    connection: SSOConnection,
    configuration_id: int | None,
    receipt: Receipt,
    reason: str,
    detail: str,
    address: str | None,
    connecting_user_id: int | None = None,
) -> Refusal:
    begin_write()
    who = db.session.get(User, connecting_user_id) if connecting_user_id is not None else None
    reference = attempts.new_reference()
    attempts.record(
        reference=reference,
        organization_id=connection.organization_id,
        configuration_id=configuration_id,
        user_id=who.id if who else None,
        email=who.email if who else None,
        method="sso",
        signed_in=False,
        reason=str(reason),
        detail=detail,
        address=address,
        checks=receipt.entries,
    )
    version = connection.live_configuration.version if connection.live_configuration else None
    audit.record(
        connection.organization,
        "sso:sign_in:refused",
        actor=audit.SYSTEM,
        subject=who.email if who else "unknown address",
        reference=reference,
        reason=str(reason),
        configuration=version,
    )
    db.session.commit()
    return Refusal(str(reason), reference, connecting=who is not None)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
