"""Signing in and out: the sign-in page, passwords, and the SAML endpoints of each connection."""

from flask import Blueprint

blueprint = Blueprint("auth", __name__)

from blueprints.auth import (  # noqa: E402, F401  the routes of this blueprint
    asking,
    pages,
    passwords,
    saml_endpoints,
    second_factor,
    set_password,
    sign_in_tests,
    signing_out,
    single_logout,
)
