"""The rules of the product that the tables themselves hold, whatever the code above them does."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from database import db, now
from models import Domain, Identity, Membership, Organization, SignInSession, User, Workspace
from tests.factories import Cast, make_connection

pytestmark = pytest.mark.both_databases


def refused(*rows: object) -> None:
    db.session.add_all(rows)
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_one_account_for_an_address_in_an_organization(cast: Cast) -> None:
    values = {"email": "ana@acme.example", "role": "viewer", "origin": "setup"}
    refused(User(organization_id=cast.acme.id, **values))
    db.session.add(User(organization_id=cast.globex.id, **values))
    db.session.commit()


def test_nobody_is_a_member_of_another_organizations_workspace(cast: Cast) -> None:
    general = db.session.scalars(select(Workspace).where(Workspace.organization_id == cast.globex.id)).one()
    for organization in (cast.acme, cast.globex):
        refused(Membership(organization_id=organization.id, workspace_id=general.id, user_id=cast.ben.id))


def test_an_identity_of_one_organization_never_leads_to_a_user_of_another(cast: Cast) -> None:
    connection = cast.acme.connection
    values = {"connection_id": connection.id, "idp_entity_id": "https://idp.example", "subject": "x"}
    for organization in (cast.acme, cast.globex):
        refused(Identity(organization_id=organization.id, user_id=cast.cleo.id, **values))


def test_a_session_belongs_to_the_organization_of_its_user(cast: Cast) -> None:
    refused(SignInSession(organization_id=cast.acme.id, user_id=cast.cleo.id, method="sso", expires_at=now()))


def test_a_subject_leads_to_one_user_and_a_user_has_one_subject(cast: Cast) -> None:
    values = {
        "organization_id": cast.acme.id,
        "connection_id": cast.acme.connection.id,
        "idp_entity_id": "https://idp.example",
    }
    db.session.add(Identity(subject="ana", user_id=cast.ana.id, **values))
    db.session.commit()
    refused(Identity(subject="ana", user_id=cast.ben.id, **values))
    refused(Identity(subject="another", user_id=cast.ana.id, **values))


def test_a_verified_domain_belongs_to_one_organization(cast: Cast) -> None:
    db.session.add(Domain(organization_id=cast.globex.id, name="acme.example"))
    db.session.commit()
    pending = db.session.scalars(
        select(Domain).where(Domain.organization_id == cast.globex.id, Domain.name == "acme.example")
    ).one()
    pending.verified_at = now()
    refused(pending)


def test_there_is_one_general_workspace(cast: Cast) -> None:
    refused(Workspace(organization_id=cast.acme.id, name="Another", is_general=True))


def test_a_connection_is_activated_only_with_a_configuration(cast: Cast) -> None:
    connection = make_connection(cast.globex, activated=False)
    connection.live_configuration_id = None
    connection.activated_at = now()
    refused(connection)


def test_the_live_configuration_is_the_connections_own_organizations(cast: Cast) -> None:
    foreign = make_connection(cast.globex).live_configuration_id
    cast.acme.connection.live_configuration_id = foreign
    refused(cast.acme.connection)


def test_an_account_that_jit_made_has_its_provenance(cast: Cast) -> None:
    refused(User(organization_id=cast.acme.id, email="x@acme.example", role="viewer", origin="jit"))


@pytest.mark.parametrize(("column", "value"), [("role", "owner"), ("status", "asleep"), ("origin", "import")])
def test_unknown_words_are_refused(cast: Cast, column: str, value: str) -> None:
    setattr(cast.ben, column, value)
    refused(cast.ben)


def test_the_operator_never_has_jit(cast: Cast) -> None:
    operator = Organization(slug="operator", name="Operator", plan="flex", is_operator=True, jit_on=True)
    refused(operator)
