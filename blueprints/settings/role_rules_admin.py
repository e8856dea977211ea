"""Role rules that make admins: what that means is confirmed on a page of its own, before anything is changed."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask_login import current_user

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.role_rules import Answer, here, not_here, refused, to_security
from blueprints.settings.role_rules_view import RuleForm
from database import db
from models import Organization
from organizations import jit, role_rules
from organizations.jit import JITUnavailable
from organizations.role_rules import RoleRuleRefused

SWITCHES = {"switch": "settings.switch_role_rules", "each-time": "settings.switch_each_time"}


@blueprint.get("/security/role-rules/admin")
@requires("security.read")
def confirm_admin_rule(organization: Organization) -> Answer:
    try:
        group = role_rules.judge(organization, request.args.get("group", ""), "admin")
    except RoleRuleRefused as reason:
        flash(str(reason), "error")
        return redirect(here(organization), code=303)
    except JITUnavailable as unavailable:
        return not_here(organization, unavailable.because)
    form = RuleForm(formdata=None, data={"group": group, "outcome": "admin"})
    back = here(organization, group=group, _anchor="new_rule")
    return render_template("settings/role_rules_admin.html", organization=organization, form=form, back=back)


@blueprint.post("/security/role-rules/admin")
@requires("security.change")
def add_admin_rule(organization: Organization) -> Answer:
    form = RuleForm()
    if not form.validate_on_submit() or form.outcome.data != "admin":
        return refused(organization, form)
    group = form.group.data or ""
    try:
        role_rules.add(organization, group, "admin", current_user.user, admin_confirmed=True)
    except RoleRuleRefused as reason:
        form.group.errors = [str(reason)]
        return refused(organization, form)
    except JITUnavailable as unavailable:
        return to_security(organization, unavailable.because)
    db.session.commit()
    flash(f"The rule for “{group.strip()}” is added. It makes admins.", "warning")
    return redirect(here(organization, _anchor="role_rules"), code=303)


@blueprint.get("/security/role-rules/admins")
@requires("security.read")
def confirm_making_admins(organization: Organization) -> Answer:
    """Before a switch makes rules count for people who have an account: some of them would become admins."""
    because = jit.obstacle(organization)
    if because:
        return not_here(organization, because)
    groups, action = role_rules.groups_of_admins(organization), SWITCHES.get(request.args.get("switch", ""))
    if not groups or action is None:
        return redirect(here(organization, _anchor="role_rules"), code=303)
    return render_template(
        "settings/role_rules_each_time.html",
        organization=organization,
        groups=groups,
        action=action,
        back=here(organization, _anchor="role_rules"),
    )
