"""Steps of the machines: people who were turned away, undoing a time window, plan and seats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from database import now
from models import DIGESTS, PLANS, MissedSignIn, Organization
from organizations import asking, digests, missed, plans, undo
from provisioning.by_admin import create_account
from tests.flows.machine.promises import ASKED
from tests.flows.machine.stepping import Steps, by, drawn, foretold, slugs
from tests.flows.machine.world import changed_columns

DAY = timedelta(days=1)
ROLE_OF = {"flex": "viewer", "seat_based": "collaborator"}


class TurnedAway(Steps):
    def row(self, data: st.DataObject, slug: str) -> Any:
        """Mostly one that is open."""
        rows = self.world.of("missed_sign_in", self.here(slug).id)
        return self.one_of(data, rows, lambda row: row.closed_at is None)

    @drawn()
    def create_for_somebody_turned_away(self, data: st.DataObject) -> None:
        self.create(data, "acme")

    @drawn(slug=slugs)
    def create_account(self, data: st.DataObject, slug: str) -> None:
        self.create(data, slug)

    def create(self, data: st.DataObject, slug: str) -> None:
        row, admin, here = self.row(data, slug), self.admin(data, slug), self.here(slug)
        if row is None:
            return
        said = self.world.said(here, tuple(row.groups))
        met = (
            self.world.activated(here.id)
            and self.world.person(here.id, row.email) is None
            and self.world.seat_is_free(here)
            and said != "refuse"
        )

        def act(organization: Organization) -> None:
            for taken in missed.take(organization, [row.id], by(admin)):
                create_account(organization, taken, by(admin))

        change = self.step(
            slug,
            "create_account",
            act,
            foretold(refused=row.closed_at is None and not met, changed=row.closed_at is None),
            tables=["user", "membership", "missed_sign_in"],
            event="admin:account:created",
        )
        if change.pairs:
            new, role = change.new("user"), said if said in ("viewer", "collaborator") else ROLE_OF[here.plan]
            assert (new.email, new.role, new.origin, new.invited_by_id) == (row.email, role, "jit", admin.id)
            assert new.status == ("active" if self.world.verified(here.id, row.email) else "invited")
            assert changed_columns(change.only("missed_sign_in")) == {"closed_at"}

    @drawn(slug=slugs)
    def dismiss(self, data: st.DataObject, slug: str) -> None:
        row, admin = self.row(data, slug), self.admin(data, slug)
        if row is not None:
            self.step(
                slug,
                "dismiss",
                lambda organization: missed.dismiss(organization, row.id, by(admin)),
                foretold(changed=row.closed_at is None),
                tables=["missed_sign_in"],
                event="admin:missed:dismissed",
            )

    @drawn(slug=slugs)
    def ask(self, data: st.DataObject, slug: str) -> None:
        """Ask my admin: once an hour, and not where an admin has decided since."""
        row = self.one_of(data, self.world.of("missed_sign_in", self.here(slug).id))
        if row is None:
            return
        again = row.reason in ASKED and row.closed_at is not None and row.closed_at <= row.last_at
        counts = again or (row.closed_at is None and row.asked_at is None)

        def act(organization: Organization) -> None:
            attempt = asking.refused_attempt(organization, row.reference)
            assert attempt is not None
            asking.ask(organization, attempt, row.email, "May I?")

        change = self.step(
            slug, "ask", act, foretold(changed=counts), tables=["missed_sign_in"], event="sso:missed:asked"
        )
        if change.pairs:
            _old, new = change.only("missed_sign_in")
            assert (MissedSignIn.__tablename__, new.closed_at, new.question) == ("missed_sign_in", None, "May I?")


class Undoing(Steps):
    @drawn(slug=slugs, days=st.sampled_from([1, 1, 5]), half=st.booleans())
    def undo(self, data: st.DataObject, slug: str, days: int, half: bool) -> None:
        """Whom JIT made within these days; not who is an admin, has acted as one, or has invited somebody."""
        here, admin = self.here(slug), self.admin(data, slug)
        people, begins, ends = self.world.people(here.id), now() - days * DAY, now() + DAY
        made = [
            row for row in people if row.origin == "jit" and row.status != "deactivated" and row.created_at >= begins
        ]
        shown = [row.id for row in made][:: 2 if half else 1]
        inviting = {row.invited_by_id for row in people}
        theirs = {
            row.id: row
            for row in made
            if row.id in shown
            and row.role != "admin"
            and (here.id, row.email) not in self.acted
            and row.id not in inviting
        }
        waiting = {number for number, row in theirs.items() if row.status == "invited"}
        times, actions = len(theirs), {"admin:account:deactivated", "admin:invitation:withdrawn"}

        def act(organization: Organization) -> None:
            offered = {created.user.id for created in undo.window(organization, begins, ends)}
            assert offered == {row.id for row in made}
            undo.end(organization, begins, ends, shown, by(admin))

        change = self.step(
            slug,
            "undo",
            act,
            foretold(changed=bool(theirs)),
            tables=["user"],
            perhaps=["sign_in_session", "membership", "one_time_link", "identity", "waiting_identity"],
            event=lambda action: action in actions,
            times=times,
        )
        ended = {(old.id, new.status if new else None) for old, new in change.pairs.get("user", ())}
        assert ended == {(number, None if number in waiting else "deactivated") for number in theirs}
        assert not [row for row in self.world.rows["one_time_link"].values() if row.user_id in theirs]


class Plans(Steps):
    @drawn(slug=slugs, free=st.sampled_from([None, 0, 0, 1, 2]))
    def set_seats(self, data: st.DataObject, slug: str, free: int | None) -> None:
        here = self.here(slug)
        used = sum(row.status != "deactivated" for row in self.world.people(here.id))
        seats = None if free is None else used + free
        change = self.step(
            slug,
            "set_seats",
            lambda organization: plans.set_seats(organization, seats, "sold"),
            foretold(changed=here.seats != seats),
            tables=["organization"],
            event="support:seats:changed",
        )
        assert not change.pairs or changed_columns(change.only("organization")) == {"seats"}

    @drawn(slug=slugs, plan=st.sampled_from(PLANS))
    def set_plan(self, data: st.DataObject, slug: str, plan: str) -> None:
        change = self.step(
            slug,
            "set_plan",
            lambda organization: plans.set_plan(organization, plan, "sold"),
            foretold(changed=self.here(slug).plan != plan),
            tables=["organization"],
            event="support:plan:changed",
        )
        assert not change.pairs or changed_columns(change.only("organization")) == {"plan"}

    @drawn(slug=slugs, seen=st.sampled_from(["the plan", "the plan", *PLANS]))
    def let_roles_follow_the_plan(self, data: st.DataObject, slug: str, seen: str) -> None:
        """Of those only whose role is that of another plan. `seen`: the plan that stood on the page."""
        here, admin = self.here(slug), self.admin(data, slug)
        role = ROLE_OF[here.plan if seen == "the plan" else seen]
        theirs = {
            row.id
            for row in self.world.people(here.id)
            if row.origin == "jit" and row.status == "active" and row.role_from_plan
            if row.role in ROLE_OF.values() and row.role != role
        }
        change = self.step(
            slug,
            "let_roles_follow_the_plan",
            lambda organization: plans.apply_role(organization, role, by(admin)),
            foretold(refused=role != ROLE_OF[here.plan], changed=bool(theirs)),
            tables=["user"],
            event="admin:plan_role:applied",
            times=len(theirs),
        )
        pairs = change.pairs.get("user", [])
        assert not pairs or {(new.id, new.role) for _, new in pairs} == {(number, role) for number in theirs}
        assert all(changed_columns(pair) - {"role_given_by"} == {"role", "role_since"} for pair in pairs)

    @drawn(slug=slugs, wanted=st.sampled_from(DIGESTS))
    def choose_digest(self, data: st.DataObject, slug: str, wanted: str) -> None:
        admin = self.admin(data, slug)
        self.step(
            slug,
            "choose_digest",
            lambda organization: digests.choose(organization, wanted, by(admin), "https://latchkey.example"),
            foretold(changed=self.here(slug).digest != wanted),
            tables=["organization"],
            event="admin:digest:changed",
        )
