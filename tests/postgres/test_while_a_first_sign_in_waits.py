"""A first sign-in waits for somebody who changes the organization: then it decides by what is true after the change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from database import db, now
from models import Entitlement, Organization, SSOConnection, User
from organizations import activation, domains, entitlements, jit, plans, role_rules
from tests.factories import EVE, Cast
from tests.postgres.beside import Beside, hold
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases


def deactivate_by_hand(acme: Organization) -> None:
    """Whoever changes it, with whatever statement."""
    db.session.execute(update(SSOConnection).where(SSOConnection.organization_id == acme.id).values(activated_at=None))


def end_the_entitlement(acme: Organization) -> None:
    ended = update(Entitlement).where(Entitlement.organization_id == acme.id).values(ends_at=now() - timedelta(hours=1))
    db.session.execute(ended)


def root() -> User:
    return db.session.scalars(select(User).where(User.email == "root@acme.example")).one()


def remove_the_domain(acme: Organization) -> None:
    assert domains.remove(acme, "acme.example", root())


def refuse_by_a_rule(acme: Organization) -> None:
    role_rules.add(acme, "research", "refuse", root())
    role_rules.set_on(acme, True, root())


CHANGES: dict[str, Callable[[Organization], object]] = {
    "SSO is deactivated": activation.deactivate,
    "SSO is deactivated by hand": deactivate_by_hand,
    "JIT is locked": lambda acme: entitlements.lock(acme, "over"),
    "the unlocking ends": end_the_entitlement,
    "JIT is turned off": lambda acme: jit.set_wish(acme, False, "operator"),
    "the domain is removed": remove_the_domain,
    "a rule refuses": refuse_by_a_rule,
    "no seat is left": lambda acme: plans.set_seats(acme, 3, "fewer"),
}


def sign_in_beside(cast: Cast, browser: Browser, change: Callable[[Organization], object]) -> tuple[int, bool]:
    """(status, whether there is an account) of Eve's first sign-in, which waits until the change is stored."""
    cast.acme.jit_on = True
    db.session.commit()
    answer = browser.answer_for(cast.acme, EVE)
    acme = hold()
    sign_in = Beside(lambda: browser.post_answer(answer).status_code)
    assert sign_in.until_it_waits()
    change(acme)
    db.session.commit()
    status = sign_in.end()
    assert isinstance(status, int)
    return status, db.session.scalar(select(User).where(User.email == EVE.email)) is not None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nobody_gets_an_account_by_what_was_true_before(
    cast: Cast, browser: Browser, change: Callable[[Organization], object]
) -> None:
    assert sign_in_beside(cast, browser, change) == (403, False)


def test_a_change_that_does_not_matter_is_in_nobodys_way(cast: Cast, browser: Browser) -> None:
    assert sign_in_beside(cast, browser, lambda acme: plans.set_seats(acme, 100, "more")) == (303, True)
