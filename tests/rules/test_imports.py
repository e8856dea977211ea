"""Who may import whom: the table of the house, read from the code."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.rules.source import ROOMS, TOP, calls, imported, product_files, strings, tree_of

# A room imports from rooms that stand lower, and from itself.
LAYERS = {
    "app": 8,
    "demo": 8,
    "migrations": 8,
    "commands": 7,
    "blueprints": 6,
    "provisioning": 5,
    "organizations": 4,
    "saml": 3,
    "models": 2,
    "database": 1,
    "config": 1,
}
FEATURES = {path.parts[1] for path in product_files() if path.parts[0] == "blueprints" and len(path.parts) > 2}
MAY_COMMIT = ("commands/", "blueprints/", "provisioning/provisioner.py", "demo/seed.py")


def complaints(path: Path, tree: ast.AST) -> list[str]:
    """What this file does that the table does not allow."""
    name, room = path.as_posix(), path.parts[0].removesuffix(".py")
    found = [*_about_imports(name, room, set(imported(tree))), *_about_identities(name, room, tree)]
    if "commit" in calls(tree) and not name.startswith(MAY_COMMIT):
        found.append("commits")
    if name != "blueprints/htmx.py" and any("HX-" in text for text in strings(tree)):
        found.append("writes or reads an HX- header")
    return found


def _about_imports(name: str, room: str, names: set[str]) -> list[str]:
    found = []
    feature = name.split("/")[1] if room == "blueprints" and name.count("/") > 1 else None
    for target in sorted(names):
        first, second = [*target.split("."), ""][:2]
        if first == "app":
            found.append("imports app")
        elif first in LAYERS and first != room and LAYERS[first] >= LAYERS[room]:
            found.append(f"imports upward: {target}")
        elif first == room == "blueprints" and second in FEATURES and second != feature:
            found.append(f"imports sideways: {target}")
        elif first == "saml2" and room not in ("saml", "demo"):
            found.append("imports saml2")
        elif first == "flask" and room in ("saml", "provisioning", "organizations", "models", "database", "config"):
            found.append("knows of HTTP")
        elif name == "provisioning/decision.py" and first not in sys.stdlib_module_names:
            found.append(f"is not pure: {target}")
    return found


def _about_identities(name: str, room: str, tree: ast.AST) -> list[str]:
    """A verified identity is made in saml/ only; the stored one of models goes by another name."""
    local = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "saml.identity"
        for alias in node.names
    }
    made = local & set(calls(tree)) or ("saml.identity" in imported(tree) and "Identity" in calls(tree))
    return ["makes a verified identity"] if made and room != "saml" else []


@pytest.mark.parametrize("path", product_files(), ids=str)
def test_a_file_keeps_to_the_table(path: Path) -> None:
    assert complaints(path, tree_of(path)) == []


def test_every_file_of_the_product_is_looked_at() -> None:
    rooms = {path.parts[0].removesuffix(".py") for path in product_files()}
    assert rooms == {*ROOMS, *TOP}
    assert rooms == set(LAYERS)
    assert len(product_files()) > 60


@pytest.mark.parametrize(
    ("path", "code", "complaint"),
    [
        ("models.py", "from organizations import audit", "imports upward: organizations.audit"),
        ("saml/rules.py", "def f():\n    import provisioning.facts", "imports upward: provisioning.facts"),
        ("saml/rules.py", "from organizations.audit import record", "imports upward: organizations.audit.record"),
        ("provisioning/facts.py", "from blueprints import access", "imports upward: blueprints.access"),
        ("blueprints/access.py", "import commands", "imports upward: commands"),
        ("commands/org.py", "from demo.cast import SAMPLES", "imports upward: demo.cast.SAMPLES"),
        ("demo/seed.py", "from app import create_app", "imports app"),
        ("config.py", "import database", "imports upward: database"),
        (
            "blueprints/settings/people.py",
            "from blueprints.auth import pages",
            "imports sideways: blueprints.auth.pages",
        ),
        ("blueprints/access.py", "from blueprints import auth", "imports sideways: blueprints.auth"),
        ("organizations/domains.py", "import saml2.sigver", "imports saml2"),
        ("saml/rules.py", "from flask import request", "knows of HTTP"),
        ("provisioning/decision.py", "from sqlalchemy import select", "is not pure: sqlalchemy.select"),
        ("provisioning/decision.py", "import models", "is not pure: models"),
        ("organizations/jit.py", "db.session.commit()", "commits"),
        ("saml/service_provider.py", "session.commit()", "commits"),
        ("app.py", 'response.headers["HX-Redirect"] = "/"', "writes or reads an HX- header"),
        ("provisioning/facts.py", "from saml.identity import Identity\nIdentity()", "makes a verified identity"),
        ("provisioning/facts.py", "from saml.identity import Identity as I\nI()", "makes a verified identity"),
        ("blueprints/x.py", "import saml.identity\nsaml.identity.Identity()", "makes a verified identity"),
    ],
)
def test_what_the_table_forbids_is_noticed(path: str, code: str, complaint: str) -> None:
    assert complaints(Path(path), ast.parse(code)) == [complaint]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("provisioning/provisioner.py", "from models import Identity as Stored\nStored()\ndb.session.commit()"),
        ("saml/service_provider.py", "from saml.identity import Identity\nIdentity()\nimport saml2"),
        ("blueprints/settings/people.py", '"""Says HX-Request."""\nfrom blueprints.settings import sentences'),
        ("provisioning/decision.py", "from enum import StrEnum"),
    ],
)
def test_what_the_table_allows_is_left_alone(path: str, code: str) -> None:
    assert complaints(Path(path), ast.parse(code)) == []
