"""`flask sso`: the connection of an organization to its identity provider."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from commands.connection_view import addresses, describe, print_addresses, print_versions
from commands.group import OperatorGroup, organization_of
from commands.output import json_option, print_json, warn
from database import begin_write, db
from organizations import activation, audit, connections, domains
from saml.fetch import fetch_idp_metadata
from saml.metadata import read_idp_metadata

MAXIMUM_METADATA = 1_000_000

sso = OperatorGroup("sso", help="Connect an organization to its identity provider (SAML 2.0).")


@sso.command("prepare")
@click.argument("organization_slug", metavar="ORG")
@json_option
def prepare(organization_slug: str, as_json: bool) -> None:
    """Make our addresses for ORG, which its identity provider is given.

    Many identity providers ask for the entity ID and the ACS URL before they hand out their own metadata. Nothing is
    switched on by this, and running it again shows the same addresses.
    """
    begin_write()
    connection = connections.prepare(organization_of(organization_slug), _keys())
    db.session.commit()
    if as_json:
        print_json(addresses(connection))
    else:
        print_addresses(connection)


@sso.command("configure")
@click.argument("organization_slug", metavar="ORG")
@click.option(
    "--metadata",
    required=True,
    metavar="FILE|URL",
    help="The identity provider's SAML metadata: an XML file, or the https:// address it is published at.",
)
@json_option
def configure(organization_slug: str, metadata: str, as_json: bool) -> None:
    """Give ORG the details of its identity provider.

    Every call adds a version. While SSO is not activated, the new version counts at once. Once it is activated, the
    new version is a draft: sign-ins go on as before until `flask sso activate`.

    A URL is read now, and again by `flask jobs run` once the version is live: new certificates are added by
    themselves, any other change becomes a draft.
    """
    organization_of(organization_slug)  # a wrong slug is said before anything is fetched
    content, source = _read(metadata)
    idp = read_idp_metadata(content, allow_http=_in_development())
    begin_write()
    organization = organization_of(organization_slug)
    url = source if "://" in source else None
    configuration = connections.configure(organization, idp, source, _keys(), metadata_url=url)
    db.session.commit()
    connection = organization.connection
    assert connection is not None
    if as_json:
        print_json(describe(organization))
        return
    draft = connection.live_configuration_id != configuration.id
    click.echo(f"{configuration.idp_entity_id} is version {configuration.version} for {organization.name}.")
    click.echo("It is a draft: sign-ins use the live version until you activate it." if draft else "It is not active.")
    click.echo("Give these to the identity provider:")
    print_addresses(connection)


@sso.command("activate")
@click.argument("organization_slug", metavar="ORG")
@click.option("--without-test", is_flag=True, help="Activate a version that no admin has signed in with yet.")
@click.option("--reason", help="Why without a test. The customer reads it in the audit log.")
def activate(organization_slug: str, without_test: bool, reason: str | None) -> None:
    """Let the people of ORG sign in through SSO, with the newest version.

    From then on people on ORG's verified domains sign in through SSO only. Admins keep their password for
    emergencies.

    The version must have been tested by a sign-in of an admin. --without-test goes without that, and then --reason
    must be given.
    """
    if without_test != bool(reason and reason.strip()):
        raise click.UsageError("--without-test and --reason go together: say why there was no test, or leave both out.")
    begin_write()
    organization = organization_of(organization_slug)
    configuration = activation.activate(organization, without_test_reason=reason)
    db.session.commit()
    click.echo(f"SSO is activated for {organization.name}, with version {configuration.version}.")
    if not domains.verified_names(organization):
        warn(
            f"{organization.name} has no verified domain, so no e-mail address leads to its SSO and nobody new gets "
            f"an account. Add one: flask domain add {organization_slug} DOMAIN"
        )


@sso.command("deactivate")
@click.argument("organization_slug", metavar="ORG")
@click.option("--reason", help="Why. The customer reads it in the audit log.")
def deactivate(organization_slug: str, reason: str | None) -> None:
    """Stop sign-in through SSO for ORG.

    Whoever has a password signs in with it again; people whom JIT Provisioning created have none. Nobody is
    provisioned. Sessions that are running go on. All details stay stored; activate again at any time.
    """
    begin_write()
    organization = organization_of(organization_slug)
    activation.deactivate(organization, reason=reason)
    db.session.commit()
    click.echo(f"SSO is deactivated for {organization.name}. Its details stay stored.")


@sso.command("idp-initiated")
@click.argument("organization_slug", metavar="ORG")
@click.argument("state", type=click.Choice(["on", "off"]))
def idp_initiated(organization_slug: str, state: str) -> None:
    """Allow sign-ins of ORG to start at the identity provider, or not.

    Off by default: an answer to a request of ours cannot have been slipped into somebody else's browser.
    """
    begin_write()
    organization = organization_of(organization_slug)
    connections.set_idp_initiated(organization, state == "on", audit.OPERATOR)
    db.session.commit()
    allowed = "may" if state == "on" else "may not"
    click.echo(f"Sign-ins of {organization.name} {allowed} start at the identity provider.")


@sso.command("show")
@click.argument("organization_slug", metavar="ORG")
@json_option
def show(organization_slug: str, as_json: bool) -> None:
    """Show our addresses for ORG, the state of its SSO, and every version.

    The state is one of: not set up, enabled (details accepted), tested, activated.
    """
    organization = organization_of(organization_slug)
    data = describe(organization)
    if as_json:
        print_json(data)
        return
    click.echo(f"SSO is {data['state'].replace('_', ' ')} for {organization.name}.")
    if organization.connection is None:
        click.echo(f"Begin with: flask sso prepare {organization_slug}")
        return
    print_addresses(organization.connection)
    click.echo()
    print_versions(
        data["versions"], nothing=f"No version yet: flask sso configure {organization_slug} --metadata FILE|URL"
    )


def _keys() -> list[str]:
    keys: list[str] = current_app.config["KEY_ENCRYPTION_KEYS"]
    return keys


def _read(metadata: str) -> tuple[bytes, str]:
    """(XML, where it came from): the address, or the name of the file without its folder."""
    if metadata.partition("://")[0].casefold() in ("http", "https"):
        return fetch_idp_metadata(metadata, allow_loopback=_in_development()), metadata
    path = Path(metadata)
    try:
        with path.open("rb") as file:
            content = file.read(MAXIMUM_METADATA + 1)
    except OSError as error:
        raise click.ClickException(
            f"The file {metadata} cannot be read ({error.strerror}). Give an XML file, or a URL with https://."
        ) from error
    if len(content) > MAXIMUM_METADATA:
        raise click.ClickException(f"{metadata} is larger than 1 MB. Give the metadata of one identity provider only.")
    return content, path.name


def _in_development() -> bool:
    """A demo identity provider on this machine has no certificate for HTTPS."""
    return bool(current_app.config["LATCHKEY_ENV"] != "production")
