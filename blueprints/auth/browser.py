"""What this browser is given to keep during a sign-in: three cookies with three different jobs.

- The session cookie (Flask's, SameSite=Lax) holds the token of a sign-in session.
- The binding cookie says that an AuthnRequest was started here. The identity provider's POST to the ACS comes
  from another site, where Lax cookies are not sent, so this one alone is `SameSite=None; Secure`.
- The handover cookie carries a finished sign-in over the 303 from the ACS to a page of our own site.
"""

from __future__ import annotations

from flask import current_app, request, session
from flask_login import login_user
from werkzeug.wrappers import Response

from blueprints.access import SignedIn
from models import SignInSession
from organizations.sessions import HANDOVER_LIFETIME, hash_token, new_token

BINDING_SECONDS = 15 * 60


def _name(purpose: str) -> str:
    return f"{current_app.config['COOKIE_PREFIX']}latchkey-{purpose}"


def binding_token() -> str:
    """The token this browser has, so that two tabs can sign in at once, or a new one."""
    token = request.cookies.get(_name("binding"), "")
    return token if len(token) == len(new_token()) else new_token()


def binding_hash() -> str | None:
    token = request.cookies.get(_name("binding"))
    return hash_token(token) if token else None


def keep_binding(response: Response, token: str) -> None:
    response.set_cookie(
        _name("binding"), token, max_age=BINDING_SECONDS, path="/", secure=True, httponly=True, samesite="None"
    )


def keep_handover(response: Response, code: str) -> None:
    response.set_cookie(
        _name("handover"),
        code,
        max_age=int(HANDOVER_LIFETIME.total_seconds()),
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def handover_code() -> str | None:
    return request.cookies.get(_name("handover"))


def forget_handover(response: Response) -> None:
    response.delete_cookie(
        _name("handover"),
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def sign_in(stored: SignInSession, token: str) -> None:
    """Put a new session into the cookie; nothing of the one before, not even its CSRF secret, is carried over."""
    session.clear()
    login_user(SignedIn(token, stored))


def own_path(path: str | None) -> str:
    """A path of our own to return to, else the home page: never an address of somebody else's."""
    if not path or len(path) > 1_000 or not path.startswith("/") or not path.isprintable():
        return "/"
    # "//host" and "/\host" are other sites for a browser.
    return "/" if path[1:2] in ("/", "\\") or "\\" in path else path
