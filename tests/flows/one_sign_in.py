"""One sign-in through the real provisioner, compared with what the database held before it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from database import Base, db, now
from models import (
    AuditEvent,
    Domain,
    Entitlement,
    Identity,
    Membership,
    Organization,
    RoleRule,
    SSOConfiguration,
    SSOConnection,
    User,
)
from organizations.creation import general_workspace
from provisioning.decision import Decision, Outcome
from provisioning.provisioner import preview, provision
from provisioning.trying import would_decide
from saml.identity import Identity as Verified
from saml.receipt import Receipt
from saml.service_provider import Validated

WATCHED = (
    *(User, Identity, Membership, Domain, Entitlement, RoleRule),
    *(SSOConnection, SSOConfiguration, Organization),
)
_assertions = itertools.count()


@dataclass(frozen=True)
class World:
    """What the database holds of one organization: rows to compare, and how many events there are."""

    rows: dict[str, list[tuple[object, ...]]]
    events: int


def look(organization_id: int, also: Iterable[type[Base]] = ()) -> World:
    rows = {}
    for model in (*WATCHED, *also):
        table = model.__table__
        own = table.c.id if model is Organization else table.c.organization_id
        rows[table.name] = sorted(
            (tuple(row) for row in db.session.execute(select(table).where(own == organization_id))), key=repr
        )
    events = select(db.func.count()).select_from(AuditEvent).where(AuditEvent.organization_id == organization_id)
    return World(rows, db.session.scalar(events) or 0)


@dataclass
class Person:
    """An account, as far as a sign-in may change it."""

    role: str
    status: str
    email: str
    origin: str
    has_password: bool


def people(organization_id: int) -> dict[int, Person]:
    query = select(User.id, User.role, User.status, User.email, User.origin, User.password_hash.is_not(None))
    rows = db.session.execute(query.where(User.organization_id == organization_id))
    return {row[0]: Person(*row[1:]) for row in rows}


class OneSignIn:
    """`key` is what the account is known by: connection, identity provider, subject."""

    def __init__(
        self, organization: Organization, subject: str, email: str, groups: tuple[str, ...], elsewhere: int
    ) -> None:
        connection = organization.connection
        assert connection is not None
        assert connection.live_configuration is not None
        self.here, self.connection, self.elsewhere = organization, connection, elsewhere
        self.email, self.groups = email, groups
        self.id, self.configuration = organization.id, connection.live_configuration
        self.key = (connection.id, self.configuration.idp_entity_id, subject)
        self.identity = Verified(
            idp_entity_id=self.configuration.idp_entity_id,
            assertion_id=f"_{next(_assertions)}",
            subject=subject,
            name_id=subject,
            name_id_attributes={},
            session_index=None,
            session_not_on_or_after=None,
            expires_at=now() + timedelta(minutes=5),
            email=email,
            given_name=None,
            family_name=None,
            display_name=None,
            groups=groups,
        )

    def check(self) -> tuple[int | None, bool]:
        """Sign in. Returns the account that was signed in to, and whether a role rule just made it an admin."""
        world, elsewhere, before = look(self.id), look(self.elsewhere), people(self.id)
        owner, linked = self._owner(), self._linked()
        activated, may_create = self.connection.activated_at is not None, self._may_create(before, owner)
        said, each_time = self._first_rule(), self._each_time()
        foretold = self._is_foretold(owner, linked)
        previewed = preview(self.here, self.email, self.groups)
        tried = would_decide(self.connection, self.identity)
        assert look(self.id) == world, "a preview and a test write nothing"
        db.session.rollback()
        result = provision(
            self.connection.id,
            self.configuration.id,
            Validated(self.identity, None, "/"),
            Receipt(),
            None,
            "https://latchkey.example",
        )
        decision, after, now_there = result.decision, look(self.id), people(self.id)
        assert look(self.elsewhere) == elsewhere, "nothing happens outside of the organization"
        assert (result.handover is not None) == decision.signs_in
        assert not activated or tried == decision, "a test says what happens"
        if foretold:
            assert previewed == decision, "a preview says what happens"
        new = set(now_there) - set(before)
        assert len(new) == (1 if may_create else 0) == (decision.outcome is Outcome.CREATE)
        if not decision.signs_in:
            assert after.rows == world.rows, "who is refused changes nothing"
            assert after.events == world.events + 1
            return None, False
        user = self._owner()
        assert user is not None
        changed = user in before and before[user].role != now_there[user].role
        link_and_role = changed and decision.outcome is Outcome.LINK
        assert after.events == world.events + (2 if link_and_role else 1)
        if new:
            self._is_well_made(new, now_there[user], decision)
        assert now_there[user].status == "active"
        assert user not in before or before[user].status != "deactivated"
        if changed:
            assert each_time
            assert before[user].origin == "jit"
            assert before[user].role != "admin" or not before[user].has_password
            assert now_there[user].role == (said or self.here.role_for_new_people)
        assert {other: before[other] for other in before if other != user} == {
            other: now_there[other] for other in before if other != user
        }
        became_admin = now_there[user].role == "admin" and (user in new or before[user].role != "admin")
        assert not became_admin or said == "admin"
        return user, became_admin

    def _is_well_made(self, new: set[int], person: Person, decision: Decision) -> None:
        assert new == {self._owner()}
        assert (person.email, person.origin, person.role) == (self.email, "jit", decision.role)
        memberships = db.session.scalars(select(Membership.workspace_id).where(Membership.user_id.in_(new))).all()
        assert memberships == [general_workspace(self.id).id]

    def _owner(self) -> int | None:
        names = ("connection_id", "idp_entity_id", "subject")
        known = [getattr(Identity, name) == value for name, value in zip(names, self.key, strict=True)]
        return db.session.scalar(select(Identity.user_id).where(*known))

    def _linked(self) -> int | None:
        """The account with this address, if this identity provider knows it under any subject."""
        query = select(User.id).join(Identity, Identity.user_id == User.id)
        here = (User.organization_id == self.id, User.email == self.email)
        return db.session.scalar(query.where(*here, Identity.idp_entity_id == self.configuration.idp_entity_id))

    def _is_foretold(self, owner: int | None, linked: int | None) -> bool:
        """A preview is of somebody whom the identity provider names by their address, or does not know yet."""
        if self.key[2] == self.email:
            return True
        of_address = select(Identity.id).where(
            Identity.organization_id == self.id,
            Identity.idp_entity_id == self.configuration.idp_entity_id,
            Identity.subject == self.email,
        )
        return owner is None and linked is None and db.session.scalar(of_address) is None

    def _unlocked(self) -> bool:
        ends = select(Entitlement.ends_at).where(Entitlement.organization_id == self.id)
        return any(end is None or end > now() for end in db.session.scalars(ends))

    def _first_rule(self) -> str | None:
        query = select(RoleRule).where(RoleRule.organization_id == self.id).order_by(RoleRule.position)
        rules = list(db.session.scalars(query)) if self.here.role_rules_on else []
        return next((rule.outcome for rule in rules if rule.group_name in self.groups), None)

    def _each_time(self) -> bool:
        return self.here.role_rules_on and self.here.role_rules_each_time and self._unlocked()

    def _may_create(self, before: dict[int, Person], owner: int | None) -> bool:
        """The four conditions, a seat, no rule against it, and nobody there: asked of the tables only."""
        name = self.email.rpartition("@")[2]
        verified = select(func.count()).where(
            Domain.organization_id == self.id, Domain.name == name, Domain.verified_at.is_not(None)
        )
        taken = sum(person.status != "deactivated" for person in before.values())
        return (
            self.connection.activated_at is not None
            and bool(db.session.scalar(verified))
            and self._unlocked()
            and self.here.jit_on
            and (self.here.seats is None or taken < self.here.seats)
            and self._first_rule() != "refuse"
            and owner is None
            and self.email not in {person.email for person in before.values()}
        )
