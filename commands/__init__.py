"""Everything an operator does, as `flask` commands. `docs/operators.md` is the manual; a test keeps them together."""

from __future__ import annotations

from flask import Flask

from commands import audit, domain, jit, keys, org, people, sso, support


def init_app(app: Flask) -> None:
    for group in (org.org, domain.domain, sso.sso, keys.keys, support.support, jit.jit, people.people, audit.audit):
        app.cli.add_command(group)
