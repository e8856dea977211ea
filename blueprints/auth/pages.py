"""The sign-in page (e-mail first) and the deep link of an organization."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints.access import public
from blueprints.auth import blueprint
from blueprints.auth.browser import own_path
from blueprints.auth.forms import EmailForm, PasswordForm
from organizations import creation, domains
from organizations.addresses import domain_of

Page = str | tuple[str, int] | Response


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Page:
    """A verified domain with activated SSO goes to its identity provider; anybody else gets the password form.

    The answer depends on the domain alone, so it never tells whether there is an account.
    """
    if current_user.is_authenticated and request.method == "GET":
        return redirect(own_path(request.args.get("next")), code=303)
    form = EmailForm(next=own_path(request.args.get("next")))
    if not form.validate_on_submit():
        return render_template("auth/sign_in.html", form=form), 422 if form.is_submitted() else 200
    next_path = own_path(form.next.data)
    connection = domains.connection_for(domain_of(form.email.normalised))
    if connection is None:
        password_form = PasswordForm(formdata=None, email=form.email.data, next=next_path)
        return render_template("auth/password.html", form=password_form, organization=None)
    return render_template(
        "auth/continue.html",
        target=url_for("auth.saml_start", public_id=connection.public_id, next=next_path),
        organization_name=connection.organization.name,
    )


@blueprint.get("/o/<slug>")
@public
def organization(slug: str) -> Page:
    """The link that an organization gives to its people."""
    found = creation.find(slug)
    if found is None:
        abort(404, "There is no organization at this address. Check the link, or sign in with your e-mail address.")
    if current_user.is_authenticated and current_user.organization.id == found.id:
        return redirect(url_for("workspaces.home"), code=303)
    connection = found.connection if found.connection and found.connection.activated_at else None
    return render_template(
        "auth/organization.html",
        organization=found,
        sso_start=url_for("auth.saml_start", public_id=connection.public_id) if connection else None,
        password_url=url_for("auth.password", organization=slug),
    )
