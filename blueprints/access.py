"""Who may do what. Every route declares it with `@public` or `@requires`; a test reads the declarations.

A stranger gets 404, whether the organization exists or not; a member whose role is too low gets 403; somebody
who is not signed in is sent to sign in. `@requires` also gives the view its organization, which it has loaded
through the signed-in person: another organization's cannot be reached from here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response as BaseResponse

from blueprints import htmx
from database import begin_write
from models import HandoverLink, Organization, SignInSession, User
from organizations import handover, sessions

# What each permission takes. Default deny: a permission that is not here is nobody's.
PERMISSIONS: dict[str, frozenset[str]] = {
    "workspace.read": frozenset({"viewer", "collaborator", "admin"}),
    "profile.read": frozenset({"viewer", "collaborator", "admin"}),
    "sso.connect": frozenset({"viewer", "collaborator", "admin"}),
    "security.read": frozenset({"admin"}),
    "security.change": frozenset({"admin"}),
    "sso.set_up": frozenset({"admin"}),
    "sso.activate": frozenset({"admin"}),
    "second_factor.change": frozenset({"admin"}),
    "people.read": frozenset({"admin"}),
    "people.change": frozenset({"admin"}),
    "audit.read": frozenset({"admin"}),
}

# What whoever opened a hand-over link may do in its organization, without an account.
OF_HANDOVER = frozenset({"sso.set_up"})
HANDOVER = "handover"  # where the Flask session keeps the token of the link

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
    if request.method == "POST":
        flash("Your session has ended. Nothing was changed.", "warning")
        next_path = _page_of_the_form()
    else:
        next_path = request.full_path.rstrip("?")
    target = url_for("auth.sign_in", next=next_path)
    if htmx.is_htmx():
        return htmx.redirect(target, status=401)
    return redirect(target, code=303)


def _page_of_the_form() -> str | None:
    """Where the form stood that was sent: a page of our own, if the browser says so; none that only takes forms."""
    page = urlsplit(request.referrer or "")
    adapter = current_app.create_url_adapter(request)
    if page.netloc != request.host or adapter is None or not adapter.test(page.path, "GET"):
        return None
    return f"{page.path}?{page.query}" if page.query else page.path


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
            slug = kwargs.pop("slug", None)
            g.permission = permission
            link = _handover(permission, slug)
            if link is not None:
                return view(link.organization, *args, **kwargs)
            if not current_user.is_authenticated:
                return login_manager.unauthorized()
            if slug is not None and slug != current_user.organization.slug:
                abort(404)
            if not current_user.may(permission):
                abort(403)
            return view(current_user.organization, *args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _handover(permission: str, slug: str | None) -> HandoverLink | None:
    """The link that this browser opened, if it opens this page. Somebody with an account there acts as themselves."""
    g.handover = None
    token = session.get(HANDOVER)
    if token is None or slug is None or permission not in OF_HANDOVER:
        return None
    if current_user.is_authenticated and current_user.organization.slug == slug:
        return None
    link = handover.find(token)
    if link is not None and link.organization.slug == slug:
        g.handover = link
    found: HandoverLink | None = g.handover
    return found


def actor() -> User | str:
    """Who does what this request asks for, as the audit log names them."""
    if g.get("handover"):
        return handover.actor_of(g.handover)
    user: User = current_user.user
    return user


def must_sign_in() -> bool:
    """Whether the route of this request is not public, and nobody is signed in or here by a hand-over link."""
    view = current_app.view_functions.get(request.endpoint or "")
    permission = getattr(view, "access", "public")
    if permission == "public" or current_user.is_authenticated:
        return False
    return _handover(permission, (request.view_args or {}).get("slug")) is None


def forget_person() -> None:
    """For the rest of this request nobody is signed in: a page that must not ask the database who it is for."""
    g._login_user = AnonymousUserMixin()


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
