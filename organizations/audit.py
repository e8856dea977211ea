"""The audit log of an organization, which its own admins read.

An event is `source:subject:action`. ACTIONS is the whole vocabulary and says for each one which details it
carries, so that a reader of the log (or of its export) can rely on them; `record` refuses anything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, or_, select

from database import insert_row, insert_rows
from models import AuditEvent, Organization, User

SUPPORT, OPERATOR, SYSTEM = "support", "operator", "system"
HANDOVER = "hand-over link of "  # and whose it is

# action → (what the log says, the keys of its details)
ACTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "operator:organization:created": ("Organization created", frozenset({"plan", "seats"})),
    "operator:admin:created": ("Admin account created", frozenset()),
    "operator:password_link:created": ("One-time link to set a password made", frozenset()),
    "operator:domain:added": ("Domain added", frozenset({"reason"})),
    **{
        f"{source}:domain:{action}": words
        for source in ("admin", "handover")
        for action, words in {
            "added": ("Domain added", frozenset[str]()),
            "verified": ("Domain verified by its TXT record", frozenset[str]()),
            "removed": ("Domain removed", frozenset({"was_verified"})),
        }.items()
    },
    "operator:domain:verified": ("Domain verified by its TXT record", frozenset()),
    "system:domain:verified": ("Domain verified by its TXT record", frozenset()),
    "system:domain:record_lost": ("TXT record of a verified domain is gone", frozenset({"result"})),
    "system:domain:record_found": ("TXT record of a verified domain is back", frozenset()),
    **{
        f"{source}:sso:{action}": words
        for source in ("operator", "admin", "handover")
        for action, words in {
            "prepared": ("SSO addresses made", frozenset[str]()),
            "configured": ("SSO configured", frozenset({"version", "idp_entity_id", "source"})),
            "activated": ("SSO activated", frozenset({"version", "tested", "reason"})),
            "deactivated": ("SSO deactivated", frozenset({"reason"})),
        }.items()
    },
    "admin:sso:discarded": ("SSO draft discarded", frozenset({"version"})),
    "handover:sso:discarded": ("SSO draft discarded", frozenset({"version"})),
    "admin:sso:tested": ("Test sign-in", frozenset({"version", "passed"})),
    "handover:sso:tested": ("Test sign-in", frozenset({"version", "passed"})),
    "system:sso:refreshed": ("New certificates from the identity provider's metadata", frozenset({"version", "added"})),
    "system:sso:drafted": ("The identity provider's metadata changed: a draft was made", frozenset({"version"})),
    "system:sso:unreadable": ("The identity provider's metadata could not be read", frozenset({"detail"})),
    "system:certificate:ending": ("Certificate of the identity provider ends", frozenset({"days", "ends_at"})),
    "admin:handover:created": ("Hand-over link made", frozenset({"expires_at"})),
    "admin:handover:revoked": ("Hand-over link revoked", frozenset()),
    "handover:link:opened": ("Hand-over link opened", frozenset()),
    "admin:account:created": ("Account created for somebody who was turned away", frozenset({"role", "because"})),
    "admin:missed:dismissed": ("Missed sign-in dismissed", frozenset()),
    "sso:missed:asked": ("Somebody who was turned away asked for help", frozenset()),
    "admin:account:deactivated": ("Account deactivated", frozenset({"because"})),
    "admin:account:reactivated": ("Account reactivated", frozenset()),
    "admin:role:changed": ("Role changed", frozenset({"before", "after"})),
    "sso:role:changed": ("Role changed by a role rule", frozenset({"before", "after", "rule"})),
    "sso:role:set_back": ("Role set back to the plan's, as no role rule matches", frozenset({"before", "after"})),
    "admin:invitation:sent": ("Invitation sent", frozenset({"role", "by"})),
    "admin:password_link:created": ("One-time link to set a password made", frozenset({"by"})),
    "admin:invitation:withdrawn": ("Invitation withdrawn", frozenset()),
    "password:invitation:accepted": ("Invitation accepted", frozenset({"role"})),
    "admin:sso_link:reset": ("SSO link reset", frozenset()),
    "user:sso_link:made": ("Connected their own SSO identity", frozenset({"configuration"})),
    "admin:sessions:ended": ("Signed out everywhere by an admin", frozenset({"sessions"})),
    "user:sessions:ended": ("Signed out everywhere", frozenset({"sessions"})),
    "admin:role_rules:turned_on": ("Role rules turned on", frozenset()),
    "admin:role_rules:turned_off": ("Role rules turned off", frozenset()),
    "admin:role_rules:changed": ("Role rules changed", frozenset({"rules", "each_time"})),
    "admin:digest:changed": ("Mails about new accounts changed", frozenset({"before", "after"})),
    "support:plan:changed": ("Plan changed", frozenset({"before", "after", "reason"})),
    "support:seats:changed": ("Seats changed", frozenset({"before", "after", "reason"})),
    "admin:plan_role:applied": ("Role changed to that of the plan", frozenset({"before", "after"})),
    "admin:plan_role:kept": ("Roles of before kept after a change of plan", frozenset({"accounts", "instead_of"})),
    "user:totp:enrolled": ("Second factor for the emergency sign-in added", frozenset()),
    "user:totp:removed": ("Second factor for the emergency sign-in removed", frozenset()),
    "operator:totp:removed": ("Second factor for the emergency sign-in removed", frozenset({"reason"})),
    "user:recovery_codes:made": ("Recovery codes made", frozenset()),
    "support:domain:verified": ("Domain verified by support", frozenset({"reason"})),
    "support:entitlement:unlocked": ("JIT Provisioning made available", frozenset({"reason", "ends_at"})),
    "support:entitlement:locked": ("JIT Provisioning made unavailable", frozenset({"reason"})),
    "admin:jit:turned_on": ("JIT Provisioning turned on", frozenset()),
    "admin:jit:turned_off": ("JIT Provisioning turned off", frozenset()),
    "admin:jit:refused": ("Change of JIT Provisioning refused", frozenset({"wanted", "because"})),
    "operator:jit:turned_on": ("JIT Provisioning turned on", frozenset()),
    "operator:jit:turned_off": ("JIT Provisioning turned off", frozenset()),
    "operator:encryption_key:added": ("Encryption key added", frozenset()),
    "operator:encryption_key:retired": ("Encryption key retired", frozenset()),
    "operator:idp_initiated:allowed": ("Sign-in from the identity provider allowed", frozenset()),
    "operator:idp_initiated:forbidden": ("Sign-in from the identity provider no longer allowed", frozenset()),
    "admin:idp_initiated:allowed": ("Sign-in from the identity provider allowed", frozenset()),
    "admin:idp_initiated:forbidden": ("Sign-in from the identity provider no longer allowed", frozenset()),
    "sso:account:created": ("Account created by JIT Provisioning", frozenset({"role", "workspace", "configuration"})),
    "sso:account:linked": ("SSO linked to an existing account", frozenset({"configuration"})),
    "sso:invitation:accepted": ("Invitation accepted through SSO", frozenset({"role", "configuration"})),
    "sso:sign_in:succeeded": ("Signed in through SSO", frozenset({"configuration"})),
    "sso:sign_in:refused": ("SSO sign-in refused", frozenset({"reason", "configuration"})),
    "password:sign_in:succeeded": ("Signed in with a password", frozenset()),
    "password:sign_in:emergency": ("Emergency sign-in with a password", frozenset({"second_factor"})),
    "password:sign_in:refused": ("Password sign-in refused", frozenset({"reason"})),
    "password:password:set": ("Password set", frozenset({"link_made_by"})),
    "sso:session:ended": ("Signed out by the identity provider", frozenset()),
    "sso:logout:refused": ("SSO sign-out refused", frozenset({"detail"})),
    "user:session:ended": ("Signed out", frozenset()),
}


def source_of(actor: User | str) -> str:
    """The first part of an action that this actor takes."""
    if isinstance(actor, User):
        return "admin"
    return "handover" if actor.startswith(HANDOVER) else actor


def record(
    organization: Organization,
    action: str,
    *,
    actor: User | str,
    subject: str,
    reference: str | None = None,
    **details: Any,
) -> None:
    """Add one event to the current transaction; it is stored exactly when the change it tells of is.

    `subject` is what it happened to: an e-mail address, a domain, a feature. Raises ValueError when the
    action is not in ACTIONS or its details are not exactly the ones listed there.
    """
    insert_row(AuditEvent, **_event(organization, action, actor, subject, details, reference))


def record_each(
    organization: Organization, action: str, *, actor: User | str, each: Iterable[tuple[str, dict[str, Any]]]
) -> None:
    """The same change of many: (subject, details) of each, one event each, in one statement."""
    insert_rows(AuditEvent, [_event(organization, action, actor, subject, details, None) for subject, details in each])


def _event(
    organization: Organization,
    action: str,
    actor: User | str,
    subject: str,
    details: dict[str, Any],
    reference: str | None,
) -> dict[str, Any]:
    expected = ACTIONS[action][1] if action in ACTIONS else None
    if expected is None or set(details) != expected:
        raise ValueError(f"audit event {action!r} with details {sorted(details)} is not in ACTIONS")
    return {
        "organization_id": organization.id,
        "actor": actor.email if isinstance(actor, User) else actor,
        "action": action,
        "subject": subject,
        "details": details,
        "reference": reference,
    }


def events(
    organization: Organization,
    search: str = "",
    before: int | None = None,
    *,
    after: int | None = None,
    subject: str = "",
) -> Select[AuditEvent]:
    """The organization's events, newest first, older than the one with the id `before`; or, read backwards, those that
    are newer than `after`, from that one on. `subject`: exactly what they happened to.
    """
    query = select(AuditEvent).where(AuditEvent.organization_id == organization.id)
    if subject:
        query = query.where(AuditEvent.subject == subject)
    query = query.order_by(AuditEvent.id.desc() if after is None else AuditEvent.id)
    if before is not None:
        query = query.where(AuditEvent.id < before)
    if after is not None:
        query = query.where(AuditEvent.id > after)
    if search:
        titles = [action for action, (title, _) in ACTIONS.items() if search.casefold() in title.casefold()]
        columns = (AuditEvent.actor, AuditEvent.action, AuditEvent.subject, AuditEvent.reference)
        query = query.where(
            or_(*(column.icontains(search, autoescape=True) for column in columns), AuditEvent.action.in_(titles))
        )
    return query
