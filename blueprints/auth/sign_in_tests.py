"""Starting a test sign-in: the newest configuration, with a request that only this browser can complete."""

from __future__ import annotations

from flask import current_app, flash, redirect, url_for

from blueprints.access import actor, requires
from blueprints.auth import blueprint, browser
from blueprints.auth.pages import Page
from database import begin_write, db, now
from models import Organization
from organizations import connections, sessions, sign_in_tests
from saml.endpoints import endpoints
from saml.pending import start as start_request


@blueprint.get("/o/<slug>/settings/security/sso/test-sign-in")
@requires("sso.set_up")
def start_sso_test(organization: Organization) -> Page:
    """A link, as every way to the identity provider is: it stores the request that it sends the browser away with."""
    who = actor()
    begin_write()
    connection = organization.connection
    configuration = connections.newest(connection) if connection else None
    if connection is None or configuration is None:
        flash("Give the details of your identity provider first.", "error")
        return redirect(url_for("settings.sso_setup", slug=organization.slug), code=303)
    test = sign_in_tests.start(connection, configuration, who)
    token = browser.binding_token()
    target = start_request(
        connection,
        configuration,
        endpoints(current_app.config["PUBLIC_BASE_URL"], connection.public_id),
        browser_hash=sessions.hash_token(token),
        return_path="/",
        key_encryption_keys=current_app.config["KEY_ENCRYPTION_KEYS"],
        at=now(),
        sign_in_test_id=test.id,
    )
    db.session.commit()
    response = redirect(target, code=303)
    browser.keep_binding(response, token)
    return response
