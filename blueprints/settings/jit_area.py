"""What the JIT area shows, read once. Ask `jit.obstacle` first: only an organization without one has the area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from blueprints.settings import sentences
from blueprints.settings.missed_view import MissedList, missed_list
from models import Organization, User
from organizations import entitlements, jit, people
from organizations.addresses import AddressRefused, normalise_email
from provisioning import facts
from provisioning.decision import Decision, Outcome
from provisioning.provisioner import preview
from provisioning.wording import WORDING

FEW = 5
MOST = 20_000  # characters of all groups


class TrialForm(FlaskForm):
    """Neither field says to the browser how long it may be: it would cut off, without a word, what is pasted."""

    email = StringField("E-mail address", id="try-email")
    groups = TextAreaField(
        "Groups (optional)",
        id="try-groups",
        render_kw={"maxlength": False},
        validators=[Length(max=MOST, message=f"This is too long. Write at most {MOST:,} characters.")],
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """The form of *Try an address*, and what came of it: nothing at first, or where the input was refused. `email`: as
    it is stored.
    """

    form: TrialForm
    answer: str = ""
    why: str = ""
    rule: int = 0
    email: str = ""
    signs_in: bool = False


@dataclass(frozen=True, slots=True)
class JITArea:
    on: bool
    sentence: str
    held_up: bool
    turning_off: str
    may_undo: bool
    digest: str
    until: datetime | None
    recently: list[User]
    missed: MissedList
    trial: Trial


def jit_area(organization: Organization, trial: Trial | None = None) -> JITArea:
    policy = facts.load_policy(organization, organization.connection)
    role = policy.role_for_new_people.capitalize()
    names = sorted(policy.verified_domains)
    outcomes = [outcome for _, outcome in policy.role_rules]
    follow = policy.roles_each_time and bool(outcomes)
    sentence, held_up = sentences.jit_effect(policy.jit_on, names, role, policy.seats_left, outcomes, follow)
    return JITArea(
        on=policy.jit_on,
        sentence=sentence,
        held_up=held_up,
        turning_off=sentences.turning_off(follow),
        may_undo=jit.may_undo(organization, current_user.user),
        digest=organization.digest,
        until=entitlements.end_of(organization),
        recently=people.recently_provisioned(organization),
        missed=missed_list(organization, limit=FEW, policy=policy),
        trial=trial or Trial(TrialForm(formdata=None)),
    )


def tried(organization: Organization, form: TrialForm) -> Trial:
    """What would be decided, in words. Nothing is written. An address that is none becomes an error of its field."""
    groups = [name.strip() for name in (form.groups.data or "").splitlines() if name.strip()]
    try:
        email = normalise_email(form.email.data or "")
        decision = preview(organization, email, groups)
    except AddressRefused as refused:
        form.email.errors = [str(refused)]
        return Trial(form)
    role, before = (decision.role or "").capitalize(), (decision.role_before or "").capitalize()
    article = "an" if role == "Admin" else "a"
    answers = {
        Outcome.REFUSE: f"{email} would be refused.",
        Outcome.SIGN_IN: f"{email} would be signed in to the {before} account they have.",
        Outcome.ACCEPT_INVITATION: f"{email} would be signed in to the {before} account that waits for them.",
        Outcome.LINK: f"{email} would be signed in to the {before} account they have, and SSO linked to it.",
        Outcome.CREATE: f"{email} would get {article} {role} account in General and be signed in.",
    }
    answer = answers[decision.outcome]
    if decision.changes_role:
        answer += f" {sentences.another_role(before, role)}"
    return Trial(form, answer, _why(decision), decision.rule, email, signs_in=decision.signs_in)


def _why(decision: Decision) -> str:
    """Nothing has happened yet, so what the receipt says of an account that was created would be wrong here."""
    said = {
        Outcome.ACCEPT_INVITATION: "There is an invitation for this address, or an admin created the account.",
        Outcome.LINK: "The domain of this address is verified.",
        Outcome.CREATE: "A first sign-in from a verified domain, with the role of the plan.",
    }.get(decision.outcome, WORDING[decision.reason].admin)
    if decision.role_rule is None:
        return f"{said} No role rule matches, so the role is the plan's." if decision.changes_role else said
    if decision.outcome is Outcome.CREATE:
        return f"A first sign-in from a verified domain, with the role of the role rule {decision.role_rule}."
    if decision.signs_in:
        return f"{said} The role is by the role rule {decision.role_rule}."
    return sentences.by_rule(said, decision.role_rule)
