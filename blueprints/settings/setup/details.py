"""The identity provider's details: read, shown as they were understood, and saved only then."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from blueprints.access import actor, requires
from blueprints.settings import blueprint
from blueprints.settings.configuration_view import certificate_view
from blueprints.settings.setup.forms import AddressForm, DetailsForm, DocumentForm
from blueprints.settings.setup.overview import setup_page_of
from database import db, now
from models import Organization
from organizations import connections
from organizations.encryption_keys import ConnectionRefused
from saml.fetch import fetch_idp_metadata
from saml.metadata import MAXIMUM_BYTES, IdPMetadata, MetadataRefused
from saml.providers import DetailRefused, Provider, by_hand, read_providers

Page = str | tuple[str, int] | Response
BY_HAND = "by hand"


@blueprint.post("/security/sso/read-address")
@requires("sso.set_up")
def read_sso_address(organization: Organization) -> Page:
    form = AddressForm()
    if not form.validate_on_submit():
        return setup_page_of(organization, address_form=form), 422
    url = (form.url.data or "").strip()
    # A document may take seconds to come: nobody else waits for the write lock meanwhile.
    db.session.rollback()
    try:
        found = read_providers(fetch_idp_metadata(url, allow_loopback=in_development()), in_development())
    except MetadataRefused as refused:
        form.url.errors = [str(refused)]
        return setup_page_of(organization, address_form=form), 422
    finally:
        db.session.rollback()
    return _understood(organization, found, source=url, metadata_url=url)


@blueprint.post("/security/sso/read-document")
@requires("sso.set_up")
def read_sso_document(organization: Organization) -> Page:
    form = DocumentForm()
    form.validate_on_submit()
    upload = form.file.data if isinstance(form.file.data, FileStorage) and form.file.data.filename else None
    content = upload.stream.read(MAXIMUM_BYTES + 1) if upload else (form.xml.data or "").encode()
    source = (upload.filename or "a file").rpartition("/")[2][:200] if upload else "pasted XML"
    try:
        if not content.strip():
            raise MetadataRefused("Choose the metadata file, or paste the XML.")
        found = read_providers(content, in_development())
    except MetadataRefused as refused:
        (form.file if upload else form.xml).errors = [str(refused)]
        return setup_page_of(organization, document_form=form), 422
    return _understood(organization, found, source=source)


@blueprint.post("/security/sso/details")
@requires("sso.set_up")
def read_sso_details(organization: Organization) -> Page:
    """What was typed, or one of several identity providers that was chosen."""
    form = DetailsForm()
    details = _details(form)
    if details is None:
        return setup_page_of(organization, details_form=form), 422
    provider = Provider(details.entity_id, details, None)
    source, url = form.source.data or BY_HAND, form.metadata_url.data or ""
    return _understood(organization, [provider], source=source, metadata_url=url)


@blueprint.post("/security/sso/save")
@requires("sso.set_up")
def save_sso_details(organization: Organization) -> Page:
    """Judged once more: what the page was shown with has been in the reader's hands."""
    form = DetailsForm()
    details = _details(form)
    if details is None:
        return setup_page_of(organization, details_form=form), 422
    keys = current_app.config["KEY_ENCRYPTION_KEYS"]
    source, url = form.source.data or BY_HAND, form.metadata_url.data or None
    try:
        saved = connections.configure(organization, details, source, keys, actor(), metadata_url=url)
    except ConnectionRefused as refused:
        flash(str(refused), "error")
        return setup_page_of(organization), 409
    connection = organization.connection
    assert connection is not None
    db.session.commit()
    is_draft = connection.live_configuration_id != saved.id
    flash(
        f"Version {saved.version} is saved as a draft. Sign-ins go on as before until you activate it."
        if is_draft
        else f"Version {saved.version} is saved. Now test it.",
        "success",
    )
    return redirect(url_for(".sso_setup", slug=organization.slug), code=303)


def in_development() -> bool:
    """A demo identity provider on this machine has no certificate for HTTPS."""
    return bool(current_app.config["LATCHKEY_ENV"] != "production")


def _details(form: DetailsForm) -> IdPMetadata | None:
    """The details that the form holds; None, with the error beside its field, where they cannot be used."""
    if not form.validate_on_submit():
        return None
    values = (form.entity_id, form.sso_url, form.certificates, form.slo_url, form.slo_response_url)
    try:
        return by_hand(*((field.data or "") for field in values), allow_http=in_development())
    except DetailRefused as refused:
        form[refused.field].errors = [str(refused)]
        return None


def _understood(organization: Organization, found: list[Provider], *, source: str, metadata_url: str = "") -> Page:
    """What was understood, to be confirmed; of several identity providers first the choice."""
    forms = [
        DetailsForm(
            formdata=None,
            entity_id=provider.details.entity_id,
            sso_url=provider.details.sso_url,
            certificates="\n".join(provider.details.certificates),
            slo_url=provider.details.slo_url or "",
            slo_response_url=provider.details.slo_response_url or "",
            source=source,
            metadata_url=metadata_url,
        )
        if provider.details
        else None
        for provider in found
    ]
    if len(found) > 1:
        choices = list(zip(found, forms, strict=True))
        return render_template("settings/setup/choose.html", organization=organization, choices=choices, source=source)
    details, at = found[0].details, now()
    assert details is not None
    certificates = [certificate_view(pem, at, {}) for pem in details.certificates]
    return render_template(
        "settings/setup/understood.html",
        organization=organization,
        details=details,
        certificates=certificates,
        form=forms[0],
        source=source,
    )
