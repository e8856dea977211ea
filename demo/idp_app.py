"""The demo identity provider as a web application on an origin of its own: pick a person, or be a new one.

One identity provider per sample organization, each with its own entity ID and key. A service provider is trusted
when its metadata can be fetched from the application this demo belongs to.
"""

from __future__ import annotations

import logging
import os
import urllib.request
from pathlib import Path

from flask import Flask, Response, abort, render_template, request
from saml2 import SAMLError

from demo import refuse_production
from demo.cast import SAMPLES, Person
from demo.identity_provider import IdentityProvider, SignRequest

_MAXIMUM = 200


def create_app(
    base_url: str | None = None, application_url: str | None = None, key_folder: Path | None = None
) -> Flask:
    """`application_url` is the origin whose service providers are trusted."""
    refuse_production()
    base_url = base_url or os.environ["DEMO_IDP_URL"]
    application_url = application_url or os.environ["PUBLIC_BASE_URL"]
    key_folder = key_folder or Path(os.environ["DEMO_KEY_FOLDER"])
    app = Flask(__name__)
    samples = {sample.slug: sample for sample in SAMPLES}
    providers = {slug: IdentityProvider(base_url, slug, key_folder) for slug in samples}

    def load(slug: str) -> IdentityProvider:
        if slug not in providers:
            abort(404, "This demo has no identity provider of that name.")
        return providers[slug]

    def read(provider: IdentityProvider, query: str) -> SignRequest:
        try:
            _trust_issuer(provider, query, application_url)
            return provider.read_request(f"{provider.sso_url}?{query}")
        except (SAMLError, KeyError, ValueError, OSError) as error:
            logging.getLogger(__name__).info("request refused: %s", type(error).__name__)
            abort(400, "This is not a signed request of a service provider that this demo knows.")

    @app.get("/<slug>/metadata")
    def metadata(slug: str) -> Response:
        return Response(load(slug).metadata, mimetype="application/samlmetadata+xml")

    @app.get("/<slug>/sso")
    def choose(slug: str) -> str:
        read(load(slug), request.query_string.decode())
        return render_template("pick.html", sample=samples[slug], query=request.query_string.decode())

    @app.post("/<slug>/sso")
    def answer(slug: str) -> str:
        provider = load(slug)
        sign_request = read(provider, request.form["query"])
        return render_template("post.html", answer=provider.answer(sign_request, _chosen(samples[slug].known_to_idp)))

    return app


def _chosen(known: tuple[Person, ...]) -> Person:
    picked = {person.email: person for person in known}.get(request.form.get("person", ""))
    if picked:
        return picked
    email = request.form.get("email", "").strip()[:_MAXIMUM]
    if not email:
        abort(400, "Pick a person, or write an e-mail address.")
    groups = tuple(group.strip() for group in request.form.get("groups", "").split(",") if group.strip())
    first_name, last_name = (request.form.get(name, "").strip()[:_MAXIMUM] for name in ("first_name", "last_name"))
    return Person(email, first_name, last_name, groups)


def _trust_issuer(provider: IdentityProvider, query: str, application_url: str) -> None:
    """Fetch the metadata of an issuer that is not known yet, from our own application only."""
    issuer = provider.issuer_of(query)
    if provider.trusts(issuer) or not issuer.startswith(f"{application_url}/saml/"):
        return
    with urllib.request.urlopen(issuer, timeout=5) as answer:  # noqa: S310  the prefix was compared
        provider.trust(answer.read(100_000))
