"""The hand-over link: made and revoked by an admin; opened by a colleague without an account."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints.access import HANDOVER, public, requires
from blueprints.settings import blueprint
from blueprints.settings.setup.forms import HandoverForm, RevocationForm
from blueprints.settings.setup.overview import setup_page_of
from database import begin_write, db
from models import HandoverLink, Organization
from organizations import handover

Page = str | tuple[str, int] | Response
ENDED = "This link was revoked, or its 24 hours have passed. Ask the person who sent it for a new one."


@blueprint.post("/security/sso/handover")
@requires("sso.activate")
def make_handover_link(organization: Organization) -> Page:
    """The address is in this answer and nowhere else: what is stored cannot be turned back into it."""
    form = HandoverForm()
    if not form.validate_on_submit():
        return setup_page_of(organization, handover_form=form), 422
    try:
        link, token = handover.make(organization, form.colleague.data or "", current_user.user)
    except handover.HandoverRefused as refused:
        form.colleague.errors = [str(refused)]
        return setup_page_of(organization, handover_form=form), 422
    db.session.commit()
    path = url_for(".open_handover_link", slug=organization.slug, token=token)
    address = current_app.config["PUBLIC_BASE_URL"] + path
    return render_template("settings/setup/handover_made.html", organization=organization, link=link, address=address)


@blueprint.post("/security/sso/handover/revoke")
@requires("sso.activate")
def revoke_handover_link(organization: Organization) -> Page:
    form = RevocationForm()
    if not form.validate_on_submit():
        return setup_page_of(organization), 422
    try:
        link = handover.revoke(organization, form.link.data or 0, current_user.user)
    except handover.HandoverRefused as refused:
        flash(str(refused), "error")
        return setup_page_of(organization), 409
    db.session.commit()
    flash(f"The link for {link.colleague} does not work any more.", "success")
    return redirect(url_for(".sso_setup", slug=organization.slug, _anchor="handover"), code=303)


@blueprint.get("/handover/<token>")
@public
def open_handover_link(slug: str, token: str) -> str:
    """Only shows what it is for: a link that is looked at by a mail filter is not used up."""
    return render_template("settings/setup/handover_open.html", link=_link(slug, token), token=token)


@blueprint.post("/handover/<token>")
@public
def begin_handover(slug: str, token: str) -> Response:
    begin_write()
    link = _link(slug, token)
    handover.opened(link)
    db.session.commit()
    session[HANDOVER] = token
    return redirect(url_for(".sso_setup", slug=slug), code=303)


@blueprint.post("/handover-end")
@public
def end_handover(slug: str) -> Response:
    session.pop(HANDOVER, None)
    flash("You have left the set-up. The link works until it ends.", "success")
    return redirect(url_for("auth.organization", slug=slug), code=303)


def _link(slug: str, token: str) -> HandoverLink:
    link = handover.find(token)
    if link is None or link.organization.slug != slug:
        abort(404, ENDED)
    return link
