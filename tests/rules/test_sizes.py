"""A file that outgrows 200 lines is two ideas. The exceptions are named, with the reason and a limit of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.source import ROOT, files_of_the_tests, product_files, read

LARGEST = 200
LARGEST_TEST = 250
# file → (its own limit, why it is one idea all the same)
EXCEPTIONS = {
    "models.py": (720, "every table with its constraints is read against the others; the customer fixed the file"),
    "migrations/versions/0001_first_tables.py": (400, "generated, and never changed after it was released"),
    "provisioning/provisioner.py": (250, "one transaction, read from its beginning to its commit"),
}
TEMPLATES = sorted(path.relative_to(ROOT) for path in (ROOT / "templates").rglob("*.html"))
LIMITS = [
    *((path, EXCEPTIONS.get(path.as_posix(), (LARGEST, ""))[0]) for path in product_files()),
    *((path, LARGEST_TEST) for path in files_of_the_tests()),
    *((path, 120) for path in TEMPLATES),
    (Path("static/app.js"), LARGEST),
    (Path("static/app.css"), 380),
]


def lines_of(path: Path) -> int:
    return len(read(path).splitlines())


@pytest.mark.parametrize(("path", "limit"), LIMITS, ids=str)
def test_a_file_is_one_idea(path: Path, limit: int) -> None:
    assert lines_of(path) <= limit, f"{path} has {lines_of(path)} lines; split it into two ideas"


def test_an_exception_is_needed_and_has_its_reason() -> None:
    for name, (limit, reason) in EXCEPTIONS.items():
        assert LARGEST < lines_of(Path(name)) <= limit, f"{name} needs no exception any more"
        assert len(reason.split()) > 5


def test_every_module_says_what_it_is_for() -> None:
    for path in [*product_files(), *files_of_the_tests()]:
        text = read(path)
        assert not text or text.startswith('"""') or path.parts[0] == "migrations", f"{path} has no docstring"


def test_no_name_says_nothing() -> None:
    """House: names are the field's words; a file called by one of these holds whatever had no place."""
    for path in [*product_files(), *files_of_the_tests()]:
        assert path.stem.strip("_") not in {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
