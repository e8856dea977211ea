"""The SAML endpoints of one connection: start, ACS, finish, metadata. The organization is that of the path."""

from __future__ import annotations

from flask import abort, current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from blueprints.access import public
from blueprints.auth import blueprint, browser
from blueprints.auth.ask_form import offer
from blueprints.auth.connecting import Proved
from blueprints.auth.login_hook import Refusal, on_response
from blueprints.auth.pages import Page
from blueprints.auth.refusals import explain, explain_not_connected
from blueprints.auth.trying import Tried
from database import begin_write, db, now
from models import SSOConnection
from organizations import sessions
from provisioning.provisioner import SignIn
from saml.endpoints import Endpoints, endpoints
from saml.metadata import our_metadata
from saml.pending import start as start_request
from saml.service_provider import Posted

csrf = CSRFProtect()


_CONNECTION = (
    select(SSOConnection)
    .where(SSOConnection.public_id == bindparam("public_id"))
    .options(joinedload(SSOConnection.organization), joinedload(SSOConnection.live_configuration))
)


def load_connection(public_id: str) -> tuple[SSOConnection, Endpoints]:
    connection = db.session.scalar(_CONNECTION, {"public_id": public_id})
    if connection is None:
        abort(404, "There is no single sign-on at this address. Check the link, or start at the sign-in page.")
    return connection, endpoints(current_app.config["PUBLIC_BASE_URL"], public_id)


@blueprint.get("/saml/<public_id>/start")
@public
def saml_start(public_id: str) -> Page:
    """To the identity provider, with a request that only this browser can complete."""
    begin_write()
    connection, ours = load_connection(public_id)
    if connection.activated_at is None or connection.live_configuration is None:
        abort(
            409,
            "Single sign-on is not active at the moment. If you have a password, sign in with it; else ask your admin.",
        )
    token = browser.binding_token()
    target = start_request(
        connection,
        connection.live_configuration,
        ours,
        browser_hash=sessions.hash_token(token),
        return_path=browser.own_path(request.args.get("next")),
        key_encryption_keys=current_app.config["KEY_ENCRYPTION_KEYS"],
        at=now(),
    )
    db.session.commit()
    response = redirect(target, code=303)
    browser.keep_binding(response, token)
    return response


@blueprint.post("/saml/<public_id>/acs")
@csrf.exempt  # the identity provider posts here; the request's own binding stands in for the token
@public
def saml_acs(public_id: str) -> Page:
    connection, ours = load_connection(public_id)
    posted = Posted(request.form.getlist("SAMLResponse"), request.form.getlist("RelayState"), browser.binding_hash())
    result = on_response(connection, ours, posted, request.remote_addr)
    if isinstance(result, Tried):
        slug = connection.organization.slug
        return redirect(url_for("settings.sso_test", slug=slug, test=result.public_id), code=303)
    if isinstance(result, Proved):
        return redirect(url_for("auth.confirm_connect", slug=connection.organization.slug), code=303)
    if isinstance(result, SignIn) and result.handover:
        response: Response = redirect(url_for("auth.saml_finish", public_id=public_id), code=303)
        browser.keep_handover(response, result.handover)
        return response
    if isinstance(result, Refusal) and result.connecting:
        back = url_for("settings.profile", slug=connection.organization.slug)
        page = explain_not_connected(result.reason, connection.organization, result.reference, back)
        return render_template("auth/refused.html", **page), 403
    reason = result.reason if isinstance(result, Refusal) else result.decision.reason
    page = explain(reason, connection.organization, result.reference, url_for("auth.saml_start", public_id=public_id))
    page |= offer(connection.organization, reason, result.reference)
    page["ask_at"] = url_for("auth.ask_admin", public_id=public_id)
    return render_template("auth/refused.html", **page), 403


@blueprint.get("/saml/<public_id>/finish")
@public
def saml_finish(public_id: str) -> Page:
    """Back on our own site: a new session id, and on to where the person wanted to go."""
    begin_write()
    connection, _ours = load_connection(public_id)
    code = browser.handover_code()
    finished = sessions.finish_handover(code, connection.id) if code else None
    if finished is None:
        abort(400, "This sign-in was finished before, took too long, or this browser refuses cookies. Sign in again.")
    stored, token = finished
    db.session.commit()
    browser.sign_in(stored, token)
    response = redirect(browser.own_path(stored.return_path), code=303)
    browser.forget_handover(response)
    return response


@blueprint.get("/saml/<public_id>/metadata")
@public
def saml_metadata(public_id: str) -> Response:
    connection, ours = load_connection(public_id)
    return current_app.response_class(
        our_metadata(ours, connection.signing_certificate, [key.certificate for key in connection.encryption_keys]),
        mimetype="application/samlmetadata+xml",
    )
