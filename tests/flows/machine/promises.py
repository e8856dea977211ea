"""Who gets in and as whom, in the words of the requirements and read from the tables only: not by `decide()`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.flows.machine.world import World

CREATED, INVITED, LINKED = "created_just_in_time", "invitation_accepted", "existing_account_linked"
KNOWN = "known_identity"
OUTCOMES = {KNOWN: "sign_in", INVITED: "accept_invitation", LINKED: "link", CREATED: "create"}  # else: refuse
LISTED = ("jit_off", "jit_locked", "no_seat_left", "domain_not_verified")  # as missed, at once
ASKED = ("account_deactivated", "identity_changed", "link_required", "refused_by_role_rule")  # when they ask


@dataclass(frozen=True)
class Claim:
    """`subject`: how the identity provider knows this person; `email`: what it says of them."""

    subject: str
    email: str | None
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Promise:
    reason: str
    account: Any
    role: str | None


def promise(world: World, organization: Any, claim: Claim, *, activated: bool | None = None) -> Promise:
    """`activated`: instead of what the connection says, for a test sign-in."""
    here, entity_id = organization.id, world.live(organization.id).idp_entity_id
    known = {
        row.subject: row.user_id
        for row in world.rows["identity"].values()
        if row.connection_id == world.connection(here).id and row.idp_entity_id == entity_id
    }
    owner = world.rows["user"].get(known.get(claim.subject))
    account = owner or world.person(here, claim.email)
    reason = _reason(world, organization, claim, owner, account, known)
    if not (world.activated(here) if activated is None else activated):
        reason = "sso_not_activated"
    if reason == CREATED:
        role = world.said(organization, claim.groups) or _role_of_plan(organization)
    elif reason in (KNOWN, LINKED) and may_follow(world, organization, account):
        said = world.said(organization, claim.groups)
        keeps = said == "refuse" or (said is None and account.role_from_plan)  # another plan renames nobody
        role = account.role if keeps else said or _role_of_plan(organization)
    else:
        role = account.role if reason in OUTCOMES else None
    return Promise(reason, account, role)


def _reason(world: World, organization: Any, claim: Claim, owner: Any, account: Any, known: dict[str, int]) -> str:
    here = organization.id
    if owner is None and claim.email is None:
        return "email_missing"
    if account is not None:
        if account.status == "deactivated":
            return "account_deactivated"
        if account.status == "invited":
            return INVITED
        if owner is not None:
            return KNOWN
        if account.id in known.values():
            return "identity_changed"
        return LINKED if world.verified(here, account.email) else "link_required"
    assert claim.email is not None
    conditions = {
        "domain_not_verified": world.verified(here, claim.email),
        "jit_locked": world.unlocked(here),
        "jit_off": organization.jit_on,
        "no_seat_left": world.seat_is_free(organization),
        "refused_by_role_rule": world.said(organization, claim.groups) != "refuse",
    }
    return next((name for name, is_met in conditions.items() if not is_met), CREATED)


def may_follow(world: World, organization: Any, account: Any) -> bool:
    """Whether the rules give this person a role at each sign-in."""
    rules_do = organization.role_rules_on and organization.role_rules_each_time and world.rules(organization)
    if not rules_do or not world.unlocked(organization.id) or account.origin != "jit":
        return False
    kept_for_emergencies = account.role == "admin" and account.password_hash is not None
    return not kept_for_emergencies and not world.is_last_admin(account)


def _role_of_plan(organization: Any) -> str:
    return {"flex": "viewer", "seat_based": "collaborator"}[organization.plan]


def is_foretold(world: World, organization: Any, claim: Claim) -> bool:
    """A preview is of whom the identity provider names by their address, or by a name that it never changes."""
    live, connection = world.live(organization.id), world.connection(organization.id)
    here = [
        row
        for row in world.rows["identity"].values()
        if (row.connection_id, row.idp_entity_id) == (connection.id, live.idp_entity_id)
    ]
    person = world.person(organization.id, claim.email)
    names = {row.subject for row in here if person and row.user_id == person.id}
    if claim.subject == claim.email:
        return all("@" in name for name in names)
    known = {row.subject: row.user_id for row in here}
    if "@" in claim.subject or claim.email is None or claim.email in known:
        return False
    owner = known.get(claim.subject)
    return names <= {claim.subject} and (owner is None or (person is not None and owner == person.id))
