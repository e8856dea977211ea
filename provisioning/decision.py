"""The decision: may this person sign in, and if so, as whom.

`decide()` is pure and imports the standard library only. The sign-in, the preview in the Security tab, the
`flask jit explain` command and the tests all call it, so what is previewed is what happens. The rules are the
rows of RULES, read from the top; the first that matches wins. `docs/decision.md` shows the same table, and a
test runs that document through this function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    REFUSE = "refuse"
    SIGN_IN = "sign_in"
    ACCEPT_INVITATION = "accept_invitation"
    LINK = "link"
    CREATE = "create"


class Reason(StrEnum):
    SSO_NOT_ACTIVATED = "sso_not_activated"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    KNOWN_IDENTITY = "known_identity"
    EMAIL_MISSING = "email_missing"
    INVITATION_ACCEPTED = "invitation_accepted"
    IDENTITY_CHANGED = "identity_changed"
    LINK_REQUIRED = "link_required"
    EXISTING_ACCOUNT_LINKED = "existing_account_linked"
    DOMAIN_NOT_VERIFIED = "domain_not_verified"
    JIT_LOCKED = "jit_locked"
    JIT_OFF = "jit_off"
    NO_SEAT_LEFT = "no_seat_left"
    REFUSED_BY_ROLE_RULE = "refused_by_role_rule"
    CREATED_JUST_IN_TIME = "created_just_in_time"


REFUSES = "refuse"  # what a role rule may say in place of a role


class Status(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for the organization at this moment. `seats_left` None means that there is no limit.

    `role_rules`: (group, role or REFUSES) in their order, none where they are off; `roles_each_time`: they also give
    people whom JIT created their role at each sign-in.
    """

    sso_activated: bool
    verified_domains: frozenset[str]
    jit_unlocked: bool
    jit_on: bool
    seats_left: int | None
    role_for_new_people: str
    role_rules: tuple[tuple[str, str], ...] = ()
    roles_each_time: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says they are: the normalised e-mail of a verified assertion, None when it holds no usable one, and
    the groups that their identity provider puts them into.
    """

    email: str | None
    groups: tuple[str, ...] = ()

    @property
    def domain(self) -> str | None:
        return self.email.rpartition("@")[2] if self.email else None


@dataclass(frozen=True, slots=True)
class Account:
    """The account in this organization that the claim leads to.

    `found_by_identity`: the (connection, IdP, subject) is linked to it; otherwise its e-mail was found.
    `linked_to_another_subject`: found by e-mail, and this IdP already knows it under another subject.
    `role_may_follow`: JIT created it, and it is neither the last active admin nor one who keeps a password.
    `role_from_plan`: a plan, this one or one before, gave it its role; another plan is no reason to change that.
    """

    status: Status
    role: str
    found_by_identity: bool
    linked_to_another_subject: bool = False
    role_may_follow: bool = False
    role_from_plan: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`role` is the role the person has afterwards; None where they are refused. `rule` is the row of the table.

    `role_rule`: the role rule that gave the role or refused, in words. `role_before`: of the account that was found.
    """

    rule: int
    outcome: Outcome
    reason: Reason
    role: str | None
    role_rule: str | None = None
    role_before: str | None = None

    @property
    def signs_in(self) -> bool:
        return self.outcome is not Outcome.REFUSE

    @property
    def changes_role(self) -> bool:
        """Of an account that exists: by a role rule, or back to the plan's role where none matches any more."""
        return self.signs_in and self.role_before not in (None, self.role)


_Test = Callable[[Policy, Claim, Account | None], bool]


def _by_identity(account: Account | None, status: Status) -> bool:
    return account is not None and account.found_by_identity and account.status is status


def _by_email(account: Account | None, status: Status) -> bool:
    return account is not None and not account.found_by_identity and account.status is status


def _domain_verified(policy: Policy, claim: Claim) -> bool:
    return claim.domain is not None and claim.domain in policy.verified_domains


def _role_rule(policy: Policy, claim: Claim) -> tuple[str, str] | None:
    """The first role rule whose group the person is in. Groups are compared letter by letter."""
    groups = frozenset(claim.groups)
    return next((rule for rule in policy.role_rules if rule[0] in groups), None)


