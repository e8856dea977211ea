"""Who may do what. Every route declares it with `@public` or `@requires`; a test reads the declarations.

A stranger gets 404, whether the organization exists or not; a member whose role is too low gets 403; somebody
who is not signed in is sent to sign in. `@requires` also gives the view its organization, which it has loaded
through the signed-in person: another organization's cannot be reached from here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response as BaseResponse

from blueprints import htmx
from database import begin_write
from models import Organization, SignInSession, User
from organizations import sessions

# What each permission takes. Default deny: a permission that is not here is nobody's.
PERMISSIONS: dict[str, frozenset[str]] = {
    "workspace.read": frozenset({"viewer", "collaborator", "admin"}),
    "profile.read": frozenset({"viewer", "collaborator", "admin"}),
    "security.read": frozenset({"admin"}),
    "security.change": frozenset({"admin"}),
    "sso.set_up": frozenset({"admin"}),
    "second_factor.change": frozenset({"admin"}),
    "people.read": frozenset({"admin"}),
    "audit.read": frozenset({"admin"}),
}

login_manager = LoginManager()
# The session is a row of ours with its own random id, which is renewed at every sign-in.
login_manager.session_protection = None


class SignedIn(UserMixin):
    """Flask-Login's user: a sign-in session. Its id is the token in the cookie, never the user's number."""

    def __init__(self, token: str, session: SignInSession) -> None:
        self.token = token
        self.session = session
        self.user: User = session.user
        self.organization: Organization = session.user.organization

    def get_id(self) -> str:
        return self.token

    def may(self, permission: str) -> bool:
        return self.user.role in PERMISSIONS.get(permission, frozenset())


@login_manager.user_loader
def load_signed_in(token: str) -> SignedIn | None:
    session = sessions.find(token)
    return SignedIn(token, session) if session else None


@login_manager.unauthorized_handler
def to_sign_in() -> BaseResponse:
    next_path = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("auth.sign_in", next=next_path)
    if htmx.is_htmx():
        return htmx.redirect(target, status=401)
    return redirect(target, code=303)


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Anybody may use this route, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only people with this permission. A `slug` in the path must be their own organization's.

    The view gets the organization in place of the slug. On a POST the write transaction begins before the
    person and their role are read, so a change of role that came first is seen.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if request.method == "POST":
                begin_write()
            if not current_user.is_authenticated:
                return login_manager.unauthorized()
            slug = kwargs.pop("slug", None)
            if slug is not None and slug != current_user.organization.slug:
                abort(404)
            if not current_user.may(permission):
                abort(403)
            g.permission = permission
            return view(current_user.organization, *args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def actor() -> User | str:
    """Who does what this request asks for, as the audit log names them."""
    user: User = current_user.user
    return user


def must_sign_in() -> bool:
    """Whether the route of this request is not public, and nobody is signed in."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "access", "public") != "public" and not current_user.is_authenticated


def forget_person() -> None:
    """For the rest of this request nobody is signed in: a page that must not ask the database who it is for."""
    g._login_user = AnonymousUserMixin()


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
