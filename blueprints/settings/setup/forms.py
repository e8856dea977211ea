"""The forms of setting SSO up. What was typed is kept when one is refused."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from blueprints.row_ids import RowIdField

MAXIMUM_URL = 2_000


class AddressForm(FlaskForm):
    """Metadata that is published at an address; `entity_id` chooses among several identity providers there."""

    url = StringField("Metadata URL", validators=[InputRequired("Write the address."), Length(max=MAXIMUM_URL)])


class DocumentForm(FlaskForm):
    """Metadata as a file or as text; the file counts where both are given."""

    file = FileField("Metadata file")
    xml = TextAreaField("Or paste the metadata XML")


class DetailsForm(FlaskForm):
    """The identity provider's details: typed by hand, or as they were understood of metadata and are confirmed.

    `source` says where they came from; `metadata_url` is the address that they are refreshed from, if there is one.
    """

    entity_id = StringField("Entity ID")
    sso_url = StringField("Sign-in URL")
    certificates = TextAreaField("Signing certificate")
    slo_url = StringField("Logout URL (optional)")
    slo_response_url = HiddenField()
    source = HiddenField(validators=[Length(max=MAXIMUM_URL)])
    metadata_url = HiddenField(validators=[Length(max=MAXIMUM_URL)])


class VersionForm(FlaskForm):
    """A version as it was looked at, so that a newer one is never meant by accident."""

    version = IntegerField(validators=[InputRequired()])


class DeactivationForm(FlaskForm):
    name = StringField("The name of your organization", validators=[InputRequired("Write the name.")])


class CertificateForm(FlaskForm):
    certificate = TextAreaField("The next signing certificate", validators=[InputRequired("Paste the certificate.")])


class RetirementForm(FlaskForm):
    fingerprint = HiddenField(validators=[InputRequired()])


class MappingForm(FlaskForm):
    """Which of the received attributes holds what; empty: by its usual names. The choices are set by the view."""

    email = SelectField("E-mail address")
    given_name = SelectField("Given name")
    family_name = SelectField("Family name")
    display_name = SelectField("Display name")
    groups = SelectField("Groups")


class HandoverForm(FlaskForm):
    colleague = StringField("Who is it for", validators=[InputRequired("Write for whom it is."), Length(max=80)])


class RevocationForm(FlaskForm):
    link = RowIdField(validators=[InputRequired()])