def _refuses(policy: Policy, claim: Claim) -> bool:
    fired = _role_rule(policy, claim)
    return fired is not None and fired[1] == REFUSES


RULES: tuple[tuple[int, Outcome, Reason, _Test], ...] = (
    (1, Outcome.REFUSE, Reason.SSO_NOT_ACTIVATED, lambda p, c, a: not p.sso_activated),
    (2, Outcome.REFUSE, Reason.ACCOUNT_DEACTIVATED, lambda p, c, a: _by_identity(a, Status.DEACTIVATED)),
    (3, Outcome.SIGN_IN, Reason.KNOWN_IDENTITY, lambda p, c, a: _by_identity(a, Status.ACTIVE)),
    (4, Outcome.REFUSE, Reason.EMAIL_MISSING, lambda p, c, a: c.email is None),
    (5, Outcome.REFUSE, Reason.ACCOUNT_DEACTIVATED, lambda p, c, a: _by_email(a, Status.DEACTIVATED)),
    # An identity that is linked to an invited account does not arise (linking makes it active); should it be
    # found all the same, the invitation is what it leads to.
    (6, Outcome.ACCEPT_INVITATION, Reason.INVITATION_ACCEPTED, lambda p, c, a: bool(a and a.status is Status.INVITED)),
    (7, Outcome.REFUSE, Reason.IDENTITY_CHANGED, lambda p, c, a: bool(a and a.linked_to_another_subject)),
    (8, Outcome.REFUSE, Reason.LINK_REQUIRED, lambda p, c, a: bool(a) and not _domain_verified(p, c)),
    (9, Outcome.LINK, Reason.EXISTING_ACCOUNT_LINKED, lambda p, c, a: _by_email(a, Status.ACTIVE)),
    (10, Outcome.REFUSE, Reason.DOMAIN_NOT_VERIFIED, lambda p, c, a: not _domain_verified(p, c)),
    (11, Outcome.REFUSE, Reason.JIT_LOCKED, lambda p, c, a: not p.jit_unlocked),
    (12, Outcome.REFUSE, Reason.JIT_OFF, lambda p, c, a: not p.jit_on),
    (13, Outcome.REFUSE, Reason.NO_SEAT_LEFT, lambda p, c, a: p.seats_left is not None and p.seats_left <= 0),
    # Younger than the others, so that the numbers on stored receipts keep their meaning.
    (15, Outcome.REFUSE, Reason.REFUSED_BY_ROLE_RULE, lambda p, c, a: _refuses(p, c)),
    (14, Outcome.CREATE, Reason.CREATED_JUST_IN_TIME, lambda p, c, a: a is None),
)


def decide(policy: Policy, claim: Claim, account: Account | None) -> Decision:
    """The first rule that matches. The same facts always give the same decision; nothing is read or written."""
    for rule, outcome, reason, matches in RULES:
        if matches(policy, claim, account):
            role, role_rule = _role(reason, outcome, policy, claim, account)
            return Decision(rule, outcome, reason, role, role_rule, account.role if account else None)
    raise AssertionError("the rules do not cover these facts")  # rule 14 matches whatever the others leave


def _role(
    reason: Reason, outcome: Outcome, policy: Policy, claim: Claim, account: Account | None
) -> tuple[str | None, str | None]:
    """(role afterwards, the role rule in words): a rule speaks at creation, and of whom it may change later."""
    group, said = _role_rule(policy, claim) or (None, None)
    words = None if group is None or said is None else role_rule_in_words(group, said)
    if outcome is Outcome.REFUSE:
        return None, words if reason is Reason.REFUSED_BY_ROLE_RULE else None
    if account is None:
        return said or policy.role_for_new_people, words
    each_time = policy.roles_each_time and policy.role_rules and policy.jit_unlocked
    keeps = said == REFUSES or (said is None and account.role_from_plan)
    if keeps or not each_time or not account.role_may_follow or account.status is not Status.ACTIVE:
        return account.role, None
    return said or policy.role_for_new_people, words


def role_rule_in_words(group: str, outcome: str) -> str:
    """As it stands on the preview, the receipt, the account and in the audit log."""
    return f"“{group}” → {'Refused' if outcome == REFUSES else outcome.capitalize()}"
