"""After support changed the plan: an admin says whether JIT accounts of before keep their role or get the new one."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.people.forms import PlanRoleForm
from blueprints.settings.people.person import Answer
from blueprints.settings.people.words import ROLE_WORDS, people
from database import db
from models import Organization, User
from organizations import plans
from organizations.accounts import ChangeRefused

SHOWN = 25


@blueprint.get("/people/plan-roles")
@requires("people.change")
def confirm_plan_roles(organization: Organization) -> Answer:
    number = plans.with_another_plans_role(organization)
    if not number:
        return redirect(url_for(".people", slug=organization.slug), code=303)
    first = plans.first_with_another_plans_role(organization, SHOWN)
    return render_template(
        "settings/people/plan_roles.html",
        organization=organization,
        number=number,
        who=people(number),
        role=organization.role_for_new_people,
        first=first,
        more=number - len(first),
    )


@blueprint.post("/people/plan-roles")
@requires("people.change")
def apply_plan_roles(organization: Organization) -> Answer:
    role = ROLE_WORDS[organization.role_for_new_people]
    return _decide(organization, plans.apply_role, ("has", "have"), f"the role {role} now.")


@blueprint.post("/people/plan-roles/keep")
@requires("people.change")
def keep_plan_roles(organization: Organization) -> Answer:
    return _decide(organization, plans.keep_roles, ("keeps", "keep"), "the role of before, whatever the plan.")


def _decide(
    organization: Organization, decide: Callable[[Organization, str, User], int], verb: tuple[str, str], what: str
) -> Answer:
    """`verb`: what one person does then, and what several do."""
    form, target = PlanRoleForm(), redirect(url_for(".people", slug=organization.slug), code=303)
    if not form.validate_on_submit():
        return target
    try:
        number = decide(organization, form.role.data or "", current_user.user)
    except ChangeRefused as reason:
        db.session.rollback()
        flash(str(reason), "error")
        return target
    db.session.commit()
    flash(f"{people(number)} {verb[number != 1]} {what}", "success")
    return target
