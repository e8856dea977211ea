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
from blueprints.settings.people import way_in_sentences
from blueprints.settings.people.asked import back_to_the_list
from blueprints.settings.people.forms import LINK
from blueprints.settings.security_page import SignIn, sign_in_view
from database import db
from models import Identity, Membership, Organization, SignInSession, User, Workspace
from organizations import accounts, finding, invitations, one_person, password_links, receipts, role_rules, ways_in
from organizations.counting import seats_left

Answer = Response | str | tuple[str, int]
PERSON = "<int:person>"
SHOWN = 10


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`fixed`: why their role and status cannot be changed; else empty.

    `role_by_rules`: the role rules give it at each sign-in. Sentences: `signs_in_by`, `no_link` (where there is no SSO
    link), `accepting` (an invitation), `password_link` (empty where an admin makes none). `ask_support`: how to reach
    support, where only they make one. `live_idp`: the entity ID of the identity provider that counts now.
    `receipts`: the references that lead to one.
    """

    user: User
    is_self: bool
    fixed: str
    no_seat: bool
    role_by_rules: bool
    came_from: str
    signs_in_by: str
    no_link: str
    accepting: str
    password_link: str
    ask_support: str
    live_idp: str | None
    invited_by: str | None
    identities: list[Identity]
    workspaces: list[tuple[Workspace, Membership]]
    sessions: list[SignInSession]
    sign_ins: list[SignIn]
    events: list[EventInWords]
    receipts: frozenset[str]
    may_mail: bool
    sign_ins_shown: int = SHOWN
    events_shown: int = SHOWN


@blueprint.get(f"/people/{PERSON}")
@requires("people.read")
def person(organization: Organization, person: int) -> str:
    return page_of(organization, find(organization, person))


def find(organization: Organization, person: int) -> User:
    """Somebody of this organization; another organization's person is a 404 like nobody at all."""
    return accounts.find(organization, person) or abort(404, "There is nobody with an account here at this address.")


def page_of(organization: Organization, user: User) -> str:
    return render_template(
        "settings/people/person.html",
        organization=organization,
        user=user,
        page=_page(organization, user),
        back=back_to_the_list(),
    )


def done(organization: Organization, user: User, whole_page: bool = False) -> Answer:
    """After the change was committed: the fragment for htmx, else back to the page."""
    target = url_for(".person", slug=organization.slug, person=user.id)
    if not htmx.is_htmx():
        return redirect(target, code=303)
    if whole_page:
        return htmx.redirect(target)
    # Reviving an account or its link closes what its person was missed for.
    also = ("settings/_missed_count.html",)
    parts = {"organization": organization, "user": user, "page": _page(organization, user)}
    return htmx.fragment("settings/people/_person.html", also=also, **parts)


def refused(organization: Organization, person: int, sentence: str) -> Answer:
    """Nothing was changed: the person as they are now, and why."""
    db.session.rollback()
    user = find(organization, person)
    flash(sentence, "error")
    return htmx.notices_only(409) if htmx.is_htmx() else (page_of(organization, user), 409)


def may_mail() -> bool:
    return current_app.config["SMTP_URL"] is not None


def by_mail(by: str | None) -> bool:
    """What the form wants; without a mail server there is only the link, whatever it says."""
    return may_mail() and by != LINK


def sign_in_link(organization: Organization) -> str:
    """Where signing in begins for those whose address does not lead to single sign-on."""
    base_url: str = current_app.config["PUBLIC_BASE_URL"]
    return base_url + url_for("auth.organization", slug=organization.slug)


def _page(organization: Organization, user: User) -> PersonPage:
    is_self = user.id == current_user.user.id
    ways, begins = ways_in.of(user), sign_in_link(organization)
    live = organization.connection.live_configuration if organization.connection else None
    events = one_person.events(user, SHOWN)
    return PersonPage(
        user=user,
        is_self=is_self,
        fixed=_why_fixed(user, is_self),
        no_seat=user.status == "deactivated" and seats_left(organization) == 0,
        role_by_rules=role_rules.give_the_role_of(user),
        came_from=finding.came_from(user),
        signs_in_by=way_in_sentences.signs_in_by(ways, begins),
        no_link=way_in_sentences.no_link(ways),
        accepting=way_in_sentences.accepting(ways, begins)
        + ("" if ways.covered else " A new one ends the one before."),
        password_link="" if password_links.why_not(user) else way_in_sentences.password_link(ways),
        ask_support=current_app.config["SUPPORT_CONTACT"] if ways.only_support_helps else "",
        live_idp=live.idp_entity_id if live else None,
        invited_by=invitations.inviter_of(user) if user.invited_by_id else None,
        identities=one_person.identities(user),
        workspaces=one_person.workspaces(user),
        sessions=one_person.running_sessions(user),
        sign_ins=[sign_in_view(attempt) for attempt in one_person.sign_ins(user, SHOWN)],
        events=[event_in_words(event) for event in events],
        receipts=receipts.there(organization, [event.reference for event in events]),
        may_mail=may_mail(),
    )


def _why_fixed(user: User, is_self: bool) -> str:
    if not accounts.is_last_admin(user):
        return ""
    who = "You are" if is_self else f"{user.name} is"
    return f"{who} the only active admin. Make somebody else an admin before this role or account is changed."
