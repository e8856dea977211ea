"""Settings → Security → Role rules: which group of the identity provider gives which role."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints import htmx
from blueprints.access import requires
from blueprints.settings import blueprint, sentences
from blueprints.settings.role_rules_view import PlaceForm, RuleForm, role_rules_view, why_not_here
from blueprints.settings.security import SwitchForm
from database import db
from models import Organization, User
from organizations import jit, role_rules
from organizations.jit import JITUnavailable
from organizations.role_rules import RoleRuleRefused

Answer = str | Response | tuple[str, int]


@blueprint.get("/security/role-rules")
@requires("security.read")
def role_rules_page(organization: Organization) -> Answer:
    because = jit.obstacle(organization)
    return _not_here(organization, because) if because else _page(organization)


@blueprint.post("/security/role-rules")
@requires("security.change")
def add_role_rule(organization: Organization) -> Answer:
    form = RuleForm()
    if not form.validate_on_submit():
        return _refused(organization, form)
    group, outcome = form.group.data or "", form.outcome.data
    try:
        if outcome == "admin":
            confirm = url_for(
                ".confirm_admin_rule", slug=organization.slug, group=role_rules.judge(organization, group, outcome)
            )
            return htmx.redirect(confirm) if htmx.is_htmx() else redirect(confirm, code=303)
        role_rules.add(organization, group, outcome, current_user.user)
    except RoleRuleRefused as refused:
        form.group.errors = [str(refused)]
        return _refused(organization, form)
    except JITUnavailable as unavailable:
        return _to_security(organization, unavailable.because)
    db.session.commit()
    flash(f"The rule for “{group.strip()}” is added.", "success")
    return _answer(organization)


@blueprint.get("/security/role-rules/admin")
@requires("security.read")
def confirm_admin_rule(organization: Organization) -> Answer:
    try:
        group = role_rules.judge(organization, request.args.get("group", ""), "admin")
    except RoleRuleRefused as refused:
        flash(str(refused), "error")
        return redirect(_here(organization), code=303)
    except JITUnavailable as unavailable:
        return _not_here(organization, unavailable.because)
    form = RuleForm(formdata=None, data={"group": group, "outcome": "admin"})
    return render_template(
        "settings/role_rules_admin.html", organization=organization, form=form, group=group, back=_here(organization)
    )


@blueprint.post("/security/role-rules/admin")
@requires("security.change")
def add_admin_rule(organization: Organization) -> Answer:
    form = RuleForm()
    if not form.validate_on_submit() or form.outcome.data != "admin":
        return _refused(organization, form)
    group = form.group.data or ""
    try:
        role_rules.add(organization, group, "admin", current_user.user, admin_confirmed=True)
    except RoleRuleRefused as refused:
        form.group.errors = [str(refused)]
        return _refused(organization, form)
    except JITUnavailable as unavailable:
        return _to_security(organization, unavailable.because)
    db.session.commit()
    flash(f"The rule for “{group.strip()}” is added. It makes admins.", "warning")
    return redirect(_here(organization), code=303)


@blueprint.post("/security/role-rules/move")
@requires("security.change")
def move_role_rule(organization: Organization) -> Answer:
    return _change(organization, PlaceForm())


@blueprint.post("/security/role-rules/remove")
@requires("security.change")
def remove_role_rule(organization: Organization) -> Answer:
    return _change(organization, PlaceForm(), remove=True)


@blueprint.post("/security/role-rules/switch")
@requires("security.change")
def switch_role_rules(organization: Organization) -> Answer:
    return _switch(organization, "Role rules are {}.", role_rules.set_on)


@blueprint.post("/security/role-rules/each-time")
@requires("security.change")
def switch_each_time(organization: Organization) -> Answer:
    return _switch(organization, "Role rules at each sign-in are {}.", role_rules.set_each_time)


def _change(organization: Organization, form: PlaceForm, *, remove: bool = False) -> Answer:
    whole = form.validate_on_submit() and form.rule.data is not None and (remove or form.to.data is not None)
    rule = role_rules.find(organization, form.rule.data or 0) if whole else None
    if rule is None:
        flash("This rule is not there any more; nothing was changed.", "error")
        return _answer(organization)
    group = rule.group_name
    try:
        if remove:
            role_rules.remove(organization, rule, current_user.user)
            flash(f"The rule for “{group}” is removed.", "success")
        elif role_rules.move(organization, rule, form.to.data or 1, current_user.user):
            flash(f"“{group}” is number {rule.position} now.", "success")
        else:
            flash(f"“{group}” is number {rule.position} already.", "success")
    except JITUnavailable as unavailable:
        return _to_security(organization, unavailable.because)
    db.session.commit()
    return _answer(organization)


def _switch(organization: Organization, words: str, change: Callable[[Organization, bool, User], bool]) -> Answer:
    form = SwitchForm()
    if not form.validate_on_submit():
        flash("Nothing was changed: the wanted state has to be on or off.", "error")
        return htmx.notices_only(422) if htmx.is_htmx() else (_page(organization), 422)
    try:
        change(organization, form.enabled.data == "on", current_user.user)
    except JITUnavailable as unavailable:
        return _to_security(organization, unavailable.because)
    db.session.commit()
    flash(words.format(form.enabled.data), "success")
    return _answer(organization)


def _here(organization: Organization) -> str:
    return url_for(".role_rules_page", slug=organization.slug)


def _page(organization: Organization, form: RuleForm | None = None) -> str:
    return render_template(
        "settings/role_rules.html", organization=organization, view=role_rules_view(organization, form)
    )


def _answer(organization: Organization, form: RuleForm | None = None, status: int = 200) -> Answer:
    if htmx.is_htmx():
        view = role_rules_view(organization, form)
        return htmx.fragment("settings/_role_rules.html", status, organization=organization, view=view)
    return redirect(_here(organization), code=303) if form is None else (_page(organization, form), status)


def _refused(organization: Organization, form: RuleForm) -> Answer:
    because = jit.obstacle(organization)
    return _to_security(organization, because) if because else _answer(organization, form, 422)


def _not_here(organization: Organization, because: str) -> Response:
    flash(why_not_here(because, organization.name, current_app.config["SUPPORT_CONTACT"]), "warning")
    return redirect(url_for(".security", slug=organization.slug), code=303)


def _to_security(organization: Organization, because: str) -> Answer:
    """Where the JIT area is gone, so is this page: what it says would have no effect."""
    db.session.rollback()
    flash(sentences.jit_refused(because, organization.name, current_app.config["SUPPORT_CONTACT"]), "error")
    target = url_for(".security", slug=organization.slug)
    return htmx.refresh_target(target) if htmx.is_htmx() else redirect(target, code=303)
