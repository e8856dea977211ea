"""Activating, deactivating, and putting a draft away: each says first whom it concerns."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from blueprints.access import actor, requires
from blueprints.settings import blueprint
from blueprints.settings.setup.forms import DeactivationForm, VersionForm
from blueprints.settings.setup.overview import setup_page_of
from database import db
from models import Organization
from organizations import activation, connections
from organizations.encryption_keys import ConnectionRefused

Page = str | tuple[str, int] | Response


@blueprint.get("/security/sso/activate")
@requires("sso.activate")
def activate_sso(organization: Organization) -> Page:
    connection = organization.connection
    candidate = connections.newest(connection) if connection else None
    activated = connection is not None and connection.activated_at and connection.live_configuration_id
    if connection is None or candidate is None or candidate.id == activated:
        return redirect(url_for(".sso_setup", slug=organization.slug), code=303)
    return render_template(
        "settings/setup/activate.html",
        organization=organization,
        candidate=candidate,
        replaces=connection.live_configuration if connection.activated_at else None,
        effect=activation.consequences_of_activating(organization),
        form=VersionForm(formdata=None, version=candidate.version),
    )


@blueprint.post("/security/sso/activate")
@requires("sso.activate")
def activate_sso_now(organization: Organization) -> Page:
    form = VersionForm()
    if not form.validate_on_submit():
        return setup_page_of(organization), 422
    try:
        live = activation.activate(organization, actor(), version=form.version.data)
    except ConnectionRefused as refused:
        flash(str(refused), "error")
        return setup_page_of(organization), 409
    db.session.commit()
    flash(f"SSO is activated with version {live.version}.", "success")
    return redirect(url_for(".security", slug=organization.slug), code=303)


@blueprint.get("/security/sso/deactivate")
@requires("sso.activate")
def deactivate_sso(organization: Organization) -> Page:
    return _deactivation(organization, DeactivationForm(formdata=None))


@blueprint.post("/security/sso/deactivate")
@requires("sso.activate")
def deactivate_sso_now(organization: Organization) -> Page:
    form = DeactivationForm()
    if not form.validate_on_submit():
        return _deactivation(organization, form), 422
    if (form.name.data or "").strip().casefold() != organization.name.casefold():
        form.name.errors = [f"This is not the name. Write {organization.name}."]
        return _deactivation(organization, form), 422
    try:
        activation.deactivate(organization, actor())
    except ConnectionRefused as refused:
        flash(str(refused), "error")
        return setup_page_of(organization), 409
    db.session.commit()
    flash("SSO is deactivated. People sign in with their passwords; all details stay stored.", "success")
    return redirect(url_for(".security", slug=organization.slug), code=303)


@blueprint.post("/security/sso/discard")
@requires("sso.set_up")
def discard_sso_draft(organization: Organization) -> Page:
    form = VersionForm()
    if not form.validate_on_submit():
        return setup_page_of(organization), 422
    try:
        connections.discard(organization, form.version.data or 0, actor())
    except ConnectionRefused as refused:
        flash(str(refused), "error")
        return setup_page_of(organization), 409
    db.session.commit()
    flash(f"Draft {form.version.data} is discarded. Sign-ins go on as before.", "success")
    return redirect(url_for(".sso_setup", slug=organization.slug), code=303)


def _deactivation(organization: Organization, form: DeactivationForm) -> str:
    return render_template(
        "settings/setup/deactivate.html",
        organization=organization,
        form=form,
        effect=activation.consequences_of_deactivating(organization),
    )
