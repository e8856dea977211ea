"""Steps of the machines: invitations, roles by hand, deactivation, links and sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from models import ROLES, Organization, User
from organizations import accounts, invitations
from tests.flows.machine.beginning import NEWCOMERS
from tests.flows.machine.stepping import Steps, by, drawn, foretold, slugs
from tests.flows.machine.world import Change, changed_columns

roles = st.sampled_from(ROLES)


class RolesByHand(Steps):
    @drawn(slug=slugs, role=roles)
    def change_role(self, data: st.DataObject, slug: str, role: str) -> None:
        person, admin = self.somebody(data, slug), self.admin(data, slug)
        is_last = self.world.is_last_admin(person)
        change = self.step(
            slug,
            "change_role",
            lambda _: accounts.change_role(by(person), role, by(admin)),
            foretold(refused=is_last and role != "admin", changed=person.role != role),
            tables=["user"],
            perhaps=["one_time_link"],  # which an admin's account has none of
            event="admin:role:changed",
        )
        if change.pairs:
            old, new = change.only("user")
            assert (new.id, new.role, new.role_from_plan) == (person.id, role, False)
            assert changed_columns((old, new)) - {"role_from_plan", "role_given_by"} == {"role", "role_since"}


class Invitations(Steps):
    @drawn(slug=slugs, role=roles)
    def invite(self, data: st.DataObject, slug: str, role: str) -> None:
        here, admin = self.here(slug), self.admin(data, slug)
        email = data.draw(st.sampled_from([*NEWCOMERS * 2, "lin@acme.example", "pat@acme.example"]))
        there = self.world.person(here.id, email)

        def act(organization: Organization) -> None:
            made = invitations.invite(
                organization, email, role, by(admin), base_url="https://latchkey.example", mail=False
            )
            if not made.through_sso:
                self.links[made.user.id] = made.address.rpartition("/")[2]

        change = self.step(
            slug,
            "invite",
            act,
            foretold(refused=there is not None or not self.world.seat_is_free(here)),
            tables=["user", "membership"],
            perhaps=["one_time_link", "missed_sign_in"],
            event="admin:invitation:sent",
        )
        if change.pairs:
            new = change.new("user")
            assert (new.email, new.role, new.status, new.origin) == (email, role, "invited", "invitation")
            assert not [
                row for row in self.world.of("missed_sign_in", here.id) if row.email == email and not row.closed_at
            ]

    @drawn(slug=slugs)
    def withdraw(self, data: st.DataObject, slug: str) -> None:
        person, admin = self.somebody_invited(data, slug), self.admin(data, slug)
        change = self.step(
            slug,
            "withdraw",
            lambda _: invitations.withdraw(by(person), by(admin)),
            foretold(refused=person.status != "invited"),
            tables=["user", "membership"],
            perhaps=["one_time_link"],
            event="admin:invitation:withdrawn",
        )
        assert not change.pairs or change.only("user") == (person, None)

    def somebody_invited(self, data: st.DataObject, slug: str) -> Any:
        """Mostly: somebody else where nobody is invited."""
        return self.one_of(data, self.world.people(self.here(slug).id), lambda row: row.status == "invited")


class Ends(Steps):
    @drawn(slug=slugs)
    def deactivate(self, data: st.DataObject, slug: str) -> None:
        person, admin = self.somebody(data, slug), self.admin(data, slug)
        kept = person.status == "invited" or person.id == admin.id or self.world.is_last_admin(person)
        change = self.on_a_person(
            slug,
            "deactivate",
            accounts.deactivate,
            person,
            admin,
            foretold(refused=kept, changed=person.status != "deactivated"),
            "user",
            "admin:account:deactivated",
            ["sign_in_session", "one_time_link"],
        )
        if change.pairs:
            assert changed_columns(change.only("user")) == {"status"}
            assert self.world.rows["user"][person.id].status == "deactivated"
            assert not [row for row in self.world.rows["one_time_link"].values() if row.user_id == person.id]

    @drawn(slug=slugs)
    def reactivate(self, data: st.DataObject, slug: str) -> None:
        people = self.world.people(self.here(slug).id)
        person = self.one_of(data, people, lambda row: row.status == "deactivated")
        gone = person.status == "deactivated"
        full = not self.world.seat_is_free(self.here(slug))
        change = self.on_a_person(
            slug,
            "reactivate",
            accounts.reactivate,
            person,
            self.admin(data, slug),
            foretold(refused=gone and full, changed=gone),
            "user",
            "admin:account:reactivated",
            ["missed_sign_in"],
        )
        if change.pairs:
            assert changed_columns(change.only("user")) == {"status"}
            assert self.world.rows["user"][person.id].status == "active"
            self.nothing_waits_for(person)

    @drawn(slug=slugs)
    def reset_the_sso_link(self, data: st.DataObject, slug: str) -> None:
        person = self.somebody(data, slug)
        linked = self.world.identities(person.id)
        with_password = [row for row in self.world.running(person.id) if row.method == "password"]
        change = self.on_a_person(
            slug,
            "reset_the_sso_link",
            accounts.reset_sso_link,
            person,
            self.admin(data, slug),
            foretold(changed=bool(linked)),
            "identity",
            "admin:sso_link:reset",
            ["missed_sign_in", "sign_in_session"],
        )
        if change.pairs:
            assert not self.world.identities(person.id)
            assert self.world.running(person.id) == with_password
            self.nothing_waits_for(person)

    @drawn(slug=slugs)
    def sign_out_everywhere(self, data: st.DataObject, slug: str) -> None:
        person = self.somebody(data, slug)
        self.on_a_person(
            slug,
            "sign_out_everywhere",
            accounts.sign_out_everywhere,
            person,
            self.admin(data, slug),
            foretold(changed=bool(self.world.running(person.id))),
            "sign_in_session",
            "admin:sessions:ended",
        )
        assert not self.world.running(person.id)

    def on_a_person(
        self,
        slug: str,
        name: str,
        verb: Callable[[User, User], object],
        person: Any,
        admin: Any,
        expected: str,
        table: str,
        event: str,
        perhaps: list[str] | None = None,
    ) -> Change:
        return self.step(
            slug,
            name,
            lambda _: verb(by(person), by(admin)),
            expected,
            tables=[table],
            perhaps=perhaps or [],
            event=event,
        )
