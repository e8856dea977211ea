"""What a list of the missed shows: why each was turned away, what they would meet by now, and what helps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from blueprints.settings import missed_sentences, sentences
from models import ASKED_REASONS, MISSED_REASONS, MissedSignIn, Organization
from organizations import asking, missed, people
from provisioning import by_admin, facts
from provisioning.decision import Account, Claim, Outcome, Policy, Reason, Status, decide
from provisioning.wording import WORDING


@dataclass(frozen=True, slots=True)
class Missed:
    """`cure`: `create` (then with `role`, the one they would get), `account` (with its number), `rules`, or none.

    The page of the rules is there only while the area can be. `later`: which role they get then by a role rule, if so.
    """

    row: MissedSignIn
    why: str
    cure: str
    role: str = ""
    account: int | None = None
    later: str = ""


@dataclass(frozen=True, slots=True)
class MissedList:
    """`asked`: under which references they asked for help, by address; `more`: there are others on the page of all."""

    people: list[Missed]
    asked: dict[str, list[str]]
    more: bool
    after: int | None = None
    whole_page: bool = False

    @property
    def next(self) -> int | None:
        """Behind whom the next page begins."""
        return self.people[-1].row.id if self.more else None

    @property
    def to_create(self) -> list[Missed]:
        return [one for one in self.people if one.cure == "create"]


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
    known = people.known(organization, [row.email for row in rows if row.reason in ASKED_REASONS])
    listed = [_missed(organization, policy, row, known.get(row.email)) for row in rows[:limit]]
    asked = asking.references(organization, rows[:limit])
    return MissedList(listed, asked, len(rows) > limit, after, whole_page)


def _missed(organization: Organization, policy: Policy, row: MissedSignIn, known: people.Known | None) -> Missed:
    """What they would meet by now is decided, not remembered."""
    then, claim = Reason(row.reason), Claim(row.email, tuple(row.groups))
    account = None
    if known is not None:
        changed = then is Reason.IDENTITY_CHANGED
        account = Account(Status(known.status), known.role, False, linked_to_another_subject=changed)
    by_now = decide(policy, claim, account)
    words = sentences.by_rule(WORDING[by_now.reason].admin, by_now.role_rule)
    vouched = by_admin.foreseen(policy, claim)
    here = "" if known else missed_sentences.by_an_admin(by_now.reason, vouched.reason, vouched.role_rule)
    why = missed_sentences.turned_away(then, by_now.reason, words, by_now.signs_in, known is not None, here)
    if known is not None:
        return Missed(row, why, "account", account=known.id)
    if vouched.reason is Reason.SSO_NOT_ACTIVATED:
        return Missed(row, why, "")
    if vouched.reason is Reason.REFUSED_BY_ROLE_RULE:
        return Missed(row, why, "rules" if policy.jit_unlocked else "")
    if vouched.outcome is not Outcome.CREATE:
        return Missed(row, why, "create")
    role = by_admin.role_given(vouched, organization)
    return Missed(row, why, "create", role, later=_later(policy, claim, role))


def _later(policy: Policy, claim: Claim, role: str) -> str:
    found = by_admin.role_later(policy, claim, role)
    if found is None:
        return ""
    decision, next_time = found
    return missed_sentences.role_later(role, str(decision.role), decision.role_rule, next_time)
