"""The set-up page: from our values to activation, with one thing to do next."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from blueprints.access import actor, requires
from blueprints.settings import blueprint
from blueprints.settings.domains_card import DomainsCard, domains_card
from blueprints.settings.setup.forms import AddressForm, CertificateForm, DetailsForm, DocumentForm, HandoverForm
from blueprints.settings.setup.page import setup_page
from database import db
from models import Organization
from organizations import connections

# What to send, under the first of the names that are understood.
SENT = ("email", "firstName", "lastName")


@blueprint.get("/security/sso")
@requires("sso.set_up")
def sso_setup(organization: Organization) -> str:
    return setup_page_of(organization)


@blueprint.post("/security/sso/begin")
@requires("sso.set_up")
def begin_sso_setup(organization: Organization) -> Response:
    """Make our addresses and keys, which a page that is only looked at must not."""
    connections.prepare(organization, current_app.config["KEY_ENCRYPTION_KEYS"], actor())
    db.session.commit()
    return redirect(url_for(".sso_setup", slug=organization.slug, _anchor="values"), code=303)


def setup_page_of(organization: Organization, **forms: FlaskForm | DomainsCard) -> str:
    """The page, with the forms that were refused in the place of empty ones."""
    page = setup_page(organization, current_app.config["PUBLIC_BASE_URL"], request.args.get("idp"))
    shown: dict[str, object] = {
        "sent": SENT,
        "address_form": AddressForm(formdata=None, url=page.candidate.row.metadata_url if page.candidate else None),
        "document_form": DocumentForm(formdata=None),
        "details_form": DetailsForm(formdata=None),
        "certificate_form": CertificateForm(formdata=None),
        "handover_form": HandoverForm(formdata=None),
        "domains": domains_card(organization, page="setup"),
        **forms,
    }
    return render_template("settings/setup/overview.html", organization=organization, page=page, **shown)
