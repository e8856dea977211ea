"""Inviting somebody, sending it again, withdrawing it. By e-mail, or by a link that is shown once to be handed on."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask_login import current_user

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.people import shown_once, words
from blueprints.settings.people.asked import back_to_the_list
from blueprints.settings.people.forms import MAIL, AgainForm, InvitationForm
from blueprints.settings.people.person import PERSON, Answer, by_mail, find, may_mail, page_of, refused
from blueprints.settings.people.way_in_sentences import after_withdrawal
from database import db
from models import Organization
from organizations import invitations, passwords
from organizations.accounts import ChangeRefused
from organizations.addresses import AddressRefused
from organizations.counting import seats_used
from organizations.invitations import AlreadyHere, Invitation
from provisioning.trying import would_decide_without


@blueprint.get("/people/invite")
@requires("people.change")
def invite(organization: Organization) -> str:
    return _page(organization, InvitationForm(formdata=None, role=organization.role_for_new_people, by=MAIL))


@blueprint.post("/people/invite")
@requires("people.change")
def invite_now(organization: Organization) -> Answer:
    """As an Admin only after the page that says what it means. That page is this answer: the address of somebody who
    may never come would otherwise stand in the history and in logs.
    """
    form = InvitationForm()
    if not form.validate_on_submit():
        return _page(organization, form), 422
    if form.change.data:
        return _page(organization, form)
    email, role, mail = form.email.data or "", form.role.data or "", by_mail(form.by.data)
    try:
        if role == "admin" and not form.confirmed.data:
            address = invitations.judge(organization, email, role, mail=mail)
            return render_template(
                "settings/people/confirm_invitation.html", organization=organization, form=form, address=address
            )
        base_url = current_app.config["PUBLIC_BASE_URL"]
        made = invitations.invite(organization, email, role, current_user.user, base_url=base_url, mail=mail)
    except (AddressRefused, ChangeRefused) as reason:
        db.session.rollback()
        form.email.errors = [str(reason)]
        return _page(organization, form, reason.person if isinstance(reason, AlreadyHere) else None), 422
    db.session.commit()
    return _made(organization, made)


@blueprint.post(f"/people/{PERSON}/invite-again")
@requires("people.change")
def invite_again(organization: Organization, person: int) -> Answer:
    user, form = find(organization, person), AgainForm()
    if not form.validate_on_submit():
        return page_of(organization, user), 422
    base_url = current_app.config["PUBLIC_BASE_URL"]
    try:
        made = invitations.send_again(user, current_user.user, base_url=base_url, mail=by_mail(form.by.data))
    except ChangeRefused as reason:
        return refused(organization, person, str(reason))
    db.session.commit()
    return _made(organization, made)


@blueprint.get(f"/people/{PERSON}/link")
@requires("people.change")
def made_link(organization: Organization, person: int) -> Answer:
    """Shown once, after it was made: whoever loads it again has the link, or makes another. That to single sign-on is
    no secret, and is shown as often as wanted.
    """
    user = find(organization, person)
    link = shown_once.take(user)
    if link is None and user.status == "invited" and passwords.sso_covers(user):
        link = (invitations.sign_in_address(organization, current_app.config["PUBLIC_BASE_URL"]), True)
    if link is None:
        flash("A link is shown only once. If you did not copy it, show another: that ends the one before.")
        return redirect(url_for(".person", slug=organization.slug, person=person), code=303)
    address, through_sso = link
    return render_template(
        "settings/people/invited.html",
        organization=organization,
        user=user,
        address=address,
        through_sso=through_sso,
        days=passwords.LINK_LIFETIME.days,
        told=user.status == "active" and may_mail(),
    )


@blueprint.get(f"/people/{PERSON}/withdraw")
@requires("people.change")
def confirm_withdrawal(organization: Organization, person: int) -> Answer:
    user = find(organization, person)
    if user.status != "invited":
        return redirect(url_for(".person", slug=organization.slug, person=user.id), code=303)
    decision = would_decide_without(user)
    return render_template(
        "settings/people/confirm_withdrawal.html",
        organization=organization,
        user=user,
        after=after_withdrawal(passwords.has_link(user), decision, organization.role_rules_on),
        comes_back=decision.signs_in,
    )


@blueprint.post(f"/people/{PERSON}/withdraw")
@requires("people.change")
def withdraw(organization: Organization, person: int) -> Answer:
    user = find(organization, person)
    email = user.email
    try:
        invitations.withdraw(user, current_user.user)
    except ChangeRefused as reason:
        return refused(organization, person, str(reason))
    db.session.commit()
    flash(f"The invitation of {email} is withdrawn.", "success")
    return redirect(url_for(".people", slug=organization.slug, **back_to_the_list()), code=303)


def _made(organization: Organization, made: Invitation) -> Answer:
    if made.mailed:
        flash(f"The invitation of {made.user.email} is on its way.", "success")
        return redirect(url_for(".person", slug=organization.slug, person=made.user.id), code=303)
    shown_once.keep(made.user, made.address, made.through_sso)
    return redirect(url_for(".made_link", slug=organization.slug, person=made.user.id), code=303)


def _page(organization: Organization, form: InvitationForm, there: int | None = None) -> str:
    """`there`: the number of the account that has the address already."""
    used = seats_used(organization)
    return render_template(
        "settings/people/invite.html",
        organization=organization,
        form=form,
        there=there,
        may_mail=may_mail(),
        seats=words.seats_in_words(organization.seats, used),
        no_seat=organization.seats is not None and used >= organization.seats,
    )
