"""One person: what is known of them, and where what is done to them leads back to."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints import htmx
from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.audit_log import EventInWords, event_in_words
from blueprints.settings.security_page import SignIn, sign_in_view
from database import db
from models import Identity, Membership, Organization, SignInSession, User, Workspace
from organizations import accounts, invitations, one_person, passwords, role_rules
from organizations.counting import seats_left

Answer = Response | str | tuple[str, int]
PERSON = "<int:person>"
SHOWN = 10


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`sso_covers`: they sign in through SSO. `fixed`: why their role and status cannot be changed; else empty.

    `role_by_rules`: the role rules give it at each sign-in.
    """

    user: User
    is_self: bool
    fixed: str
    no_seat: bool
    role_by_rules: bool
    sso_covers: bool
    invited_by: str | None
    identities: list[Identity]
    workspaces: list[tuple[Workspace, Membership]]
    sessions: list[SignInSession]
    sign_ins: list[SignIn]
    events: list[EventInWords]
    may_mail: bool
    sign_ins_shown: int = SHOWN


@blueprint.get(f"/people/{PERSON}")
@requires("people.read")
def person(organization: Organization, person: int) -> str:
    return page_of(organization, find(organization, person))


def find(organization: Organization, person: int) -> User:
    """Somebody of this organization; another organization's person is a 404 like nobody at all."""
    return accounts.find(organization, person) or abort(404, "There is nobody with an account here at this address.")


def page_of(organization: Organization, user: User) -> str:
    return render_template(
        "settings/people/person.html", organization=organization, user=user, page=_page(organization, user)
    )


def done(organization: Organization, user: User, whole_page: bool = False) -> Answer:
    """After the change was committed: the fragment for htmx, else back to the page."""
    target = url_for(".person", slug=organization.slug, person=user.id)
    if not htmx.is_htmx():
        return redirect(target, code=303)
    if whole_page:
        return htmx.redirect(target)
    return htmx.fragment(
        "settings/people/_person.html", organization=organization, user=user, page=_page(organization, user)
    )


def refused(organization: Organization, person: int, sentence: str) -> Answer:
    """Nothing was changed: the person as they are now, and why."""
    db.session.rollback()
    user = find(organization, person)
    flash(sentence, "error")
    return htmx.notices_only(409) if htmx.is_htmx() else (page_of(organization, user), 409)


def may_mail() -> bool:
    return current_app.config["SMTP_URL"] is not None


def _page(organization: Organization, user: User) -> PersonPage:
    is_self = user.id == current_user.user.id
    return PersonPage(
        user=user,
        is_self=is_self,
        fixed=_why_fixed(user, is_self),
        no_seat=user.status == "deactivated" and seats_left(organization) == 0,
        role_by_rules=role_rules.give_the_role_of(user),
        sso_covers=passwords.is_emergency(user),
        invited_by=invitations.inviter_of(user) if user.invited_by_id else None,
        identities=one_person.identities(user),
        workspaces=one_person.workspaces(user),
        sessions=one_person.running_sessions(user),
        sign_ins=[sign_in_view(attempt) for attempt in one_person.sign_ins(user, SHOWN)],
        events=[event_in_words(event) for event in one_person.events(user, SHOWN)],
        may_mail=may_mail(),
    )


def _why_fixed(user: User, is_self: bool) -> str:
    if not accounts.is_last_admin(user):
        return ""
    who = "You are" if is_self else f"{user.name} is"
    return f"{who} the only active admin. Make somebody else an admin before this role or account is changed."
