"""What the page of the role rules shows, and its forms."""

from __future__ import annotations

from dataclasses import dataclass

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from blueprints.row_ids import RowIdField
from blueprints.settings.security import SwitchForm
from models import Organization, RoleRule
from organizations import role_rules, seen_groups

OUTCOMES = {
    "viewer": "Viewer",
    "collaborator": "Collaborator",
    "refuse": "Refused: no account",
    "admin": "Admin",
}


class RuleForm(FlaskForm):
    group = StringField("Group", id="group", validators=[DataRequired("Write the name of the group.")])
    outcome = SelectField(
        "New people in it become", id="outcome", choices=[SelectChoice(*pair) for pair in OUTCOMES.items()]
    )


class RulesSwitchForm(SwitchForm):
    """`confirmed`: the page was seen that says of whom it would make admins."""

    confirmed = BooleanField()


class PlaceForm(FlaskForm):
    """`to`: the wanted place, counted from 1, never "up": a double click asks for the same thing twice."""

    rule = RowIdField()
    to = IntegerField()


@dataclass(frozen=True, slots=True)
class RoleRulesPage:
    rules: list[RoleRule]
    seen: list[str]
    plans_role: str
    form: RuleForm
    outcomes: dict[str, str]


def why_not_here(because: str, organization: str, contact: str) -> str:
    """For somebody who only looked for the page. It names no area, because the page it is shown on has none."""
    if because == "sso_not_activated":
        return "SSO is not activated, and accounts are created at sign-in only while it is."
    return (
        f"Creating accounts at sign-in is not available to {organization}. "
        f"Contact support ({contact}) to check whether it can be made available."
    )


def role_rules_view(organization: Organization, form: RuleForm | None = None) -> RoleRulesPage:
    rules = role_rules.listed(organization)
    have = {rule.group_name for rule in rules}
    seen = [name for name in seen_groups.names(organization) if name not in have]
    form = form or RuleForm(formdata=None)
    return RoleRulesPage(rules, seen, organization.role_for_new_people, form, OUTCOMES)
