"""Steps of the machines: the switch, what support unlocks, domains, and the configurations of SSO."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from sqlalchemy import update

from database import db, now
from models import Entitlement, Organization
from organizations import activation, certificates, connections, domains, entitlements, jit
from tests import factories
from tests.flows.machine.beginning import DOMAINS
from tests.flows.machine.stepping import Steps, by, drawn, foretold, slugs
from tests.flows.machine.world import changed_columns

KEYS: list[str] = []
_serial = itertools.count()


class Switch(Steps):
    @drawn(slug=slugs, wanted=st.booleans())
    def toggle(self, data: st.DataObject, slug: str, wanted: bool) -> None:
        here, admin = self.here(slug), self.admin(data, slug)
        change = self.step(
            slug,
            "toggle",
            lambda organization: jit.set_wish(organization, wanted, by(admin)),
            foretold(refused=not self.world.switch_is_there(here.id), changed=here.jit_on != wanted),
            tables=["organization"],
            event=f"admin:jit:turned_{'on' if wanted else 'off'}",
        )
        assert not change.pairs or changed_columns(change.only("organization")) == {"jit_on"}

    @drawn(slug=slugs, until=st.sampled_from(["no end", "no end", "tomorrow", "tomorrow", "yesterday"]))
    def unlock(self, data: st.DataObject, slug: str, until: str) -> None:
        ends = {"tomorrow": now() + timedelta(days=1), "yesterday": now() - timedelta(days=1)}.get(until)
        self.step(
            slug,
            "unlock",
            lambda organization: entitlements.unlock(organization, "sold", ends),
            foretold(refused=until == "yesterday"),
            tables=["entitlement"],
            event="support:entitlement:unlocked",
        )

    @drawn(slug=slugs)
    def lock(self, data: st.DataObject, slug: str) -> None:
        self.step(
            slug,
            "lock",
            lambda organization: entitlements.lock(organization, "over"),
            foretold(refused=not self.world.of("entitlement", self.here(slug).id)),
            tables=["entitlement"],
            event="support:entitlement:locked",
        )

    @drawn(slug=slugs)
    def the_end_date_passes(self, data: st.DataObject, slug: str) -> None:
        """Nobody does it, so there is no event."""
        here = self.here(slug)
        past = {"ends_at": now() - timedelta(seconds=1), "unlocked_at": now() - timedelta(days=2)}

        def act(organization: Organization) -> None:
            theirs = Entitlement.organization_id == organization.id
            db.session.execute(update(Entitlement).where(theirs).values(past))

        if self.world.unlocked(here.id):
            self.step(slug, "the_end_date_passes", act, foretold(), tables=["entitlement"])


class Domains(Steps):
    @drawn(slug=slugs, name=st.sampled_from(DOMAINS))
    def add_domain(self, data: st.DataObject, slug: str, name: str) -> None:
        admin, here = self.admin(data, slug), self.here(slug)
        same = [row for row in self.world.rows["domain"].values() if row.name == name]
        taken = [row for row in same if row.verified_at or row.organization_id == here.id]
        change = self.step(
            slug,
            "add_domain",
            lambda organization: domains.add(organization, name, actor=by(admin)),
            foretold(refused=bool(taken)),
            tables=["domain"],
            event="admin:domain:added",
        )
        assert not change.pairs or change.new("domain").verified_at is None

    @drawn(slug=slugs)
    def verify_domain(self, data: st.DataObject, slug: str) -> None:
        here = self.here(slug)
        waiting = [row.name for row in self.world.of("domain", here.id) if row.verified_at is None]
        name = data.draw(st.sampled_from([*DOMAINS, *waiting * 8]))
        same = [row for row in self.world.rows["domain"].values() if row.name == name]
        mine = [row for row in same if row.organization_id == here.id]
        change = self.step(
            slug,
            "verify_domain",
            lambda organization: domains.verify_by_support(organization, name, "seen"),
            foretold(refused=not mine or any(row.verified_at for row in same)),
            tables=["domain"],
            event="support:domain:verified",
        )
        assert not change.pairs or change.only("domain")[1].name == name

    @drawn(slug=slugs)
    def remove_domain(self, data: st.DataObject, slug: str) -> None:
        admin = self.admin(data, slug)
        if row := self.one_of(data, self.world.of("domain", self.here(slug).id)):
            change = self.step(
                slug,
                "remove_domain",
                lambda organization: domains.remove(organization, row.name, by(admin)),
                foretold(),
                tables=["domain"],
                event="admin:domain:removed",
            )
            assert change.only("domain") == (row, None)


class Connections(Steps):
    @drawn(slug=slugs, new=st.sampled_from(["address", "address", "identity provider", "nothing"]))
    def configure(self, data: st.DataObject, slug: str, new: str) -> None:
        here, admin = self.here(slug), self.admin(data, slug)
        activated = self.world.activated(here.id)

        def act(organization: Organization) -> None:
            connection = organization.connection
            assert connection is not None
            newest = connections.newest(connection)
            assert newest is not None
            details = certificates.details_of(newest)
            if new == "address":
                details = replace(details, slo_url=f"https://{next(_serial)}.example/")
            elif new == "identity provider":
                home = factories.identity_provider(slug).entity_id
                other = f"{home}-of-another" if newest.idp_entity_id == home else home
                details = replace(details, entity_id=other)
            connections.configure(organization, details, "test", KEYS, by(admin))

        change = self.step(
            slug,
            "configure",
            act,
            foretold(refused=new == "nothing"),
            tables=["sso_configuration"] if activated else ["sso_configuration", "sso_connection"],
            event="admin:sso:configured",
        )
        live = self.world.connection(here.id).live_configuration_id
        if change.pairs:
            assert (live == change.new("sso_configuration").id) == (not activated), "nothing is swapped silently"
        assert self.world.activated(here.id) == activated

    @drawn(slug=slugs, reason=st.sampled_from(["agreed", "agreed", None]))
    def activate(self, data: st.DataObject, slug: str, reason: str | None) -> None:
        here, admin = self.here(slug), self.admin(data, slug)
        draft = self.world.draft(here.id)
        waits = draft is not None or not self.world.activated(here.id)
        someone_gets_in = any(row.password_hash for row in self.world.admins(here.id))
        self.step(
            slug,
            "activate",
            lambda organization: activation.activate(organization, by(admin), without_test_reason=reason),
            foretold(refused=not (waits and reason and someone_gets_in)),
            tables=["sso_connection", "sso_configuration"],
            event="admin:sso:activated",
        )
        assert draft is None or self.world.live(here.id).id == draft.id or not (reason and someone_gets_in)

    @drawn(slug=slugs)
    def discard(self, data: st.DataObject, slug: str) -> None:
        here, admin = self.here(slug), self.admin(data, slug)
        draft = self.world.draft(here.id)
        version = draft.version if draft else self.world.live(here.id).version
        self.step(
            slug,
            "discard",
            lambda organization: connections.discard(organization, version, by(admin)),
            foretold(refused=draft is None),
            tables=["sso_configuration"],
            event="admin:sso:discarded",
        )

    @drawn(slug=slugs)
    def deactivate_sso(self, data: st.DataObject, slug: str) -> None:
        here, admin = self.here(slug), self.admin(data, slug)
        self.step(
            slug,
            "deactivate_sso",
            lambda organization: activation.deactivate(organization, by(admin), "a test"),
            foretold(refused=not self.world.activated(here.id)),
            tables=["sso_connection"],
            event="admin:sso:deactivated",
        )
        assert self.here(slug).jit_on == here.jit_on, "the wish stays stored"
