"""Every combination of facts that `decide()` can be asked about, by the names of the columns in docs/decision.md."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from provisioning.decision import Account, Claim, Policy, Status

DOMAIN = "acme.example"
PLANS_ROLE = "viewer"
OWN_ROLE = "collaborator"
SWITCHES = ("JIT unlocked", "JIT on", "seat left")
COLUMNS: dict[str, tuple[str, ...]] = {
    "SSO activated": ("yes", "no"),
    "account found by": ("nobody", "NameID", "e-mail"),
    "status": ("none", "invited", "active", "deactivated"),
    "linked to another NameID": ("yes", "no"),
    "e-mail": ("yes", "no"),
    "domain verified": ("yes", "no"),
    "JIT unlocked": ("yes", "no"),
    "JIT on": ("yes", "no"),
    "seat left": ("yes", "no"),
    "role rule refuses": ("no", "yes"),
}

Facts = dict[str, str]


def every_combination() -> Iterator[Facts]:
    """All that can be. No account has no status and no link; without an e-mail there is no domain to be verified."""
    for values in itertools.product(*COLUMNS.values()):
        facts = dict(zip(COLUMNS, values, strict=True))
        nobody = facts["account found by"] == "nobody"
        if nobody != (facts["status"] == "none"):
            continue
        if facts["linked to another NameID"] == "yes" and facts["account found by"] != "e-mail":
            continue
        if facts["e-mail"] == "no" and (facts["domain verified"] == "yes" or facts["account found by"] == "e-mail"):
            continue
        yield facts


def as_arguments(facts: Facts, role: str = OWN_ROLE, seats: int | None = None) -> tuple[Policy, Claim, Account | None]:
    """What `decide()` takes. `seats`: how many are left where one is; None is no limit."""
    policy = Policy(
        sso_activated=facts["SSO activated"] == "yes",
        verified_domains=frozenset({DOMAIN} if facts["domain verified"] == "yes" else {"other.example"}),
        jit_unlocked=facts["JIT unlocked"] == "yes",
        jit_on=facts["JIT on"] == "yes",
        seats_left=seats if facts["seat left"] == "yes" else 0,
        role_for_new_people=PLANS_ROLE,
        role_rules=(("contractors", "refuse"),) if facts["role rule refuses"] == "yes" else (),
    )
    claim = Claim(f"eve@{DOMAIN}" if facts["e-mail"] == "yes" else None, ("contractors",))
    if facts["account found by"] == "nobody":
        return policy, claim, None
    by_identity = facts["account found by"] == "NameID"
    linked = facts["linked to another NameID"] == "yes"
    return policy, claim, Account(Status(facts["status"]), role, by_identity, linked)
