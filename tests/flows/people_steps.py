"""What admins and support do to accounts, seats and plans, as steps of the state machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select

from database import db, now
from models import PLANS, Identity, MissedSignIn, Organization, User
from organizations import accounts, invitations, missed, plans, undo
from provisioning.by_admin import create_account
from tests.flows.product_steps import ProductSteps, addresses, roles, slugs


class PeopleSteps(ProductSteps):
    @rule(slug=slugs, email=addresses, role=roles)
    def invite(self, slug: str, email: str, role: str) -> None:
        def act(here: Organization) -> None:
            invitations.invite(here, email, role, self.root(here), base_url="https://latchkey.example", mail=False)

        self.step(slug, act)
        self.admins |= {user.id for user in self.find(slug, email) if user.role == role == "admin"}

    @rule(slug=slugs, email=addresses)
    def withdraw(self, slug: str, email: str) -> None:
        numbers = {user.id for user in self.find(slug, email)}
        self.step(
            slug, lambda here: self.each_of(slug, email, lambda user: invitations.withdraw(user, self.root(here)))
        )
        if not self.find(slug, email):
            self.admins -= numbers  # SQLite gives them to others

    @rule(slug=slugs, email=addresses, role=st.sampled_from(["viewer", "admin"]))
    def change_role(self, slug: str, email: str, role: str) -> None:
        self.step(
            slug, lambda here: self.each_of(slug, email, lambda user: accounts.change_role(user, role, self.root(here)))
        )
        self.admins |= {user.id for user in self.find(slug, email) if role == user.role == "admin"}

    @rule(slug=slugs, email=addresses, what=st.sampled_from([accounts.deactivate, accounts.reactivate]))
    def end_or_revive(self, slug: str, email: str, what: Callable[[User, User], bool]) -> None:
        self.step(slug, lambda here: self.each_of(slug, email, lambda user: what(user, self.root(here))))

    @rule(slug=slugs, email=addresses)
    def reset_the_sso_link(self, slug: str, email: str) -> None:
        self.step(
            slug, lambda here: self.each_of(slug, email, lambda user: accounts.reset_sso_link(user, self.root(here)))
        )
        linked = set(db.session.scalars(select(Identity.user_id)))
        self.owners = {key: user for key, user in self.owners.items() if user in linked}

    @rule(slug=slugs, email=addresses)
    def sign_out_everywhere(self, slug: str, email: str) -> None:
        self.step(
            slug,
            lambda here: self.each_of(slug, email, lambda user: accounts.sign_out_everywhere(user, self.root(here))),
        )

    @rule(slug=slugs)
    def undo_everything(self, slug: str) -> None:
        def act(here: Organization) -> int:
            begins, ends = now() - timedelta(days=1), now() + timedelta(days=1)
            shown = [created.user.id for created in undo.window(here, begins, ends)]
            undone = undo.end(here, begins, ends, shown, self.root(here))
            return len(undone.deactivated) + len(undone.withdrawn)

        self.step(slug, act, each=True)

    @rule(slug=slugs, email=addresses, create=st.booleans())
    def decide_on_who_was_turned_away(self, slug: str, email: str, create: bool) -> None:
        def act(here: Organization) -> None:
            own = (MissedSignIn.organization_id == here.id, MissedSignIn.email == email)
            for number in db.session.scalars(select(MissedSignIn.id).where(*own)):
                if create:
                    for row in missed.take(here, [number], self.root(here)):
                        create_account(here, row, self.root(here))
                else:
                    missed.dismiss(here, number, self.root(here))

        self.step(slug, act)

    @rule(slug=slugs, plan=st.sampled_from(PLANS), seats=st.none() | st.integers(3, 6))
    def change_plan_and_seats(self, slug: str, plan: str, seats: int | None) -> None:
        self.step(slug, lambda here: plans.set_plan(here, plan, "sold"))
        self.step(slug, lambda here: plans.set_seats(here, seats, "sold"))

    @rule(slug=slugs)
    def let_roles_follow_the_plan(self, slug: str) -> None:
        self.step(slug, lambda here: plans.apply_role(here, here.role_for_new_people, self.root(here)), each=True)

    @rule(slug=slugs)
    def let_roles_stay_whatever_the_plan(self, slug: str) -> None:
        self.step(slug, lambda here: plans.keep_roles(here, here.role_for_new_people, self.root(here)))
