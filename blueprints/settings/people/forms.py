"""The forms of the People pages. Each sends the state that is wanted, never "flip"."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import AnyOf, InputRequired, Length

from models import ROLES

MAIL, LINK = "mail", "link"


class RoleForm(FlaskForm):
    """`confirmed`: the page that says what it means was seen."""

    role = StringField("Role", validators=[AnyOf(ROLES)])
    confirmed = BooleanField()


class ReasonForm(FlaskForm):
    because = StringField("Why (optional)", validators=[Length(max=200, message="Use at most 200 characters.")])


class InvitationForm(FlaskForm):
    """`by` is read only where the product can send mail. `confirmed`: the page that says what it means was seen;
    `change`: and led back here.
    """

    email = StringField("E-mail address", validators=[InputRequired("Write the address.")])
    role = StringField("Role", validators=[AnyOf(ROLES)])
    by = StringField(default=MAIL)
    confirmed = BooleanField()
    change = BooleanField()


class AgainForm(FlaskForm):
    by = StringField(default=MAIL)


class PlanRoleForm(FlaskForm):
    """The role as it was looked at, so that another plan is never meant by accident."""

    role = StringField(validators=[InputRequired()])
