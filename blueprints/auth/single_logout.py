"""Single logout: begun here, and begun at the identity provider. Sessions are found by what the message says."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from blueprints.access import SignedIn, public
from blueprints.auth import blueprint
from blueprints.auth.pages import Page
from blueprints.auth.refusals import explain
from blueprints.auth.saml_endpoints import csrf, load_connection
from database import begin_write, db, now
from models import SSOConfiguration, SSOConnection
from organizations import attempts, audit, sessions
from saml import logout
from saml.endpoints import Endpoints, endpoints
from saml.keys import open_key
from saml.once import use_once
from saml.pending_logout import find_logout_request, start_logout
from saml.receipt import Refused
from saml.redirect import signed_url


def leave_identity_provider(person: SignedIn) -> str | None:
    """Where to send somebody who has signed out here, to be signed out there too; None where that is not possible.

    Call it inside the transaction that ends the session.
    """
    session, connection = person.session, person.organization.connection
    configuration = connection.live_configuration if connection else None
    if connection is None or configuration is None:
        return None
    return start_logout(
        connection,
        configuration,
        endpoints(current_app.config["PUBLIC_BASE_URL"], connection.public_id),
        session,
        key_encryption_keys=current_app.config["KEY_ENCRYPTION_KEYS"],
        at=now(),
    )


@blueprint.route("/saml/<public_id>/logout", methods=["GET", "POST"])
@csrf.exempt  # the identity provider sends it; its signature stands in for the token
@public
def saml_logout(public_id: str) -> Page:
    connection, ours = load_connection(public_id)
    configuration = connection.live_configuration
    if not ({"SAMLRequest", "SAMLResponse"} & set(request.values)):
        abort(400, "This address is for messages of your organization's sign-in. Use the menu to sign out.")
    try:
        if configuration is None:
            raise Refused("no configuration is live")
        message = logout.read(_arrived(), configuration, ours, now())
        begin_write()
        if isinstance(message, logout.LogoutResponse):
            return _finished(connection, message)
        return _carry_out(connection, configuration, ours, message)
    except Refused as refused:
        return _refuse(connection, refused.detail)


def _arrived() -> logout.Arrived:
    if request.method == "GET":
        return logout.Arrived(request.query_string)
    fields = (request.form.getlist(name) for name in ("SAMLRequest", "SAMLResponse", "RelayState"))
    return logout.Arrived(None, *fields)


def _carry_out(
    connection: SSOConnection, configuration: SSOConfiguration, ours: Endpoints, message: logout.LogoutRequest
) -> Page:
    """End the sessions the message names, and say so to the identity provider. Ending none is a success, too."""
    use_once(connection, configuration.idp_entity_id, message.message_id, message.expires_at, "the request")
    for user in sessions.end_by_name_id(connection.id, message.name_id, message.session_indexes):
        audit.record(connection.organization, "sso:session:ended", actor=audit.SYSTEM, subject=user.email)
    db.session.commit()
    address = configuration.slo_response_url or configuration.slo_url
    if not address:
        return redirect(url_for("auth.signed_out"), code=303)
    answer = logout.logout_response(address, ours, message.message_id)
    response: Response = redirect(
        signed_url(address, "SAMLResponse", answer, message.relay_state, _key(connection)), code=303
    )
    return response


def _finished(connection: SSOConnection, message: logout.LogoutResponse) -> Page:
    """The answer to our own request: it has to be one that we sent, and counts once."""
    find_logout_request(connection, message.in_response_to, now()).used_at = now()
    db.session.commit()
    if not message.succeeded:
        flash("You are signed out here. Your organization's sign-in did not end all of its own sessions.", "warning")
    return redirect(url_for("auth.signed_out"), code=303)


def _refuse(connection: SSOConnection, detail: str) -> Page:
    begin_write()
    reference = attempts.new_reference()
    audit.record(
        connection.organization,
        "sso:logout:refused",
        actor=audit.SYSTEM,
        subject="unknown address",
        reference=reference,
        detail=detail,
    )
    db.session.commit()
    # Whoever brings back an answer signed out here before: only what the identity provider did is not known.
    ours = "SAMLResponse" in request.values
    page = explain("logout_answer" if ours else "logout", connection.organization, reference, url_for("auth.sign_in"))
    title = "You may still be signed in there" if ours else "Nobody was signed out"
    return render_template("auth/refused.html", **page | {"title": title}), 403


def _key(connection: SSOConnection) -> RSAPrivateKey:
    return open_key(connection.signing_key, current_app.config["KEY_ENCRYPTION_KEYS"])
