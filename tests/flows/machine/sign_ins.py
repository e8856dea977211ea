"""Sign-ins through the real provisioner, each compared with what was promised, previewed and tried."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from database import db, now
from models import Organization
from provisioning.decision import Decision
from provisioning.provisioner import SignIn, preview, provision
from provisioning.trying import would_decide
from saml.identity import Identity as Verified
from saml.receipt import Receipt
from saml.service_provider import Validated
from tests.flows.machine.beginning import GROUPS, NEWCOMERS
from tests.flows.machine.promises import (
    ASKED,
    CREATED,
    INVITED,
    KNOWN,
    LINKED,
    LISTED,
    OUTCOMES,
    Claim,
    Promise,
    is_foretold,
    promise,
)
from tests.flows.machine.stepping import REACHED, Steps, drawn, slugs
from tests.flows.machine.world import Change, changed_columns

groups = st.lists(st.sampled_from(GROUPS), max_size=2, unique=True).map(tuple)
names = st.sampled_from(["address"] * 5 + ["number", "another address", "no address"])
_numbers = itertools.count()


class SignIns(Steps):
    """Several rules, because rules are drawn evenly: without sign-ins in between, changes show nothing."""

    @drawn(slug=slugs, name=names, groups=groups)
    def somebody_signs_in(self, data: st.DataObject, slug: str, name: str, groups: tuple[str, ...]) -> None:
        self.sign_in(slug, self.somebody(data, slug).email, name, groups)

    @drawn(email=st.sampled_from(NEWCOMERS), slug=slugs, name=names, groups=groups)
    def a_newcomer_signs_in(
        self, data: st.DataObject, email: str, slug: str, name: str, groups: tuple[str, ...]
    ) -> None:
        self.sign_in(slug, email, name, groups)

    @drawn(email=st.sampled_from(NEWCOMERS[:4]), groups=groups)
    def a_newcomer_signs_in_at_acme(self, data: st.DataObject, email: str, groups: tuple[str, ...]) -> None:
        self.sign_in("acme", email, "address", groups)

    @drawn(groups=groups)
    def somebody_whom_jit_made_signs_in(self, data: st.DataObject, groups: tuple[str, ...]) -> None:
        people = [row for row in self.world.people(self.here("acme").id) if row.origin == "jit"]
        if person := self.one_of(data, people):
            self.sign_in("acme", person.email, "address", groups)

    @drawn(groups=st.sampled_from([(), ("it",), ("research",), ("contractors",), ("research", "it")]))
    def whom_rules_must_not_touch_signs_in(self, data: st.DataObject, groups: tuple[str, ...]) -> None:
        """Or whom they may touch only where there is another admin, or no password."""
        people = self.world.people(self.here("acme").id)
        kept = [row for row in people if row.origin != "jit" or row.role == "admin" or row.status == "invited"]
        if person := self.one_of(data, kept, lambda row: row.origin == "jit"):
            self.sign_in("acme", person.email, "address", groups)

    @drawn(groups=groups)
    def somebody_signs_in_at_acme(self, data: st.DataObject, groups: tuple[str, ...]) -> None:
        self.sign_in("acme", self.somebody(data, "acme").email, "address", groups)

    def sign_in(self, slug: str, email: str, name: str, groups: tuple[str, ...]) -> None:
        subject = {"number": f"number of {email}", "another address": f"former-{email}"}.get(name, email)
        claim = Claim(subject, None if name == "no address" else email, groups)
        world, here = self.world, self.here(slug)
        promised = promise(world, here, claim)
        result = self._carry_out(slug, claim)
        change, decision = self.seen(), result.decision
        REACHED["sign_in", promised.reason] += 1
        held(decision, promised)
        assert (result.handover is not None) == decision.signs_in
        assert change.organizations() <= {here.id}, "nothing happens in another organization"
        told = {(event.organization_id, event.action) for event in change.after.events}
        assert len(told) == len(change.after.events)
        if promised.reason not in OUTCOMES:
            assert told == {(here.id, "sso:sign_in:refused")}
            self._is_refused(here, claim, promised, change)
            return
        assert not (promised.account and promised.account.status == "deactivated")
        assert told == {(here.id, action) for action in _actions(promised, world.said(here, claim.groups))}
        self._is_signed_in(here, claim, promised, change)

    def _carry_out(self, slug: str, claim: Claim) -> SignIn:
        """Preview, try, and sign in; the first two have to say what the last one does, and to write nothing."""
        world, row = self.world, self.here(slug)
        organization = db.session.get_one(Organization, row.id)
        connection = organization.connection
        assert connection is not None
        assert connection.live_configuration_id is not None
        identity = _identity(world.live(row.id).idp_entity_id, claim)
        if is_foretold(world, row, claim):
            held(preview(organization, claim.email or "", claim.groups), promise(world, row, claim))
            REACHED["sign_in", "previewed"] += 1
        held(would_decide(connection, identity), promise(world, row, claim, activated=True))
        assert not db.session.new
        assert not db.session.dirty
        ids = connection.id, connection.live_configuration_id
        db.session.rollback()
        return provision(*ids, Validated(identity, None, "/"), Receipt(), None, "https://latchkey.example")

    def _is_refused(self, here: Any, claim: Claim, promised: Promise, change: Change) -> None:
        """Nothing changes; whom an admin can help is written down, and is on the list or waits to ask."""
        listed = promised.reason in LISTED
        email = promised.account.email if promised.account else claim.email
        if email is None or promised.reason not in LISTED + ASKED:
            assert not change.pairs
            return
        assert set(change.pairs) == {"missed_sign_in"}
        old, new = change.only("missed_sign_in")
        assert (new.organization_id, new.email, new.reason) == (here.id, email, promised.reason)
        was_open = old is not None and old.closed_at is None
        assert (new.closed_at is None) == (listed or was_open)

    def _is_signed_in(self, here: Any, claim: Claim, promised: Promise, change: Change) -> None:
        session, said = change.new("sign_in_session"), change.before.said(here, claim.groups)
        [person] = [row for row in change.after.people(here.id) if row.id == session.user_id]
        assert (session.method, session.organization_id) == ("sso", here.id)
        assert (person.status, person.role) == ("active", promised.role)
        tables = {"sign_in_session"}
        if promised.reason != KNOWN:
            tables.add("identity")
            identity = change.new("identity")
            assert (identity.subject, identity.user_id) == (claim.subject, person.id)
            assert not [row for row in change.after.of("missed_sign_in", here.id) if self._waits(row, person)]
        old, new = change.pairs.get("user", [(person, person)])[0]
        if promised.reason == CREATED:
            tables |= {"user", "membership"}
            assert (old, new) == (None, person)
            assert (person.email, person.origin) == (claim.email, "jit")
            assert person.role_from_plan == (said is None)
            assert change.new("membership").user_id == person.id
        else:
            tables |= {"user"} if _columns(promised) else set()
            assert new.id == promised.account.id
            # Whether the role of now is a plan's, too, where it is another one now.
            ignored = {"role_given_by"} | ({"role_from_plan"} if "role" in _columns(promised) else set())
            assert changed_columns((old, new)) - ignored == _columns(promised) - ignored
            assert not ignored - {"role_given_by"} or new.role_from_plan == (said is None)
        assert tables <= set(change.pairs) <= tables | {"missed_sign_in", "one_time_link"}
        assert all(len(change.pairs[table]) == 1 for table in tables)

    def _waits(self, missed: Any, person: Any) -> bool:
        return missed.email == person.email and missed.closed_at is None


def held(decision: Decision, promised: Promise) -> None:
    assert decision.reason == promised.reason
    assert decision.outcome == OUTCOMES.get(promised.reason, "refuse")
    assert decision.role == promised.role


def _columns(promised: Promise) -> set[str]:
    """What a sign-in changes about an account that was there."""
    accepted = {"status"} if promised.reason == INVITED else set()
    changed = {"role", "role_since"} if promised.role != promised.account.role else set()
    return accepted | changed | ({"role_from_plan"} if changed and promised.account.role_from_plan else set())


def _actions(promised: Promise, said: str | None) -> set[str]:
    if promised.reason == CREATED:
        return {"sso:account:created"}
    if promised.reason == INVITED:
        return {"sso:invitation:accepted"}
    by = "sso:role:changed" if said else "sso:role:set_back"
    role = {by} if promised.role != promised.account.role else set()
    linked = {"sso:account:linked"} if promised.reason == LINKED else set()
    return role | linked or {"sso:sign_in:succeeded"}


def _identity(entity_id: str, claim: Claim) -> Verified:
    return Verified(
        idp_entity_id=entity_id,
        assertion_id=f"_{next(_numbers)}",
        subject=claim.subject,
        name_id=claim.subject,
        name_id_attributes={},
        session_index=None,
        session_not_on_or_after=None,
        expires_at=now() + timedelta(minutes=5),
        email=claim.email,
        given_name=None,
        family_name=None,
        display_name=None,
        groups=claim.groups,
    )
