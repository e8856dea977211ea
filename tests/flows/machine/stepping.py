"""What each step of the machines is held against: what was foretold of it, the tables before it, and the audit log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from database import begin_write, db
from models import Organization, User
from organizations.accounts import ChangeRefused
from organizations.domains import DomainRefused
from organizations.encryption_keys import ConnectionRefused
from organizations.entitlements import EntitlementRefused
from organizations.jit import JITUnavailable
from organizations.role_rules import RoleRuleRefused
from organizations.sso_links import LinkRefused
from provisioning.by_admin import NotCreated
from tests.flows.machine.beginning import Beginning, Cast, beginnings
from tests.flows.machine.world import Change, World, look

# Nothing else may be raised: an action that the audit log does not know is a ValueError, too.
REFUSALS = (
    *(ChangeRefused, ConnectionRefused, DomainRefused, EntitlementRefused),
    *(JITUnavailable, LinkRefused, NotCreated, RoleRuleRefused),
)
CHANGED, NOTHING, REFUSED = "changed", "nothing", "refused"
REACHED: Counter[tuple[str, str]] = Counter()  # (step, what became of it) in all runs of all machines

_NAMES = ("email", "group_name", "name")
slugs = st.sampled_from(["acme"] * 7 + ["globex"])


_Step = TypeVar("_Step", bound=Callable[..., None])


def drawn(**strategies: st.SearchStrategy[Any]) -> Callable[[_Step], _Step]:
    """A step of a machine, and what it is called with. Not a rule of Hypothesis: of those, each run leaves out half."""

    def mark(step: _Step) -> _Step:
        step.strategies = strategies  # type: ignore[attr-defined]
        return step

    return mark


def foretold(*, refused: bool = False, changed: bool = True) -> str:
    return REFUSED if refused else CHANGED if changed else NOTHING


class Steps(RuleBasedStateMachine):
    """`world`: the tables after the last step, and so before the next one."""

    OFTEN: ClassVar[dict[str, int]] = {}  # how often steps are taken, where not once as often as others
    cast: ClassVar[Cast]
    world: World

    @initialize(drawn=beginnings)
    def begin(self, drawn: Beginning) -> None:
        self.cast.begin(drawn)
        self.links = dict(self.cast.links)
        self.world = look()
        self.acted = {(event.organization_id, event.actor) for event in self.world.events if _is_an_admins(event)}

    @classmethod
    def names(cls) -> list[str]:
        steps = [name for name in dir(cls) if hasattr(getattr(cls, name), "strategies")]
        return [name for name in steps for _ in range(cls.OFTEN.get(name, 1))]

    @rule(data=st.data())
    def take_a_step(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.names()), label="step")
        method = getattr(self, name)
        method(data, **{key: data.draw(strategy, label=key) for key, strategy in method.strategies.items()})

    def step(
        self,
        slug: str,
        name: str,
        act: Callable[[Organization], object],
        expected: str,
        *,
        tables: Sequence[str] = (),
        perhaps: Sequence[str] = (),
        event: str | Callable[[str], bool] = "",
        times: int = 1,
    ) -> Change:
        """One transaction, of which `expected` comes true. A change has its one audit event (`times`: one for each
        account), is in these tables (`perhaps`: or in these, too) and in this organization; all else is no change.
        """
        before, refused = self.world, False
        here = before.organization(slug).id
        begin_write()
        try:
            act(db.session.get_one(Organization, here))
        except REFUSALS:
            refused = True
            db.session.rollback()
        db.session.commit()
        change = self.seen()
        happened = foretold(refused=refused, changed=bool(change.pairs))
        assert happened == expected, f"{name} at {slug}: {happened}, but it should be: {expected}"
        REACHED[name, happened] += 1
        told = [(row.organization_id, row.action) for row in change.after.events]
        if happened == CHANGED:
            assert set(tables) <= set(change.pairs) <= {*tables, *perhaps}
            assert change.organizations() == {here}, "nothing happens in another organization"
            assert len(told) == (times if event else 0)
            assert all(by_whom == here for by_whom, _ in told)
            assert all(event(action) if callable(event) else event == action for _, action in told)
        else:
            assert not change.pairs
            assert told == []
        return change

    def seen(self) -> Change:
        """Look again: what has changed since the last look."""
        db.session.rollback()
        change = Change(self.world, look(self.world.last_event))
        self.world = change.after
        for event in change.after.events:
            if _is_an_admins(event):
                self.acted.add((event.organization_id, event.actor))
        return change

    def here(self, slug: str) -> Any:
        return self.world.organization(slug)

    def somebody(self, data: st.DataObject, slug: str) -> Any:
        return self.one_of(data, self.world.people(self.here(slug).id))

    def one_of(self, data: st.DataObject, rows: Sequence[Any], rather: Callable[[Any], bool] | None = None) -> Any:
        """None where there is none. Drawn by its name, which is what a failure shows; `rather`: mostly such."""
        called = {getattr(row, next(name for name in _NAMES if name in row._fields)): row for row in rows}
        names = [name for name, row in called.items() for _ in range(8 if rather and rather(row) else 1)]
        return called[data.draw(st.sampled_from(names), label="whom")] if names else None

    def admin(self, data: st.DataObject, slug: str) -> Any:
        return self.one_of(data, self.world.admins(self.here(slug).id))

    def nothing_waits_for(self, person: Any) -> None:
        missed = self.world.of("missed_sign_in", person.organization_id)
        assert not [row for row in missed if row.email == person.email and row.closed_at is None]

    @invariant()
    def every_organization_has_an_admin(self) -> None:
        for organization in self.world.rows["organization"].values():
            assert self.world.admins(organization.id), f"{organization.slug} has no active admin left"

    @invariant()
    def the_kept_numbers_are_those_of_the_people(self) -> None:
        people = self.world.rows["user"].values()
        counted = Counter((row.organization_id, row.status, row.role, row.origin, row.role_from_plan) for row in people)
        kept = self.world.rows["people_count"].values()
        columns = ("organization_id", "status", "role", "origin", "role_from_plan")
        numbers = {tuple(getattr(row, name) for name in columns): row.number for row in kept if row.number}
        assert numbers == dict(counted)

    @invariant()
    def nobody_who_is_deactivated_is_signed_in(self) -> None:
        for person in self.world.rows["user"].values():
            assert person.status == "active" or not self.world.running(person.id)

    @invariant()
    def each_identity_has_one_account_of_its_own_organization(self) -> None:
        keys = Counter()
        for row in self.world.rows["identity"].values():
            assert row.organization_id == self.world.rows["user"][row.user_id].organization_id
            assert row.organization_id == self.world.rows["sso_connection"][row.connection_id].organization_id
            keys[row.connection_id, row.idp_entity_id, row.subject] += 1
        assert not keys or max(keys.values()) == 1


def by(admin: Any) -> User:
    """The row of the session that stands for somebody in the tables."""
    return db.session.get_one(User, admin.id)


def _is_an_admins(event: Any) -> bool:
    return bool(event.action.startswith("admin:"))
