"""Settings → Security → Domains: add one, look for its TXT record, remove it. Its card is `_domains.html`."""

from __future__ import annotations

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from blueprints import htmx
from blueprints.access import actor, requires
from blueprints.settings import blueprint, domain_sentences
from blueprints.settings.domains_card import DomainForm, domains_card
from blueprints.settings.security import page_of
from blueprints.settings.setup.overview import setup_page_of
from database import begin_write, db, now
from models import Domain, Organization
from organizations import challenges, domains, jit
from organizations.addresses import AddressRefused
from organizations.domains import DomainRefused

Answer = Response | tuple[str, int]


@blueprint.post("/domains")
@requires("sso.set_up")
def add_domain(organization: Organization) -> Answer:
    form = DomainForm()
    if not form.validate_on_submit():
        return _refused(organization, form)
    try:
        added = domains.add(organization, form.name.data or "", actor=actor())
    except (AddressRefused, DomainRefused) as refused:
        form.name.errors = [str(refused)]
        return _refused(organization, form)
    db.session.commit()
    flash(domain_sentences.added(added.name), "success")
    return _answer(organization)


@blueprint.post("/domains/<name>/check")
@requires("sso.set_up")
def check_domain(organization: Organization, name: str) -> Answer:
    domain = _load(organization, name)
    before = (domain.verified_at, domain.missing_since)
    question = challenges.begin(domain, now())
    if question is None:
        flash(f"{name} was checked a moment ago, or needs no check: nothing new is known.", "message")
        return _answer(organization)
    # `requires` began a write transaction, which on SQLite is the only one at a time. It ends before the name server
    # is asked, which may take seconds; what it answers is stored in another one, on rows that are read again.
    db.session.commit()
    seen = question.ask(current_app.config["DNS_RESOLVERS"])
    begin_write()
    checked = challenges.conclude(question, seen, now(), actor())
    db.session.commit()
    if checked is None:
        abort(404)
    changed = before != (checked.verified_at, checked.missing_since)
    flash(*domain_sentences.checked(checked.name, checked.state, changed=changed))
    # More of the page than its card speaks of the verified domains, and of a record that is gone.
    return _answer(organization, whole_page=changed)


@blueprint.get("/domains/<name>/remove")
@requires("sso.set_up")
def confirm_removal(organization: Organization, name: str) -> str:
    domain = _load(organization, name)
    consequences = domain_sentences.removal(
        domain.name,
        verified=domain.verified_at is not None,
        sso_activated=bool(organization.connection and organization.connection.activated_at),
        jit_in_effect=organization.jit_on and jit.obstacle(organization) is None,
        is_last=domains.verified_names(organization) <= {domain.name},
        sign_in_link=current_app.config["PUBLIC_BASE_URL"] + url_for("auth.organization", slug=organization.slug),
    )
    return render_template(
        "settings/remove_domain.html",
        organization=organization,
        domain=domain,
        consequences=consequences,
        back=_page(organization),
    )


@blueprint.post("/domains/<name>/remove")
@requires("sso.set_up")
def remove_domain(organization: Organization, name: str) -> Answer:
    _load(organization, name)
    if not domains.remove(organization, name, actor()):
        abort(404)
    db.session.commit()
    flash(f"{name} is removed. Its TXT record can be deleted from the DNS.", "success")
    return redirect(_page(organization), code=303)


def _load(organization: Organization, name: str) -> Domain:
    """The organization's own domain of this name; anything else is a 404."""
    try:
        return domains.find(organization, name) or abort(404)
    except AddressRefused:
        abort(404)


def _page(organization: Organization) -> str:
    """The page that has the card. Who came by a hand-over link has no Security tab, but the set-up page."""
    return url_for(".sso_setup" if _on_setup() else ".security", slug=organization.slug)


def _on_setup() -> bool:
    return bool(g.get("handover")) or request.args.get("page") == "setup"


def _answer(organization: Organization, *, whole_page: bool = False) -> Answer:
    if not htmx.is_htmx():
        return redirect(_page(organization), code=303)
    if whole_page:
        return htmx.redirect(_page(organization))
    card = domains_card(organization, page="setup" if _on_setup() else None)
    return htmx.fragment("settings/_domains.html", organization=organization, domains=card)


def _refused(organization: Organization, form: FlaskForm) -> Answer:
    card = domains_card(organization, form, page="setup" if _on_setup() else None)
    if htmx.is_htmx():
        return htmx.fragment("settings/_domains.html", 422, organization=organization, domains=card)
    page = setup_page_of(organization, domains=card) if _on_setup() else page_of(organization, card)
    return page, 422
