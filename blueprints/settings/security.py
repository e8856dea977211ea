"""Settings → Security: how people sign in, and the switch that lets a first sign-in create an account."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import AnyOf

from blueprints import htmx
from blueprints.access import requires
from blueprints.settings import blueprint, sentences
from blueprints.settings.domains_card import DomainsCard, domains_card
from blueprints.settings.jit_area import Trial, jit_area
from blueprints.settings.security_page import security_page
from database import begin_write, db
from models import Organization
from organizations import jit
from provisioning.decision import RULES, Reason

RULE_OF_CREATION = next(rule for rule, _, reason, _ in RULES if reason is Reason.CREATED_JUST_IN_TIME)
OFF_ALREADY = "JIT Provisioning was off already."


class SwitchForm(FlaskForm):
    """The wanted state, never "flip": a double click or a stale tab asks for the same thing twice."""

    enabled = StringField(validators=[AnyOf(("on", "off"))])


@blueprint.context_processor
def _rules() -> dict[str, int]:
    """`rule_of_creation`: the row of the decision that creates an account, wherever an account is explained."""
    return {"rule_of_creation": RULE_OF_CREATION}


@blueprint.get("/security")
@requires("security.read")
def security(organization: Organization) -> str:
    return page_of(organization)


@blueprint.post("/security/jit")
@requires("security.change")
def change_jit(organization: Organization) -> Response | tuple[str, int]:
    form = SwitchForm()
    if not form.validate_on_submit():
        return not_a_state(organization)
    wanted = form.enabled.data == "on"
    try:
        jit.set_wish(organization, wanted, current_user.user)
    except jit.JITUnavailable as unavailable:
        return _unavailable(organization, wanted, unavailable.because)
    db.session.commit()
    flash(f"JIT Provisioning is {form.enabled.data}.", "success")
    if htmx.is_htmx():
        area = jit_area(organization)
        also = ("settings/_trial.html", "settings/_missed.html")
        parts = {"jit": area, "trial": area.trial, "missed": area.missed}
        return htmx.fragment("settings/_jit.html", also=also, organization=organization, **parts)
    # Without JavaScript: at the switch, where Undo is.
    return redirect(url_for(".security", slug=organization.slug, _anchor="jit"), code=303)


@blueprint.post("/security/jit/off")
@requires("security.change")
def ask_before_off(organization: Organization) -> Response | tuple[str, int]:
    """Nothing is changed: the switch says that off is wanted, and is asked whether it is meant."""
    because = jit.obstacle(organization)
    if because:
        return gone(organization, because)
    if htmx.is_htmx():
        if not organization.jit_on:
            flash(OFF_ALREADY, "message")
        area = jit_area(organization)
        return htmx.fragment("settings/_jit.html", organization=organization, jit=area, asks=area.on)
    return redirect(url_for(".confirm_off", slug=organization.slug), code=303)


@blueprint.get("/security/jit/off")
@requires("security.change")
def confirm_off(organization: Organization) -> str | Response:
    """The question as a page, for browsers without JavaScript."""
    obstacle = jit.obstacle(organization)
    if obstacle or not organization.jit_on:
        if not obstacle:
            flash(OFF_ALREADY, "message")
        return redirect(url_for(".security", slug=organization.slug), code=303)  # at its top, where notices are
    return render_template("settings/turn_off.html", organization=organization, jit=jit_area(organization))


def page_of(organization: Organization, domains: DomainsCard | None = None, trial: Trial | None = None) -> str:
    page = security_page(organization, current_app.config["PUBLIC_BASE_URL"], trial)
    domains = domains or domains_card(organization)
    return render_template("settings/security.html", organization=organization, page=page, domains=domains)


def not_a_state(organization: Organization) -> Response | tuple[str, int]:
    flash("Nothing was changed: the wanted state has to be on or off. Load the page again and use the switch.", "error")
    if htmx.is_htmx():
        return htmx.notices_only(422)
    return page_of(organization), 422


def _unavailable(organization: Organization, wanted: bool, because: str) -> Response | tuple[str, int]:
    """The switch is gone since the page was loaded, or was never there. The refusal itself is kept in the audit log."""
    begin_write()
    jit.record_refusal(organization, wanted, current_user.user, because)
    db.session.commit()
    return gone(organization, because)


def gone(organization: Organization, because: str) -> Response | tuple[str, int]:
    """Whatever was asked for stood in the area, which is not there (any more): nothing was changed."""
    contact = current_app.config["SUPPORT_CONTACT"]
    flash(sentences.jit_refused(because, organization.name, contact), "error")
    if htmx.is_htmx():
        return htmx.refresh_target(url_for(".security", slug=organization.slug))
    return page_of(organization), 409
