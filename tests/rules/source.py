"""The product's own Python files, as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("commands", "blueprints", "provisioning", "organizations", "saml", "demo", "migrations")
TOP = ("app", "config", "database", "models")


def product_files() -> list[Path]:
    """Paths below the root, tests not among them."""
    rooms = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in [*rooms, *(ROOT / f"{name}.py" for name in TOP)])


def files_of_the_tests() -> list[Path]:
    return sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(read(path), str(path))


def imported(tree: ast.AST) -> Iterator[str]:
    """The dotted name of everything imported anywhere in it; `from a import b` is `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def docstrings(tree: ast.AST) -> set[ast.Constant]:
    """The string constants that only describe: they stand alone as a statement."""
    found = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {value for value in found if isinstance(value, ast.Constant)}


def strings(tree: ast.AST) -> Iterator[str]:
    """Every string that the code uses, docstrings left out."""
    described = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in described:
            yield node.value


def calls(tree: ast.AST) -> Iterator[str]:
    """The last name of every call: `commit` for `db.session.commit()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.func.id
