"""create_app(): configuration, extensions, blueprints, security headers, error pages. Nothing imports this module."""

from __future__ import annotations

import gc
import logging
from typing import Any

from flask import Flask, Response, flash, render_template, request, url_for
from flask_login import current_user
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

import commands
import config
import models  # noqa: F401  migrations compare the database with these tables
from blueprints import access, auth, htmx, row_ids, settings, workspaces
from blueprints.auth.saml_endpoints import csrf
from database import db
from organizations import addresses, seen_groups
from organizations.locking import NotAnAdmin

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# What a page says when something went wrong: (heading, one sentence with what to do).
ERRORS: dict[int, tuple[str, str]] = {
    400: ("This request cannot be read", "Go back, load the page again, and try once more."),
    403: ("This is not open to you", "Your role does not include it. Ask an admin of your organization."),
    404: ("There is nothing here", "Check the address, or start at the home page."),
    405: ("This address is not a page", "Start at the home page or the sign-in page."),
    409: ("This cannot be done now", "Things have changed since the page was loaded. Load it again."),
    413: ("This is too large", "What was sent is larger than this product accepts."),
    429: ("Too many tries", "Wait 15 minutes, then try again."),
    500: ("Something went wrong here", "It is not your doing, and nothing was changed. Try again in a moment."),
    503: ("We are busy at the moment", "Nothing was changed. Try again in a moment."),
}


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """The application. `overrides` replace settings that `config.load()` took from the environment."""
    app = Flask(__name__)
    try:
        app.config.update(config.load())
    except config.UnsafeSetting as unsafe:
        raise SystemExit(f"Latchkey does not start: {unsafe}") from None
    app.config.update(overrides or {})
    if app.config["TRUSTED_PROXY_HOPS"]:
        hops = app.config["TRUSTED_PROXY_HOPS"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters["in_unicode"] = addresses.in_unicode
    app.jinja_env.filters["unseen"] = seen_groups.unseen
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db.init_app(app)
    Migrate(app, db, render_as_batch=True)
    csrf.init_app(app)
    access.init_app(app)
    row_ids.init_app(app)
    commands.init_app(app)
    for module in (auth, settings, workspaces):
        app.register_blueprint(module.blueprint)
    app.after_request(_add_headers)
    app.register_error_handler(HTTPException, _error_page)
    app.register_error_handler(NotAnAdmin, lambda meanwhile: _error_page(Forbidden(str(meanwhile))))
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _unexpected)
    if not app.testing:
        # The application itself stays for good: the collector need not look through it again every few requests.
        gc.collect()
        gc.freeze()
    return app


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static" or response.status_code >= 400:  # the page for a missing file is a page
        headers["Cache-Control"] = "no-store"
        htmx.vary(response)
    return response


def _error_page(error: HTTPException) -> BaseResponse | tuple[str, int]:
    """A page with the real status; for htmx a notice that leaves the page as it is, or takes it away where nothing on
    it is open any more to who is signed in.
    """
    status = error.code or 500
    if status < 400:
        return error.get_response()
    db.session.rollback()
    if isinstance(error, CSRFError) and access.must_sign_in():
        return access.to_sign_in()  # signed out meanwhile, perhaps in another tab: the token went with the session
    heading, sentence = ERRORS.get(status, ERRORS[400] if status < 500 else ERRORS[500])
    if isinstance(error, CSRFError):
        heading, sentence = "This form is out of date", "Load the page again and send the form once more."
    elif error.description and error.description != type(error).description:
        sentence = error.description
    if htmx.is_htmx():
        flash(f"{heading}. {sentence}", "error")
        if status == 403 and current_user.is_authenticated:
            return htmx.redirect(url_for("settings.profile", slug=current_user.organization.slug), status)
        return htmx.notices_only(status)
    actions = [("Go to the home page", url_for("workspaces.home"))]
    if not current_user.is_authenticated:
        actions.append(("Go to sign-in", url_for("auth.sign_in")))
    return render_template("error.html", title=heading, sentence=sentence, actions=actions), status


def _database_away(error: OperationalError) -> BaseResponse | tuple[str, int]:
    """Locked or away. The page is made without the database, which may not answer for the signed-in person either."""
    logging.getLogger(__name__).error("database: %s", type(error.orig).__name__)
    return _without_database(503)


def _unexpected(error: Exception) -> BaseResponse | tuple[str, int]:
    if isinstance(error, HTTPException):
        return _error_page(error)
    logging.getLogger(__name__).exception("unexpected error at %s", request.url_rule)
    return _without_database(InternalServerError.code)


def _without_database(status: int) -> BaseResponse | tuple[str, int]:
    try:
        db.session.rollback()
    except OperationalError:
        db.session.remove()
    access.forget_person()
    heading, sentence = ERRORS[status]
    if htmx.is_htmx():
        flash(f"{heading}. {sentence}", "error")
        return htmx.notices_only(status)
    return render_template("unavailable.html", title=heading, sentence=sentence), status
