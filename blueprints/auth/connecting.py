"""Profile → Connect SSO: somebody who is signed in by password links their own identity, and confirms it here.

The answer of the identity provider signs nobody in and creates nothing: what it proves waits for the confirmation.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints.access import requires
from blueprints.auth import blueprint, browser
from blueprints.auth.pages import Page
from database import begin_write, db, now
from models import Organization, SSOConnection, User
from organizations import attempts, certificates, sessions, sso_links
from organizations.sso_links import LinkRefused
from saml.endpoints import endpoints
from saml.once import answer_once, use_once
from saml.pending import start as start_request
from saml.receipt import Receipt
from saml.service_provider import Validated


@dataclass(frozen=True, slots=True)
class Proved:
    """An identity of somebody who is signed in waits for their confirmation."""


def keep(
    connection_id: int,
    configuration_id: int,
    validated: Validated,
    receipt: Receipt,
    browser_hash: str,
    address: str | None,
) -> Proved | None:
    """Keep what a real sign-in proved until it is confirmed; commits. None, with nothing kept: SSO was deactivated
    meanwhile. Raises Refused when it was used before.
    """
    begin_write()
    connection = db.session.get_one(SSOConnection, connection_id)
    if connection.activated_at is None:
        return None
    identity = validated.identity
    with receipt.check("once"):
        assert validated.request_id is not None
        answer_once(validated.request_id)
        use_once(connection, identity.idp_entity_id, identity.assertion_id, identity.expires_at, "the assertion")
    certificates.prove(connection_id, validated.certificates)
    user = db.session.get_one(User, validated.connecting_user_id)
    reference = attempts.record(
        reference=attempts.new_reference(),
        organization_id=user.organization_id,
        configuration_id=configuration_id,
        user_id=user.id,
        method="sso",
        signed_in=False,
        reason=sso_links.PROVED,
        email=identity.email,
        address=address,
        checks=receipt.entries,
    )
    sso_links.wait(
        user,
        configuration_id,
        browser_hash,
        reference=reference,
        connection_id=connection_id,
        idp_entity_id=identity.idp_entity_id,
        subject=identity.subject,
        email=identity.email,
    )
    db.session.commit()
    return Proved()


@blueprint.get("/o/<slug>/settings/profile/connect/start")
@requires("sso.connect")
def start_connect(organization: Organization) -> Page:
    """A link, as every way to the identity provider is: it stores the request that it sends the browser away with."""
    user_id = current_user.user.id
    begin_write()
    connection, user = organization.connection, db.session.get_one(User, user_id)
    because = sso_links.obstacle(user, connection)
    if because or connection is None or connection.live_configuration is None:
        flash(because or "Single sign-on is not set up.", "error")
        return _to_profile(organization)
    token = browser.binding_token()
    target = start_request(
        connection,
        connection.live_configuration,
        endpoints(current_app.config["PUBLIC_BASE_URL"], connection.public_id),
        browser_hash=sessions.hash_token(token),
        return_path="/",
        key_encryption_keys=current_app.config["KEY_ENCRYPTION_KEYS"],
        at=now(),
        user_id=user_id,
    )
    db.session.commit()
    response = redirect(target, code=303)
    browser.keep_binding(response, token)
    return response


@blueprint.get("/o/<slug>/settings/profile/connect")
@requires("sso.connect")
def confirm_connect(organization: Organization) -> Page:
    user: User = current_user.user
    try:
        identity = sso_links.judge(user, organization.connection, sso_links.waiting(user, browser.binding_hash()))
    except LinkRefused as refused:
        flash(str(refused), "error")
        return _to_profile(organization)
    return render_template(
        "auth/connect.html",
        organization=organization,
        user=user,
        identity=identity,
        differs=(identity.email or "").casefold() != user.email,
        back=url_for("settings.profile", slug=organization.slug),
    )


@blueprint.post("/o/<slug>/settings/profile/connect")
@requires("sso.connect")
def connect(organization: Organization) -> Page:
    user: User = current_user.user
    try:
        sso_links.link(user, organization.connection, sso_links.waiting(user, browser.binding_hash()))
    except LinkRefused as refused:
        db.session.rollback()
        flash(str(refused), "error")
        return _to_profile(organization)
    db.session.commit()
    begins = current_app.config["PUBLIC_BASE_URL"] + url_for("auth.organization", slug=organization.slug)
    flash(f"Your account is connected. From now on you can sign in through single sign-on at {begins}", "success")
    return _to_profile(organization)


def _to_profile(organization: Organization) -> Response:
    return redirect(url_for("settings.profile", slug=organization.slug), code=303)
