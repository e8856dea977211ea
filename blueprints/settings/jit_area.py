"""What the JIT area shows, read once. Ask `jit.obstacle` first: only an organization without one has the area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from blueprints.settings import sentences
from models import ASKED_REASONS, MISSED_REASONS, MissedSignIn, Organization, User
from organizations import entitlements, missed, people
from organizations.addresses import AddressRefused, normalise_email
from provisioning import facts
from provisioning.decision import Claim, Decision, Outcome, Policy, Reason, decide
from provisioning.provisioner import preview
from provisioning.wording import WORDING

FEW = 5
MOST_GROUPS = 50


class TrialForm(FlaskForm):
    email = StringField("E-mail address", id="try-email", validators=[Length(max=254, message="This is too long.")])
    groups = StringField("Groups (optional)", id="try-groups", validators=[Length(max=2_000, message="Use fewer.")])


@dataclass(frozen=True, slots=True)
class Trial:
    """The form of *Try an address*, and what came of it: nothing at first, or where the input was refused."""

    form: TrialForm
    answer: str = ""
    why: str = ""
    rule: int = 0
    signs_in: bool = False


@dataclass(frozen=True, slots=True)
class MissedList:
    """`why`: a row's number → why they were turned away, and what holds for them now. `more`: there are others on
    the page of all. `accounts`: e-mail → number of an account that is to be mended."""

    rows: list[MissedSignIn]
    why: dict[int, str]
    more: bool
    accounts: dict[str, int]
    after: int | None = None
    whole_page: bool = False


@dataclass(frozen=True, slots=True)
class JITArea:
    on: bool
    sentence: str
    held_up: bool
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
    sentence, held_up = sentences.jit_effect(policy.jit_on, names, role, policy.seats_left, outcomes)
    return JITArea(
        on=policy.jit_on,
        sentence=sentence,
        held_up=held_up,
        digest=organization.digest,
        until=entitlements.end_of(organization),
        recently=people.recently_provisioned(organization),
        missed=missed_list(organization, limit=FEW, policy=policy),
        trial=trial or Trial(TrialForm(formdata=None)),
    )


def missed_list(
    organization: Organization,
    after: int | None = None,
    limit: int = missed.PAGE,
    *,
    reasons: Sequence[str] = MISSED_REASONS + ASKED_REASONS,
    whole_page: bool = False,
    policy: Policy | None = None,
) -> MissedList:
    rows = missed.page(organization, after, limit, reasons)
    policy = policy or facts.load_policy(organization, organization.connection)
    accounts = people.numbers(organization, [row.email for row in rows if row.reason in ASKED_REASONS])
    why = {row.id: _turned_away(policy, row, row.email in accounts) for row in rows[:limit]}
    return MissedList(rows[:limit], why, len(rows) > limit, accounts, after, whole_page)


def _turned_away(policy: Policy, row: MissedSignIn, has_account: bool) -> str:
    """Somebody with an account is read about there; what anybody else would meet now is decided, not remembered."""
    if has_account:
        return WORDING[Reason(row.reason)].admin
    by_now = decide(policy, Claim(row.email, tuple(row.groups)), None)
    return sentences.turned_away(Reason(row.reason), by_now.reason, WORDING[by_now.reason].admin)


def tried(organization: Organization, form: TrialForm) -> Trial:
    """What would be decided, in words. Nothing is written. An address that is none becomes an error of its field."""
    groups = [name.strip() for name in (form.groups.data or "").split(",") if name.strip()][:MOST_GROUPS]
    try:
        email = normalise_email(form.email.data or "")
        decision = preview(organization, email, groups)
    except AddressRefused as refused:
        form.email.errors = [str(refused)]
        return Trial(form)
    role = decision.role.capitalize() if decision.role else ""
    answers = {
        Outcome.REFUSE: f"{email} would be refused.",
        Outcome.SIGN_IN: f"{email} would be signed in to the {role} account they have.",
        Outcome.ACCEPT_INVITATION: f"{email} would be signed in as {role}, and their invitation accepted.",
        Outcome.LINK: f"{email} would be signed in to the {role} account they have, and SSO linked to it.",
        Outcome.CREATE: f"{email} would get a {role} account in General and be signed in.",
    }
    return Trial(form, answers[decision.outcome], _why(decision), decision.rule, signs_in=decision.signs_in)


def _why(decision: Decision) -> str:
    """Nothing has happened yet, so what the receipt says of an account that was created would be wrong here."""
    said = {
        Outcome.ACCEPT_INVITATION: "There is an invitation for this address.",
        Outcome.LINK: "The domain of this address is verified.",
        Outcome.CREATE: "A first sign-in from a verified domain, with the role of the plan.",
    }.get(decision.outcome, WORDING[decision.reason].admin)
    if decision.role_rule is None:
        return said
    if decision.outcome is Outcome.CREATE:
        return f"A first sign-in from a verified domain, with the role of the role rule {decision.role_rule}."
    return f"{said} It is the role rule {decision.role_rule}."
