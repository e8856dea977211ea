"""Any order of what admins, support and people can do keeps the promises of the product (Hypothesis, real code).

Two organizations, four people whom both identity providers may speak of. Each step is a transaction of its own, and is
compared with what the database held before it: what changed, and how many audit events there are for it.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy import update

from database import db, now
from models import Entitlement, Organization
from organizations import (
    activation,
    certificates,
    connections,
    domains,
    entitlements,
    jit,
    role_rules,
)
from tests import factories
from tests.flows.one_sign_in import OneSignIn
from tests.flows.people_steps import PeopleSteps
from tests.flows.product_steps import addresses, groups, members, names, slugs

pytestmark = pytest.mark.both_databases
KEYS: list[str] = []
_serial = itertools.count()


class Product(PeopleSteps):
    """All of it: switches, domains, connections and role rules too, and the sign-ins in between."""

    @rule(slug=slugs, wanted=st.booleans())
    def toggle(self, slug: str, wanted: bool) -> None:
        self.step(slug, lambda here: jit.set_wish(here, wanted, self.root(here)))

    @rule(slug=slugs, ends=st.booleans())
    def unlock(self, slug: str, ends: bool) -> None:
        end = now() + timedelta(days=1) if ends else None
        self.step(slug, lambda here: entitlements.unlock(here, "trial", end))

    @rule(slug=slugs)
    def lock(self, slug: str) -> None:
        self.step(slug, lambda here: entitlements.lock(here, "over"))

    @rule(slug=slugs)
    def the_end_date_passes(self, slug: str) -> None:
        past = update(Entitlement).values(ends_at=now() - timedelta(seconds=1), unlocked_at=now() - timedelta(days=2))
        ends = Entitlement.ends_at.is_not(None)
        self.step(
            slug, lambda here: db.session.execute(past.where(ends, Entitlement.organization_id == here.id)), silent=True
        )

    @rule(slug=slugs, name=names)
    def add_domain(self, slug: str, name: str) -> None:
        self.step(slug, lambda here: domains.add(here, name, actor=self.root(here)))

    @rule(slug=slugs, name=names)
    def verify_domain(self, slug: str, name: str) -> None:
        self.step(slug, lambda here: domains.verify_by_support(here, name, "seen"))

    @rule(slug=slugs, name=names)
    def remove_domain(self, slug: str, name: str) -> None:
        self.step(slug, lambda here: domains.remove(here, name, self.root(here)))

    @rule(slug=slugs, idp=st.sampled_from(["", "-of-another"]))
    def configure(self, slug: str, idp: str) -> None:
        def act(here: Organization) -> None:
            newest = connections.newest(here.connection)
            base = factories.identity_provider(slug).entity_id
            details = replace(
                certificates.details_of(newest), entity_id=base + idp, slo_url=f"https://{next(_serial)}/"
            )
            connections.configure(here, details, "test", KEYS, self.root(here))

        self.step(slug, act)

    @rule(slug=slugs)
    def activate(self, slug: str) -> None:
        self.step(slug, lambda here: activation.activate(here, self.root(here), without_test_reason="a test"))

    @rule(slug=slugs)
    def deactivate_sso(self, slug: str) -> None:
        self.step(slug, lambda here: activation.deactivate(here, self.root(here), "a test"))

    @rule(slug=slugs, group=groups, outcome=st.sampled_from(role_rules.OUTCOMES), confirmed=st.booleans())
    def add_role_rule(self, slug: str, group: str, outcome: str, confirmed: bool) -> None:
        self.step(slug, lambda here: role_rules.add(here, group, outcome, self.root(here), admin_confirmed=confirmed))

    @rule(slug=slugs, first=st.booleans(), remove=st.booleans())
    def change_role_rules(self, slug: str, first: bool, remove: bool) -> None:
        def act(here: Organization) -> None:
            rules = role_rules.listed(here)
            if rules and remove:
                role_rules.remove(here, rules[0 if first else -1].id, self.root(here))
            elif rules:
                role_rules.move(here, rules[-1].id, 1, self.root(here))

        self.step(slug, act)

    @rule(slug=slugs, on=st.booleans(), each_time=st.booleans(), confirmed=st.booleans())
    def switch_role_rules(self, slug: str, on: bool, each_time: bool, confirmed: bool) -> None:
        change = role_rules.set_each_time if each_time else role_rules.set_on
        self.step(slug, lambda here: change(here, on, self.root(here), admins_confirmed=confirmed))

    # Several of them, because rules are drawn evenly: without sign-ins in between, changes show nothing.
    @rule(slug=slugs, subject=addresses, email=st.none() | addresses, groups=members)
    def sign_in(self, slug: str, subject: str, email: str | None, groups: list[str]) -> None:
        by = OneSignIn(self.organization(slug), subject, email or subject, tuple(groups), self.other(slug))
        user, made_admin = by.check()
        if user is not None:
            assert self.owners.setdefault(by.key, user) == user, "an identity leads to one account for ever"
        if made_admin:
            self.admins.add(user)

    @rule(subject=addresses, groups=members)
    def sign_in_at_acme(self, subject: str, groups: list[str]) -> None:
        self.sign_in("acme", subject, None, groups)

    @rule(groups=members)
    def p0_signs_in(self, groups: list[str]) -> None:
        self.sign_in("acme", "p0@acme.example", None, groups)

    @rule(groups=members)
    def p1_signs_in(self, groups: list[str]) -> None:
        self.sign_in("acme", "p1@acme.example", None, groups)

    @rule(group=groups)
    def those_of_acme_sign_in_one_behind_the_other(self, group: str) -> None:
        for subject in ("p0@acme.example", "p1@acme.example"):
            self.sign_in("acme", subject, None, [group])


def test_any_order_of_changes_and_sign_ins_keeps_the_promises(app: Flask, database_kind: str) -> None:
    run_state_machine_as_test(
        Product,
        settings=settings(
            max_examples={"sqlite": 30, "postgresql": 12}[database_kind],
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
