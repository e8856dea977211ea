"""Steps of the machines: what people do about their own accounts, with a password or on their profile."""

from __future__ import annotations

from hypothesis import strategies as st

from models import Organization
from organizations import invitations, passwords, sessions, sso_links
from tests import factories
from tests.flows.machine.stepping import Steps, by, drawn, foretold, slugs
from tests.flows.machine.world import changed_columns


class Themselves(Steps):
    @drawn(slug=slugs)
    def accept_by_password(self, data: st.DataObject, slug: str) -> None:
        """Where SSO covers the address, the page of the link sends to SSO instead."""
        people = self.world.people(self.here(slug).id)
        person = self.one_of(data, people, lambda row: row.id in self.links)
        here = self.here(slug)
        covered = self.world.activated(here.id) and self.world.verified(here.id, person.email)
        if person.id not in self.links or (covered and person.status == "invited"):
            return
        there = [row for row in self.world.rows["one_time_link"].values() if row.user_id == person.id]

        def act(_: Organization) -> None:
            link = passwords.find_link(self.links[person.id], lock=True)
            if link is not None and invitations.accept_by_password(link.user):
                link.user.password_hash = factories._password_hash()

        change = self.step(
            slug,
            "accept_by_password",
            act,
            foretold(changed=bool(there) and person.status == "invited"),
            tables=["user"],
            event="password:invitation:accepted",
        )
        if change.pairs:
            old, new = change.only("user")
            assert (new.status, changed_columns((old, new))) == ("active", {"status", "password_hash"})

    @drawn(slug=slugs)
    def sign_in_with_a_password(self, data: st.DataObject, slug: str) -> None:
        """Any account whose password would be right; the page starts the session for those that are found."""
        person = self.somebody(data, slug)

        def act(organization: Organization) -> None:
            for found in passwords.accounts_of(person.email, organization):
                sessions.start(found, "password")

        self.step(
            slug,
            "sign_in_with_a_password",
            act,
            foretold(changed=person.status == "active"),
            tables=["sign_in_session"],
        )

    @drawn(slug=slugs, subject=st.sampled_from(["its own", "its own", "another's"]))
    def connect_sso(self, data: st.DataObject, slug: str, subject: str) -> None:
        """On the profile: proved at the identity provider, and confirmed."""
        here = self.here(slug)
        people = [row for row in self.world.people(here.id) if row.status == "active"]
        person, other = self.one_of(data, people), self.one_of(data, people)
        name = f"number of {(person if subject == 'its own' else other).email}"
        live, connection = self.world.live(here.id), self.world.connection(here.id)
        known = [row for row in self.world.of("identity", here.id) if row.idp_entity_id == live.idp_entity_id]
        linked = [row for row in known if row.user_id == person.id or row.subject == name]

        def act(organization: Organization) -> None:
            user = by(person)
            known_by = {"connection_id": connection.id, "idp_entity_id": live.idp_entity_id, "subject": name}
            sso_links.wait(user, live.id, "a browser", reference="AAAA-AAAA", email=None, **known_by)
            sso_links.link(user, organization.connection, sso_links.waiting(user, "a browser"))

        change = self.step(
            slug,
            "connect_sso",
            act,
            foretold(refused=not self.world.activated(here.id) or bool(linked)),
            tables=["identity"],
            perhaps=["missed_sign_in", "one_time_link"],
            event="user:sso_link:made",
        )
        if change.pairs:
            assert (change.new("identity").user_id, change.new("identity").subject) == (person.id, name)
            self.nothing_waits_for(person)
