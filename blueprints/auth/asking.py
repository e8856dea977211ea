"""Ask my admin: somebody without an account, who was refused a moment ago, asks to be let in."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, render_template, request, url_for

from blueprints.access import public
from blueprints.auth import blueprint
from blueprints.auth.ask_form import ASKED_BEFORE, AskForm, OutOfDate, reference_of
from blueprints.auth.pages import Page
from blueprints.auth.refusals import NOT_ASKED, explain
from blueprints.auth.saml_endpoints import csrf, load_connection
from database import begin_write, db, now
from models import Organization
from organizations import asking, jit_letters, outbox
from organizations.letters import one_line

ANSWERS = {
    "asked": (
        "Your admin is asked",
        "They see your name, your address and what you wrote. If they let you in, sign in again.",
    ),
    "before": ASKED_BEFORE,
    "too_many": (
        "Your admin was asked often",
        "Many people ask at the moment. Give your admin the code below.",
    ),
    "closed": ("Your admin has dealt with this", "Try to sign in again."),
}


@blueprint.post("/saml/<public_id>/ask")
@csrf.exempt  # the signed token of ask_form.py stands in for it
@public
def ask_admin(public_id: str) -> Page:
    form = AskForm(request.form)
    try:
        reference = reference_of(form.csrf_token.data or "")
    except OutOfDate as out_of_date:
        return _not_asked(public_id, out_of_date.reference)
    begin_write()
    connection, _ours = load_connection(public_id)
    attempt = asking.refused_attempt(connection.organization, reference)
    email = asking.address_of(attempt) if attempt is not None else None
    if attempt is None or email is None:
        abort(404)
    again = url_for("auth.saml_start", public_id=public_id)
    if not form.validate():
        page = explain(attempt.reason, connection.organization, attempt.reference, again)
        page |= {"at": attempt.at, "ask": form, "ask_at": request.path}
        return render_template("auth/refused.html", **page), 422
    question = one_line(form.question.data or "")
    result = asking.ask(connection.organization, attempt, email, question)
    if result == "asked":
        who = asking.name_of(connection.organization, email)
        _tell_admins(connection.organization, who, question, attempt.reference)
    db.session.commit()
    title, sentence = ANSWERS[result]
    words: dict[str, Any] = {"title": title, "sentence": sentence, "reference": attempt.reference, "try_again": again}
    return render_template("auth/asked.html", **words), 429 if result == "too_many" else 200


def _not_asked(public_id: str, reference: str | None) -> Page:
    """The page they came from cannot be loaded again: it was the answer to the identity provider's POST."""
    organization = load_connection(public_id)[0].organization
    attempt = asking.refused_attempt(organization, reference) if reference else None
    page = explain("", organization, "", url_for("auth.saml_start", public_id=public_id)) | NOT_ASKED
    if attempt is not None:
        page |= {"reference": attempt.reference, "at": attempt.at}
    return render_template("auth/refused.html", **page), 400


def _tell_admins(organization: Organization, who: str, question: str, reference: str) -> None:
    """Once a day: the organization is locked here, so of two who ask at once one is the first."""
    page = current_app.config["PUBLIC_BASE_URL"] + url_for("settings.turned_away", slug=organization.slug)
    subject, body = jit_letters.asked(organization.name, who, question, reference, page)
    outbox.tell_admins(organization, subject, body, key=f"asked:{now():%Y-%m-%d}:{organization.id}")
