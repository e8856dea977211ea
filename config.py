"""Environment → settings. An unsafe production setting stops the start, in one sentence that names the cure."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

MODES = ("production", "development", "test")
MINIMUM_SECRET_LENGTH = 32


class UnsafeSetting(RuntimeError):
    """The app must not start with this setting."""


def _list(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _secret_keys(environ: Mapping[str, str]) -> tuple[str, list[str]]:
    key, fallbacks = environ.get("SECRET_KEY", ""), _list(environ.get("SECRET_KEY_FALLBACKS", ""))
    for name, value in [("SECRET_KEY", key), *(("SECRET_KEY_FALLBACKS", old) for old in fallbacks)]:
        if len(value) < MINIMUM_SECRET_LENGTH:
            raise UnsafeSetting(
                f"{name} must be at least {MINIMUM_SECRET_LENGTH} random characters: "
                "make one with `python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
            )
    return key, fallbacks


def _base_url(environ: Mapping[str, str], production: bool) -> str:
    url = environ.get("PUBLIC_BASE_URL", "").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise UnsafeSetting("PUBLIC_BASE_URL must be the address people use, without a path: https://app.example.")
    if production and parts.scheme != "https":
        raise UnsafeSetting("PUBLIC_BASE_URL must begin with https:// in production: sign-in is not safe without it.")
    return url


def _key_encryption_keys(environ: Mapping[str, str]) -> list[str]:
    keys = _list(environ.get("KEY_ENCRYPTION_KEY", ""))
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        keys = []
    if not keys:
        raise UnsafeSetting(
            "KEY_ENCRYPTION_KEY must be one or more Fernet keys (newest first), which encrypt private keys at rest: "
            "make one with `python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`."
        )
    return keys


def _proxy_hops(environ: Mapping[str, str]) -> int:
    value = environ.get("TRUSTED_PROXY_HOPS", "0")
    if not value.isdecimal() or int(value) > 5:
        raise UnsafeSetting("TRUSTED_PROXY_HOPS must be the number of reverse proxies in front of the app, 0 to 5.")
    return int(value)


def _database_url(environ: Mapping[str, str], production: bool) -> str:
    url = environ.get("DATABASE_URL", "")
    if not url:
        if production:
            raise UnsafeSetting("DATABASE_URL must be set in production: sqlite:////var/lib/… or postgresql://….")
        url = f"sqlite:///{Path(__file__).parent / 'instance' / 'latchkey.db'}"
    if production and url.startswith("sqlite") and (":memory:" in url or url in ("sqlite://", "sqlite:///")):
        raise UnsafeSetting("DATABASE_URL must not be an in-memory database in production: accounts would be lost.")
    # The driver is ours to choose: psycopg 3 for the address that hosting providers hand out.
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _smtp_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("SMTP_URL", "")
    try:
        parts = urlsplit(url)
        usable = not url or (parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port or 1) > 0)
    except ValueError:
        usable = False
    if not usable:
        raise UnsafeSetting("SMTP_URL must be smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host.")
    return url or None


def _resolvers(environ: Mapping[str, str]) -> list[tuple[str, int]]:
    """(address, port) of each name server to ask for TXT records; none means those of the system."""
    found = []
    for item in _list(environ.get("DNS_RESOLVERS", "")):
        host, _, port = item.rpartition(":") if item.count(":") == 1 or item.startswith("[") else (item, "", "53")
        try:
            found.append((str(ipaddress.ip_address(host.strip("[]"))), int(port or 53)))
        except ValueError as error:
            raise UnsafeSetting(
                "DNS_RESOLVERS must be addresses of name servers: 192.0.2.1, 192.0.2.2:5353."
            ) from error
    return found


def load(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Settings for `Flask.config`. Raises UnsafeSetting with one sentence when the app must not start."""
    mode = environ.get("LATCHKEY_ENV", "production")
    if mode not in MODES:
        raise UnsafeSetting(f"LATCHKEY_ENV must be one of {', '.join(MODES)}.")
    production = mode == "production"
    secret_key, fallbacks = _secret_keys(environ)
    base_url = _base_url(environ, production)
    https = base_url.startswith("https://")
    # A __Host- cookie cannot be set by a sub-domain or sent to another path; it needs HTTPS.
    prefix = "__Host-" if https else ""
    return {
        "LATCHKEY_ENV": mode,
        "TESTING": mode == "test",
        "SECRET_KEY": secret_key,
        "SECRET_KEY_FALLBACKS": fallbacks,
        "PUBLIC_BASE_URL": base_url,
        "SQLALCHEMY_DATABASE_URI": _database_url(environ, production),
        # An error of the database is logged without what was to be stored: addresses, hashes of passwords.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "KEY_ENCRYPTION_KEYS": _key_encryption_keys(environ),
        "TRUSTED_PROXY_HOPS": _proxy_hops(environ),
        "SUPPORT_CONTACT": environ.get("SUPPORT_CONTACT", "support@latchkey.example"),
        # Without SMTP_URL nothing is mailed; what happened stands in the audit log and on the pages.
        "SMTP_URL": _smtp_url(environ),
        "MAIL_FROM": environ.get("MAIL_FROM", "Latchkey <no-reply@latchkey.example>"),
        "DNS_RESOLVERS": _resolvers(environ),
        "SESSION_COOKIE_NAME": f"{prefix}latchkey",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "COOKIE_PREFIX": prefix,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,  # a form is good for as long as the session it was made in
        "MAX_CONTENT_LENGTH": 1_000_000,
        "MAX_FORM_MEMORY_SIZE": 600_000,
        "MAX_FORM_PARTS": 100,
    }
