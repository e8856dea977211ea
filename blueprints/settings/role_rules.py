"""Settings → Security → Role rules: which group of the identity provider gives which role."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints import htmx
from blueprints.access import requires
from blueprints.settings import blueprint, sentences
from blueprints.settings.role_rules_view import (
    PlaceForm,
    RuleForm,
    RulesSwitchForm,
    role_rules_view,
    why_not_here,
)
from database import db
from models import Organization
from organizations import jit, role_rules
from organizations.jit import JITUnavailable
from organizations.role_rules import LONGEST, AdminsUnconfirmed, RoleRuleRefused

Answer = str | Response | tuple[str, int]


@blueprint.get("/security/role-rules")
@requires("security.read")
def role_rules_page(organization: Organization) -> Answer:
    because = jit.obstacle(organization)
    if because:
        return not_here(organization, because)
    return page_of(organization, RuleForm(formdata=None, data={"group": request.args.get("group", "")[:LONGEST]}))


@blueprint.post("/security/role-rules")
@requires("security.change")
def add_role_rule(organization: Organization) -> Answer:
    form = RuleForm()
    if not form.validate_on_submit():
        return refused(organization, form)
    group, outcome = form.group.data or "", form.outcome.data
    try:
        if outcome == "admin":
            return go_to("confirm_admin_rule", organization, group=role_rules.judge(organization, group, outcome))
        role_rules.add(organization, group, outcome, current_user.user)
    except RoleRuleRefused as reason:
        form.group.errors = [str(reason)]
        return refused(organization, form)
    except JITUnavailable as unavailable:
        return to_security(organization, unavailable.because)
    db.session.commit()
    flash(f"The rule for “{group.strip()}” is added.", "success")
    return answer(organization, "settings/_new_rule.html", "settings/_role_rules.html")


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
    return _switch(organization, "switch", "Role rules are {}.", role_rules.set_on)


@blueprint.post("/security/role-rules/each-time")
@requires("security.change")
def switch_each_time(organization: Organization) -> Answer:
    return _switch(organization, "each-time", "Role rules at each sign-in are {}.", role_rules.set_each_time)


def _change(organization: Organization, form: PlaceForm, *, remove: bool = False) -> Answer:
    whole = form.validate_on_submit() and form.rule.data is not None and (remove or form.to.data is not None)
    rule_id, said = form.rule.data or 0, None
    try:
        if whole:
            said = _remove(organization, rule_id) if remove else _move(organization, rule_id, form.to.data or 1)
    except JITUnavailable as unavailable:
        return to_security(organization, unavailable.because)
    db.session.commit()
    if said is None:
        flash("This rule is not there any more; nothing was changed.", "error")
    else:
        flash(said, "success")
    return answer(organization)


def _remove(organization: Organization, rule_id: int) -> str | None:
    group = role_rules.remove(organization, rule_id, current_user.user)
    return None if group is None else f"The rule for “{group}” is removed."


def _move(organization: Organization, rule_id: int, to: int) -> str | None:
    moved = role_rules.move(organization, rule_id, to, current_user.user)
    if moved is None:
        return None
    rule, changed = moved
    return f"“{rule.group_name}” is number {rule.position} {'now' if changed else 'already'}."


def _switch(organization: Organization, name: str, words: str, change: Callable[..., bool]) -> Answer:
    """`name`: of the switch, as it stands in its address. What would make admins of people is confirmed first."""
    form = RulesSwitchForm()
    if not form.validate_on_submit():
        flash("Nothing was changed: the wanted state has to be on or off.", "error")
        return htmx.notices_only(422) if htmx.is_htmx() else (page_of(organization), 422)
    wanted, confirmed = form.enabled.data == "on", form.confirmed.data
    try:
        change(organization, wanted, current_user.user, admins_confirmed=confirmed)
    except AdminsUnconfirmed:
        return go_to("confirm_making_admins", organization, switch=name)
    except JITUnavailable as unavailable:
        return to_security(organization, unavailable.because)
    db.session.commit()
    flash(words.format(form.enabled.data), "success")
    return answer(organization)


def here(organization: Organization, **values: str) -> str:
    return url_for(".role_rules_page", slug=organization.slug, **values)


def go_to(view: str, organization: Organization, **values: str) -> Response:
    """To a page that asks, from a form that was sent either way."""
    target = url_for(f".{view}", slug=organization.slug, **values)
    return htmx.redirect(target) if htmx.is_htmx() else redirect(target, code=303)


def page_of(organization: Organization, form: RuleForm | None = None) -> str:
    return render_template(
        "settings/role_rules.html", organization=organization, view=role_rules_view(organization, form)
    )


def answer(
    organization: Organization,
    part: str = "settings/_role_rules.html",
    also: str = "settings/_seen_groups.html",
) -> Answer:
    """What was changed. A rule that is being written stands outside of the list, and stays."""
    if htmx.is_htmx():
        return htmx.fragment(part, also=(also,), organization=organization, view=role_rules_view(organization))
    return redirect(here(organization, _anchor="role_rules"), code=303)


def refused(organization: Organization, form: RuleForm) -> Answer:
    """The rule that was written, with what is wrong about it."""
    because = jit.obstacle(organization)
    if because:
        return to_security(organization, because)
    if htmx.is_htmx():
        view = role_rules_view(organization, form)
        return htmx.fragment("settings/_new_rule.html", 422, organization=organization, view=view)
    return page_of(organization, form), 422


def not_here(organization: Organization, because: str) -> Response:
    flash(why_not_here(because, organization.name, current_app.config["SUPPORT_CONTACT"]), "warning")
    return redirect(url_for(".security", slug=organization.slug), code=303)


def to_security(organization: Organization, because: str) -> Answer:
    """Where the JIT area is gone, so is this page: what it says would have no effect."""
    db.session.rollback()
    flash(sentences.jit_refused(because, organization.name, current_app.config["SUPPORT_CONTACT"]), "error")
    target = url_for(".security", slug=organization.slug)
    return htmx.refresh_target(target) if htmx.is_htmx() else redirect(target, code=303)
