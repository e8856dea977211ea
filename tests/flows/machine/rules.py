"""Steps of the machines: role rules are added, removed, moved, and switched."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from organizations import role_rules
from tests.flows.machine.beginning import GROUPS
from tests.flows.machine.stepping import Steps, by, drawn, foretold, slugs
from tests.flows.machine.world import changed_columns


class Rules(Steps):
    @drawn(
        slug=slugs,
        group=st.sampled_from(GROUPS),
        outcome=st.sampled_from(["viewer", "collaborator", "admin", "refuse"]),
        confirmed=st.booleans(),
    )
    def add_rule(self, data: st.DataObject, slug: str, group: str, outcome: str, confirmed: bool) -> None:
        here, admin = self.here(slug), self.admin(data, slug)
        there = dict(self.world.rules(here))
        unconfirmed = outcome == "admin" and not confirmed
        self.step(
            slug,
            "add_rule",
            lambda organization: role_rules.add(organization, group, outcome, by(admin), admin_confirmed=confirmed),
            foretold(refused=not self.world.switch_is_there(here.id) or group in there or unconfirmed),
            tables=["role_rule"],
            event="admin:role_rules:changed",
        )
        if not unconfirmed and group not in there and self.world.switch_is_there(here.id):
            assert self.world.rules(self.here(slug)) == [*there.items(), (group, outcome)]

    @drawn(slug=slugs)
    def remove_rule(self, data: st.DataObject, slug: str) -> None:
        here, admin = self.here(slug), self.admin(data, slug)
        if row := self.one_of(data, self.world.of("role_rule", here.id)):
            change = self.step(
                slug,
                "remove_rule",
                lambda organization: role_rules.remove(organization, row.id, by(admin)),
                foretold(refused=not self.world.switch_is_there(here.id)),
                tables=["role_rule"],
                event="admin:role_rules:changed",
            )
            assert not change.pairs or change.only("role_rule") == (row, None)

    @drawn(slug=slugs, to=st.integers(1, 3))
    def move_rule(self, data: st.DataObject, slug: str, to: int) -> None:
        here, admin = self.here(slug), self.admin(data, slug)
        rules = self.world.of("role_rule", here.id)
        if row := self.one_of(data, rules, lambda row: row.position != to):
            wanted = [pair for pair in self.world.rules(here) if pair[0] != row.group_name]
            wanted.insert(to - 1, (row.group_name, row.outcome))
            refused = not self.world.switch_is_there(here.id)
            changed = wanted != self.world.rules(here)
            self.step(
                slug,
                "move_rule",
                lambda organization: role_rules.move(organization, row.id, to, by(admin)),
                foretold(refused=refused, changed=changed),
                tables=["role_rule"],
                event="admin:role_rules:changed",
            )
            assert refused or self.world.rules(self.here(slug)) == wanted

    @drawn(slug=slugs, wanted=st.booleans(), confirmed=st.booleans())
    def switch_rules(self, data: st.DataObject, slug: str, wanted: bool, confirmed: bool) -> None:
        event = f"admin:role_rules:turned_{'on' if wanted else 'off'}"
        self.switch(data, slug, "role_rules_on", role_rules.set_on, wanted, confirmed, event)

    @drawn(slug=slugs, wanted=st.booleans(), confirmed=st.booleans())
    def switch_each_time(self, data: st.DataObject, slug: str, wanted: bool, confirmed: bool) -> None:
        event = "admin:role_rules:changed"
        self.switch(data, slug, "role_rules_each_time", role_rules.set_each_time, wanted, confirmed, event)

    def switch(
        self,
        data: st.DataObject,
        slug: str,
        name: str,
        verb: Callable[..., bool],
        wanted: bool,
        confirmed: bool,
        event: str,
    ) -> None:
        """That rules make admins of people who have an account has to be confirmed."""
        here, admin = self.here(slug), self.admin(data, slug)
        changed = getattr(here, name) != wanted
        after = here._asdict() | {name: wanted}
        would = after["role_rules_on"] and after["role_rules_each_time"]
        would = would and "admin" in dict(self.world.rules(here)).values()
        change = self.step(
            slug,
            "switch_rules" if name == "role_rules_on" else "switch_each_time",
            lambda organization: verb(organization, wanted, by(admin), admins_confirmed=confirmed),
            foretold(
                refused=not self.world.switch_is_there(here.id) or (changed and wanted and would and not confirmed),
                changed=changed,
            ),
            tables=["organization"],
            event=event,
        )
        assert not change.pairs or changed_columns(change.only("organization")) == {name}
