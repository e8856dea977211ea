"""How commands print: a table or labelled lines for people, JSON for programs; warnings go to standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click

GAP = "  "

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def print_json(data: Any) -> None:
    """Times as ISO 8601 in UTC. Everything beyond ASCII is escaped, so no name can drive the terminal."""
    click.echo(json.dumps(data, indent=2, default=_json_value))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[Any]], nothing: str) -> None:
    """Aligned columns; `nothing` is the sentence for an empty list."""
    lines = [[cell(value) for value in row] for row in rows]
    if not lines:
        click.echo(nothing)
        return
    widths = [max(map(len, column)) for column in zip(headings, *lines, strict=True)]
    for line in (headings, *lines):
        click.echo(GAP.join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def print_fields(fields: Iterable[tuple[str, Any]]) -> None:
    """One line a field, label first."""
    pairs = [(label, cell(value)) for label, value in fields]
    width = max(len(label) for label, _ in pairs)
    for label, text in pairs:
        click.echo(f"{label.ljust(width)}{GAP}{text}".rstrip())


def warn(sentence: str) -> None:
    click.echo(f"Warning: {sentence}", err=True)


def counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number:,} {word}s"


def cell(value: Any) -> str:
    """One line of printable text: names and addresses come from outside and must not move the cursor."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return "".join(letter if letter.isprintable() else "?" for letter in str(value))


def _json_value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no JSON form here")
