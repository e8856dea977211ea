"""An admin sends a form while another one makes them a viewer: nothing is changed, and they are told why."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db
from models import HandoverLink, User
from organizations import accounts, role_rules
from tests.factories import EVE, Cast
from tests.flows.machine.world import look
from tests.postgres.beside import Beside, hold
from tests.signing_in import Browser

pytestmark = pytest.mark.both_databases
HERE = "/o/acme/settings"
RULES = f"{HERE}/security/role-rules"
FORMS: dict[str, dict[str, str]] = {
    f"{HERE}/security/turned-away/1/create": {},
    f"{HERE}/security/turned-away/1/dismiss": {},
    f"{HERE}/security/turned-away/create-all": {"shown": "1"},
    RULES: {"group": "contractors", "outcome": "refuse"},
    f"{RULES}/admin": {"group": "it", "outcome": "admin"},
    f"{RULES}/move": {"rule": "2", "to": "1"},
    f"{RULES}/remove": {"rule": "1"},
    f"{RULES}/switch": {"enabled": "on"},
    f"{RULES}/each-time": {"enabled": "on"},
    f"{HERE}/security/jit": {"enabled": "on"},
    f"{HERE}/security/jit/notifications": {"digest": "each"},
    f"{HERE}/security/idp-initiated": {"enabled": "on"},
    f"{HERE}/security/sso/deactivate": {"name": "Acme"},
    f"{HERE}/security/sso/activate": {"version": "1"},
    f"{HERE}/security/sso/discard": {"version": "1"},
    f"{HERE}/security/sso/handover": {"colleague": "Kim"},
    f"{HERE}/security/undo": {"begins": "2026-01-01T00:00", "ends": "2099-01-01T00:00", "shown": "1"},
    f"{HERE}/domains": {"name": "new.example"},
    f"{HERE}/domains/acme.example/remove": {},
    f"{HERE}/people/invite": {"email": "new@acme.example", "role": "viewer"},
    f"{HERE}/people/plan-roles": {"role": "viewer"},
    f"{HERE}/people/4/role": {"role": "collaborator"},
}


@pytest.fixture
def ana(cast: Cast, browser: Browser, another_browser: Browser) -> Browser:
    """With the list of the missed and rules; not the only admin."""
    another_browser.sso(cast.acme, EVE)
    for group in ("research", "sales"):
        role_rules.add(cast.acme, group, "viewer", cast.ana)
    db.session.commit()
    return browser.sign_in_as(cast.ana)


def world() -> tuple[object, ...]:
    """All that is there, but for the sessions and the notices of the one who asks."""
    found = look()
    links = db.session.execute(select(HandoverLink.__table__)).all()
    return {name: rows for name, rows in found.rows.items() if name != "sign_in_session"}, found.events, links


def sent_while_demoted(ana: Browser, path: str, data: dict[str, str], *, htmx: bool = False) -> tuple[int, str]:
    """(status, text) of what ana is answered. Nothing is changed but her role."""
    fields = {**data, "csrf_token": ana.csrf_token("/")}
    headers = {"HX-Request": "true"} if htmx else {}
    hold()
    sent = Beside(lambda: ana.client.post(path, data=fields, headers=headers))
    sent.until_it_waits()
    people = {user.email: user for user in db.session.scalars(select(User))}
    accounts.change_role(people["ana@acme.example"], "viewer", people["root@acme.example"])
    db.session.flush()
    before = world()
    db.session.commit()
    answer = sent.end()
    db.session.rollback()
    assert world() == before
    return answer.status_code, answer.text


@pytest.mark.parametrize(("path", "data"), FORMS.items(), ids=FORMS)
def test_nothing_is_changed(ana: Browser, path: str, data: dict[str, str]) -> None:
    assert sent_while_demoted(ana, path, data)[0] == 403


@pytest.mark.parametrize("htmx", [True, False])
def test_they_are_told_why(ana: Browser, database_kind: str, htmx: bool) -> None:
    status, text = sent_while_demoted(ana, f"{HERE}/security/jit", {"enabled": "on"}, htmx=htmx)
    assert status == 403
    if htmx:  # led away from the page, none of which is open to them
        assert text == ""
        text = ana.get(f"{HERE}/profile").text
    assert "This is not open to you" in text
    if database_kind == "postgresql":  # on SQLite it had not begun yet
        assert "Nothing was changed: you are not an admin any more." in text
