"""The state that each run of a machine begins with: drawn, so that every promise has something to break it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st
from sqlalchemy import Table, delete, insert, select, update

from database import db, now
from models import (
    JIT_PROVISIONING,
    PLANS,
    AuditEvent,
    Domain,
    Entitlement,
    Identity,
    MissedSignIn,
    Organization,
    RoleRule,
    SSOConfiguration,
    SSOConnection,
    User,
)
from organizations import attempts, audit, counting, passwords, sessions
from tests import factories

GROUPS = ("it", "research", "contractors")
NEWCOMERS = ("una@acme.example", "vic@acme.example", "wes@acme.example", "xen@both.example", "yan@globex.example")
DOMAINS = ("acme.example", "both.example", "globex.example")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Beginning:
    """Of Acme; Globex has all that lets people in."""

    activated: bool
    entitlement: str
    jit_on: bool
    both_is: str
    plan: str
    free_seats: int | None
    rules: tuple[tuple[str, str], ...]
    rules_on: bool
    each_time: bool
    mia_has_a_password: bool
    mia_is_the_only_admin: bool
    dee_is_linked: bool
    ivo_will_be: str
    lin_has: str
    missed_are_in: str


def mostly(value: object, *others: object) -> st.SearchStrategy[object]:
    return st.sampled_from([value] * 6 + list(others))


beginnings = st.builds(
    Beginning,
    activated=mostly(True, False),
    entitlement=mostly("unlocked", "ended", "locked"),
    jit_on=mostly(True, False),
    both_is=st.sampled_from(["pending", "verified", "absent"]),
    plan=st.sampled_from(PLANS),
    free_seats=st.sampled_from([None, 0, 1, 2]),
    rules=st.sampled_from(
        [
            (("it", "admin"), ("research", "viewer")),
            (("it", "admin"), ("contractors", "refuse"), ("research", "collaborator")),
            (("research", "collaborator"), ("contractors", "refuse")),
            (("contractors", "refuse"), ("research", "viewer"), ("it", "admin")),
        ]
    ),
    rules_on=st.sampled_from([True, True, False]),
    each_time=st.sampled_from([True, True, False]),
    mia_has_a_password=st.booleans(),
    mia_is_the_only_admin=st.booleans(),
    dee_is_linked=st.booleans(),
    ivo_will_be=st.sampled_from(["viewer", "collaborator", "admin"]),
    missed_are_in=st.sampled_from(GROUPS),
    lin_has=st.sampled_from(["done nothing", "invited ivo", "acted as an admin"]),
)


class Cast:
    """Everybody of Acme, and of Globex somebody with the address of one of them; kept, to begin with again and again.

    pat, kim: from before SSO, with passwords; kim's domain is not surely verified. lin, hal: by JIT, hal long ago and
    with a role by hand. mia: an admin whom JIT made. ivo: invited. zoe: created by an admin, and waits
    for the first sign-in. dee: deactivated.
    """

    def __init__(self) -> None:
        clear()
        globex = factories.make_organization(
            "globex", sso="activated", unlocked=True, jit_on=True, admin="root@globex.example"
        )
        factories.make_user(globex, "lin@acme.example")
        acme = factories.make_organization("acme", sso="activated", unlocked=True, admin="root@acme.example")
        for email in ("pat@acme.example", "kim@both.example"):
            factories.make_user(acme, email)
        for email in ("lin@acme.example", "hal@acme.example", "mia@acme.example", "dee@acme.example"):
            _make_jit_user(acme, email)
        ivo = factories.make_user(acme, "ivo@acme.example", status="invited", origin="invitation", with_password=False)
        zoe = _make_jit_user(acme, "zoe@both.example")
        zoe.status = "invited"
        db.session.execute(delete(Identity).where(Identity.user_id == zoe.id))
        signed_in = User.organization_id == acme.id, User.status == "active", User.email != "dee@acme.example"
        for user in db.session.scalars(select(User).where(*signed_in)):
            sessions.start(user, "sso" if user.origin == "jit" else "password")
        for email in ("gil@acme.example", "ula@both.example"):
            _miss(acme, email)
        self.links = {ivo.id: passwords.make_link(ivo)}
        db.session.commit()
        self.rows = {table: self._kept(table) for table in db.metadata.sorted_tables}

    def _kept(self, table: Table) -> list[dict[str, object]]:
        """The triggers count people anew; and a connection needs its configuration before it can be live."""
        if table.name in ("people_count", "audit_event"):
            return []
        later = {"live_configuration_id": None, "activated_at": None} if table.name == "sso_connection" else {}
        return [{**row._mapping, **later} for row in db.session.execute(select(table).order_by(*table.primary_key))]

    def begin(self, drawn: Beginning) -> None:
        clear()
        for table, rows in self.rows.items():
            if rows:
                db.session.execute(insert(table), rows)
        versions = {row["organization_id"]: row["id"] for row in self.rows[SSOConfiguration.__table__]}
        for number, version in versions.items():
            theirs = update(SSOConnection).where(SSOConnection.organization_id == number)
            db.session.execute(theirs.values(live_configuration_id=version, activated_at=now()))
        acme = db.session.scalars(select(Organization).where(Organization.slug == "acme")).one()
        _change_organization(acme, drawn)
        _change_people(acme, drawn)
        db.session.flush()
        acme.seats = None if drawn.free_seats is None else counting.seats_used(acme) + drawn.free_seats
        db.session.commit()


def clear() -> None:
    db.session.rollback()
    db.session.execute(update(SSOConnection).values(live_configuration_id=None, activated_at=None))
    for model in (AuditEvent, User, Organization):
        db.session.execute(delete(model))
    db.session.commit()


def _make_jit_user(acme: Organization, email: str) -> User:
    assert acme.connection is not None
    live = acme.connection.live_configuration
    assert live is not None
    user = factories.make_user(acme, email, origin="jit", with_password=False, created_by_configuration_id=live.id)
    known_by = {"connection_id": acme.connection.id, "idp_entity_id": live.idp_entity_id, "subject": email}
    db.session.add(Identity(organization_id=acme.id, user_id=user.id, **known_by))
    db.session.flush()
    return user


def _miss(acme: Organization, email: str) -> None:
    """Somebody who was turned away."""
    assert acme.connection is not None
    shared = {"organization_id": acme.id, "email": email, "reason": "jit_off", "reference": attempts.new_reference()}
    db.session.add(MissedSignIn(**shared, configuration_id=acme.connection.live_configuration_id))
    attempts.record(**shared, method="sso", signed_in=False, checks=[])


def _change_organization(acme: Organization, drawn: Beginning) -> None:
    acme.plan, acme.jit_on = drawn.plan, drawn.jit_on
    acme.role_rules_on, acme.role_rules_each_time = drawn.rules_on, drawn.each_time
    for position, (group, outcome) in enumerate(drawn.rules, 1):
        db.session.add(RoleRule(organization_id=acme.id, group_name=group, outcome=outcome, position=position))
    if not drawn.activated:
        db.session.execute(
            update(SSOConnection).where(SSOConnection.organization_id == acme.id).values(activated_at=None)
        )
    theirs = Entitlement.organization_id == acme.id
    if drawn.entitlement == "locked":
        db.session.execute(delete(Entitlement).where(theirs))
    elif drawn.entitlement == "ended":
        db.session.execute(update(Entitlement).where(theirs).values(unlocked_at=now() - 2 * DAY, ends_at=now() - DAY))
    if drawn.both_is != "absent":
        at = now() if drawn.both_is == "verified" else None
        db.session.add(Domain(organization_id=acme.id, name="both.example", verified_at=at))


def _change_people(acme: Organization, drawn: Beginning) -> None:
    people = db.session.scalars(select(User).where(User.organization_id == acme.id))
    by_name = {user.email.partition("@")[0]: user for user in people}
    lin, hal, mia, dee = (by_name[name] for name in ("lin", "hal", "mia", "dee"))
    lin.role = acme.role_for_new_people
    hal.role, hal.role_from_plan, hal.created_at = "collaborator", False, now() - 3 * DAY
    mia.role, mia.role_from_plan = "admin", False
    with_password = by_name["pat"].password_hash
    mia.password_hash = with_password if drawn.mia_has_a_password else None
    dee.status = "deactivated"
    if not drawn.dee_is_linked:
        db.session.execute(delete(Identity).where(Identity.user_id == dee.id))
    by_name["ivo"].role = drawn.ivo_will_be
    by_name["ivo"].invited_by_id = (lin if drawn.lin_has == "invited ivo" else by_name["root"]).id
    db.session.execute(update(MissedSignIn).values(groups=[drawn.missed_are_in]))
    if drawn.lin_has == "acted as an admin":
        audit.record(acme, "admin:jit:turned_on", actor=lin, subject=JIT_PROVISIONING)
    by_name["root"].password_hash = with_password
    by_name["root"].role = "viewer" if drawn.mia_is_the_only_admin else "admin"
