"""Settings → Security → people who were turned away: create their account, or put it away. The list is `_missed.html`.

The page has a name of its own, without the area's, because it stays where the area is not.
"""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints import htmx
from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.jit_area import jit_area
from blueprints.settings.missed_sentences import not_created
from blueprints.settings.missed_view import missed_list
from database import db
from models import Organization, User
from organizations import jit, jit_letters, missed, outbox
from provisioning.by_admin import NotCreated, create_account

LARGEST_ID = 2**31 - 1
DECIDED = "Somebody has decided on this already. The list is up to date now."


@blueprint.context_processor
def _count_for_the_navigation() -> dict[str, Any]:
    """`missed_count()`: how many wait beside the word Security, in every page of the settings."""

    def missed_count() -> int:
        if "missed_count" not in g:
            g.missed_count = missed.count(current_user.organization)
        number: int = g.missed_count
        return number

    return {"missed_count": missed_count}


@blueprint.get("/security/turned-away")
@requires("security.read")
def turned_away(organization: Organization) -> str:
    return _page(organization)


@blueprint.post("/security/turned-away/<int:missed_id>/create")
@requires("security.change")
def create_missed(organization: Organization, missed_id: int) -> Response | tuple[str, int]:
    """The account that the sign-in would have created, by the word of an admin."""
    rows = missed.take(organization, [_load(organization, missed_id)], current_user.user)
    if not rows:
        flash(DECIDED, "message")
        return answer(organization)
    try:
        user = create_account(organization, rows[0], current_user.user)
    except NotCreated as refused:
        db.session.rollback()
        flash(not_created([refused])[0], "error")
        return htmx.notices_only(409) if htmx.is_htmx() else (_page(organization), 409)
    tell(user)
    db.session.commit()
    flash(created_in_words(user), "success")
    return answer(organization)


@blueprint.post("/security/turned-away/<int:missed_id>/dismiss")
@requires("security.change")
def dismiss_missed(organization: Organization, missed_id: int) -> Response | tuple[str, int]:
    row = missed.dismiss(organization, _load(organization, missed_id), current_user.user)
    db.session.commit()
    if row is None:
        flash(DECIDED, "message")
    else:
        flash(f"{row.email} is off the list. They are back on it if they try again.", "success")
    return answer(organization)


def tell(user: User) -> None:
    """By e-mail, where mail is sent at all."""
    config = current_app.config
    if config["SMTP_URL"] is None:
        return
    sign_in = config["PUBLIC_BASE_URL"] + url_for("auth.organization", slug=user.organization.slug)
    subject, body = jit_letters.account_created(user.organization.name, user.role, sign_in)
    outbox.put(user.email, subject, body, organization=user.organization)


def created_in_words(user: User) -> str:
    told = " They are told by e-mail." if current_app.config["SMTP_URL"] else " Tell them to sign in again."
    account = f"{user.role.capitalize()} account in General"
    waits = user.status == "invited"
    return f"A {account} waits for {user.email}.{told}" if waits else f"{user.email} has a {account}.{told}"


def answer(organization: Organization) -> Response:
    """Where the form was: the part of it that changed for htmx, else the page.

    On the Security tab the list is a part of the area: where that is gone since, no part of it may come back.
    """
    whole_page, slug = request.args.get("page") == "all", organization.slug
    gone = not whole_page and jit.obstacle(organization) is not None
    if not htmx.is_htmx():
        all_of_them = url_for(".turned_away", slug=slug, after=after())
        at_the_list = url_for(".security", slug=slug, _anchor="missed")
        return redirect(all_of_them if whole_page or gone else at_the_list, code=303)
    if gone:
        return htmx.refresh_target(url_for(".security", slug=slug))
    count = "settings/_missed_count.html"
    if whole_page:
        listed = missed_list(organization, after(), whole_page=True)
        return htmx.fragment("settings/_missed.html", also=(count,), organization=organization, missed=listed)
    area = jit_area(organization)
    parts = {"missed": area.missed, "jit": area, "trial": area.trial}
    also = (count, "settings/_jit.html", "settings/_trial.html")
    return htmx.fragment("settings/_missed.html", also=also, organization=organization, **parts)


def after() -> int | None:
    number = request.args.get("after", type=int)
    return number if number is not None and 0 < number <= LARGEST_ID else None


def _load(organization: Organization, missed_id: int) -> int:
    """The number of a row of this organization; anything else is a 404."""
    if missed_id > LARGEST_ID or missed.find(organization, missed_id) is None:
        abort(404)
    return missed_id


def _page(organization: Organization) -> str:
    listed = missed_list(organization, after(), whole_page=True)
    return render_template("settings/turned_away.html", organization=organization, missed=listed)
