"""Certificate roll-over: add the identity provider's next certificate, retire the old one."""

from __future__ import annotations

from flask import current_app, flash, redirect, url_for
from werkzeug.wrappers import Response

from blueprints.access import actor, requires
from blueprints.settings import blueprint
from blueprints.settings.setup.forms import CertificateForm, RetirementForm
from blueprints.settings.setup.overview import setup_page_of
from database import db
from models import Organization, SSOConfiguration
from organizations import certificates
from organizations.encryption_keys import ConnectionRefused
from saml.providers import DetailRefused, read_certificates

Page = str | tuple[str, int] | Response


@blueprint.post("/security/sso/certificates/add")
@requires("sso.set_up")
def add_certificate(organization: Organization) -> Page:
    form = CertificateForm()
    if not form.validate_on_submit():
        return setup_page_of(organization, certificate_form=form), 422
    try:
        added = read_certificates(form.certificate.data or "")
        version = certificates.add(organization, added, actor(), current_app.config["KEY_ENCRYPTION_KEYS"])
    except (DetailRefused, ConnectionRefused) as refused:
        form.certificate.errors = [str(refused)]
        return setup_page_of(organization, certificate_form=form), 422
    return _saved(organization, version, "Sign-ins with either certificate will pass.")


@blueprint.post("/security/sso/certificates/retire")
@requires("sso.set_up")
def retire_certificate(organization: Organization) -> Page:
    form = RetirementForm()
    form.validate_on_submit()
    try:
        name, keys = form.fingerprint.data or "", current_app.config["KEY_ENCRYPTION_KEYS"]
        version = certificates.retire(organization, name, actor(), keys)
    except ConnectionRefused as refused:
        flash(str(refused), "error")
        return setup_page_of(organization), 409
    return _saved(organization, version, "Sign-ins with the retired certificate will be refused.")


def _saved(organization: Organization, version: SSOConfiguration, effect: str) -> Response:
    connection = organization.connection
    live = connection is not None and connection.live_configuration_id == version.id
    db.session.commit()
    words = "is saved" if live else "is saved as a draft: test and activate it"
    flash(f"Version {version.version} {words}. {effect}", "success")
    return redirect(url_for(".sso_setup", slug=organization.slug), code=303)
