"""`flask keys`: the encryption keys of a connection, and their roll-over."""

from __future__ import annotations

import click
from flask import current_app

from commands.group import OperatorGroup, organization_of
from commands.output import json_option, print_json, print_table
from database import begin_write, db
from organizations import encryption_keys
from saml.keys import fingerprint, read_certificate

keys = OperatorGroup("keys", help="Keys for which an identity provider may encrypt what it sends.")


@keys.command("list")
@click.argument("organization_slug", metavar="ORG")
@json_option
def list_keys(organization_slug: str, as_json: bool) -> None:
    """List the keys of ORG that are published and tried, the newest first."""
    connection = organization_of(organization_slug).connection
    rows = [
        {"id": key.id, "sha256": fingerprint(read_certificate(key.certificate)), "created_at": key.created_at}
        for key in (connection.encryption_keys if connection else [])
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("ID", "MADE", "SHA-256"),
        [(row["id"], row["created_at"], row["sha256"]) for row in rows],
        nothing=f"No key yet. The first one is made with the connection: flask sso prepare {organization_slug}",
    )


@keys.command("add")
@click.argument("organization_slug", metavar="ORG")
def add(organization_slug: str) -> None:
    """Make a new key for ORG beside the ones there are.

    Both are published in our metadata and tried. Let the identity provider read our metadata again, sign in once, and
    then retire the old key.
    """
    begin_write()
    organization = organization_of(organization_slug)
    key = encryption_keys.add(organization, current_app.config["KEY_ENCRYPTION_KEYS"])
    db.session.commit()
    click.echo(f"Key {key.id} is published for {organization.name}. Let the identity provider read our metadata again.")


@keys.command("retire")
@click.argument("organization_slug", metavar="ORG")
@click.argument("key_id", type=int)
def retire(organization_slug: str, key_id: int) -> None:
    """Stop publishing and trying the key KEY_ID of ORG. The last one cannot be retired."""
    begin_write()
    organization = organization_of(organization_slug)
    encryption_keys.retire(organization, key_id)
    db.session.commit()
    click.echo(f"Key {key_id} of {organization.name} is retired: what is encrypted for it is refused from now on.")
