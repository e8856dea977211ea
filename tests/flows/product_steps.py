"""What each step of the state machine is held against: the database before it, and one audit event for a change."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from sqlalchemy import delete, func, select, update

from database import begin_write, db
from models import MissedSignIn, Organization, SignInSession, SSOConnection, User
from organizations import counting, jit, role_rules
from organizations.domains import DomainRefused
from organizations.encryption_keys import ConnectionRefused
from tests import factories
from tests.flows.one_sign_in import look

slugs = st.sampled_from(["acme", "acme", "acme", "globex"])
addresses = st.sampled_from(["p0@acme.example", "p1@acme.example", "p2@globex.example", "p3@both.example"])
names = st.sampled_from(["acme.example", "globex.example", "both.example"])
groups = st.sampled_from(["it", "research", "contractors"])
members = st.lists(groups, max_size=2)
roles = st.sampled_from(["viewer", "collaborator", "admin"])


ALSO = (SignInSession, MissedSignIn)


class ProductSteps(RuleBasedStateMachine):
    """`admins`: the accounts that may be admins, because somebody's hand or a confirmed rule made them that."""

    @initialize()
    def begin(self) -> None:
        db.session.rollback()
        db.session.execute(update(SSOConnection).values(live_configuration_id=None, activated_at=None))
        for model in (User, Organization):
            db.session.execute(delete(model))
        db.session.commit()
        for slug, seats in (("acme", 4), ("globex", None)):
            made = factories.make_organization(
                slug, seats=seats, sso="activated", unlocked=True, jit_on=True, admin=f"root@{slug}.example"
            )
            factories.make_user(made, f"ana@{slug}.example", role="admin")
        acme = self.organization("acme")
        acme.role_rules_on = acme.role_rules_each_time = True
        for group, outcome in (("contractors", "refuse"), ("it", "admin")):
            role_rules.add(acme, group, outcome, self.root(acme), admin_confirmed=True)
        db.session.commit()
        self.admins = set(db.session.scalars(select(User.id)))
        self.owners: dict[tuple[int, str, str], int] = {}

    def organization(self, slug: str) -> Organization:
        return db.session.scalars(select(Organization).where(Organization.slug == slug)).one()

    def other(self, slug: str) -> int:
        return db.session.scalars(select(Organization.id).where(Organization.slug != slug)).one()

    def root(self, organization: Organization) -> User:
        return db.session.scalars(
            select(User).where(User.organization_id == organization.id, User.email.like("root@%"))
        ).one()

    def step(
        self, slug: str, act: Callable[[Organization], object], *, silent: bool = False, each: bool = False
    ) -> None:
        """One transaction. What changes something has exactly one event, what changes nothing none; elsewhere none.

        `each`: `act` returns how many accounts it changed, and there is one event for each.
        """
        begin_write()
        organization = self.organization(slug)
        before, elsewhere = look(organization.id, ALSO), look(self.other(slug), ALSO)
        many = None
        try:
            many = act(organization)
        except (jit.JITUnavailable, DomainRefused, ConnectionRefused, role_rules.RoleRuleRefused, ValueError):
            db.session.rollback()
        db.session.commit()
        after = look(self.organization(slug).id, ALSO)
        changed = before.rows != after.rows
        assert after.events - before.events == (many or 0 if each else 1 if changed and not silent else 0)
        assert changed or after.events == before.events
        assert look(self.other(slug), ALSO) == elsewhere

    def find(self, slug: str, email: str) -> list[User]:
        here = self.organization(slug)
        return list(db.session.scalars(select(User).where(User.organization_id == here.id, User.email == email)))

    def each_of(self, slug: str, email: str, act: Callable[[User], object]) -> None:
        for user in self.find(slug, email):
            act(user)

    @invariant()
    def the_kept_numbers_are_those_of_the_people(self) -> None:
        for organization in db.session.scalars(select(Organization)):
            used = select(func.count()).where(User.organization_id == organization.id, User.status != "deactivated")
            assert counting.seats_used(organization) == db.session.scalar(used)
        db.session.rollback()

    @invariant()
    def nobody_is_an_admin_by_accident_and_somebody_is(self) -> None:
        found = db.session.execute(select(User.id, User.organization_id, User.status).where(User.role == "admin")).all()
        assert {row.id for row in found} <= self.admins
        assert {row.organization_id for row in found if row.status == "active"} == set(
            db.session.scalars(select(Organization.id))
        )
        db.session.rollback()
