"""Everything an operator does, as `flask` commands. `docs/operators.md` is the manual; a test keeps them together."""

from __future__ import annotations

from flask import Flask

from commands import audit, domain, jit, jobs, keys, org, people, sso, support


def init_app(app: Flask) -> None:
    groups = (
        org.org,
        domain.domain,
        sso.sso,
        keys.keys,
        support.support,
        jit.jit,
        people.people,
        audit.audit,
        jobs.jobs,
    )
    for group in groups:
        app.cli.add_command(group)
