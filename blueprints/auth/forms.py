"""The forms of signing in. Each holds a CSRF field; errors stand beside the field and nothing typed is lost."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from organizations.addresses import AddressRefused, normalise_email
from organizations.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH


class EmailField(StringField):
    """An e-mail address; after validation `normalised` is the stored form of it, while `data` stays as typed."""

    normalised = ""

    def pre_validate(self, form: object) -> None:
        try:
            self.normalised = normalise_email(self.data or "")
        except AddressRefused as refused:
            raise ValidationError(str(refused)) from refused


class EmailForm(FlaskForm):
    email = EmailField("E-mail address")
    next = HiddenField()


class PasswordForm(FlaskForm):
    email = EmailField("E-mail address")
    password = PasswordField("Password", validators=[InputRequired("Write your password."), Length(max=MAXIMUM_LENGTH)])
    next = HiddenField()
    organization = HiddenField()


class ChoiceForm(FlaskForm):
    account = IntegerField("Organization", validators=[InputRequired("Choose an organization.")])


class CodeForm(FlaskForm):
    code = StringField("Code", validators=[InputRequired("Write the code."), Length(max=64)])


class NewPasswordForm(FlaskForm):
    password = PasswordField(
        "New password",
        validators=[
            InputRequired("Write a password."),
            Length(MINIMUM_LENGTH, MAXIMUM_LENGTH, f"Use {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters."),
        ],
    )
    again = PasswordField("The same again", validators=[EqualTo("password", "The two passwords differ.")])
