"""What an admin does at the identity provider, step by step, in the words of that product.

The text stands in one file per identity provider beside this one. The settings page fills in the values of the
connection; `docs/admins/identity-providers/` is written from the same files, with neutral values.

A file holds, in this order: `# name`, a paragraph of what this identity provider does differently, and steps that
begin with `## part: title`. In a step, `- field = value` is a field there and what to put into it, `- source -> name`
is an attribute to send, lines indented by four spaces are text for a file, and all else is a paragraph. `**word**` is
written so on their pages, `` `word` `` is to be typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

ORDER = (
    "okta",
    "entra",
    "google",
    "onelogin",
    "pingone",
    "jumpcloud",
    "adfs",
    "keycloak",
    "shibboleth",
    "simplesamlphp",
    "other",
)
# What every guide has to say, in whatever order that identity provider asks for it.
PARTS = ("begin", "values", "name_id", "attributes", "signing", "encryption", "people", "back")
# The values of a connection: the fields of `saml.endpoints.Endpoints` under the names that people know.
PLACEHOLDERS = ("acs_url", "entity_id", "metadata_url", "logout_url", "sign_in_url")

_FOLDER = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SPAN = re.compile(r"\*\*(?P<name>[^*]+)\*\*|`(?P<code>[^`]+)`")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence. `kind` is `text`, `name` (a word of their pages) or `code`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A field of theirs and what belongs in it; `to_copy` where that is a value of the connection."""

    field: str
    value: str
    to_copy: bool


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """An attribute to send: where they take it from, and the name we understand."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    part: str
    title: str
    text: str
    rows: tuple[Row, ...] = ()
    attributes: tuple[AttributeRow, ...] = ()
    code: str = ""

    @property
    def spans(self) -> tuple[Span, ...]:
        return spans(self.text)


@dataclass(frozen=True, slots=True)
class Guide:
    """`differs`: what this identity provider is known to do in its own way."""

    key: str
    name: str
    differs: str
    steps: tuple[Step, ...]

    @property
    def differs_spans(self) -> tuple[Span, ...]:
        return spans(self.differs)


def spans(text: str) -> tuple[Span, ...]:
    """The sentence, cut where it names something of theirs or something to type."""
    found, end = [], 0
    for match in _SPAN.finditer(text):
        found.append(Span("text", text[end : match.start()]))
        found.append(Span("name" if match["name"] else "code", match["name"] or match["code"]))
        end = match.end()
    found.append(Span("text", text[end:]))
    return tuple(span for span in found if span.text)


@cache
def every() -> tuple[Guide, ...]:
    """All guides, in the order in which they are offered."""
    return tuple(read(key, (_FOLDER / f"{key}.md").read_text(encoding="utf-8")) for key in ORDER)


def find(key: str | None) -> Guide | None:
    """The guide of this key, or None where there is none; `key` may come from an address."""
    return next((guide for guide in every() if guide.key == key), None)


def read(key: str, text: str) -> Guide:
    """Raises ValueError where the file does not have the form that is described above."""
    head, *steps = re.split(r"^## ", text, flags=re.MULTILINE)
    name, _, differs = head.partition("\n")
    if not name.startswith("# ") or not differs.strip() or not steps:
        raise ValueError(f"{key}: a guide begins with its name and with what differs, and has steps")
    return Guide(key, name.removeprefix("# ").strip(), _joined(differs.splitlines()), tuple(map(_step, steps)))


def _step(text: str) -> Step:
    head, *lines = text.splitlines()
    part, _, title = head.partition(": ")
    if part not in PARTS or not title:
        raise ValueError(f"not the beginning of a step: {head}")
    items = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    pairs = [item.partition(" = ") for item in items if " -> " not in item]
    sent = [item.partition(" -> ") for item in items if " -> " in item]
    return Step(
        part=part,
        title=title,
        text=_joined([line for line in lines if not line.startswith(("- ", "    "))]),
        rows=tuple(Row(field, value, bool(_PLACEHOLDER.search(value))) for field, _, value in pairs),
        attributes=tuple(AttributeRow(source, name) for source, _, name in sent),
        code="\n".join(line[4:] for line in lines if line.startswith("    ")),
    )


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())


def placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def filled(guide: Guide, values: Mapping[str, str]) -> Guide:
    """The guide with the values of one connection, {placeholder: value}. Raises KeyError where one is missing."""

    def fill(text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: values[found[1]], text)

    steps = (
        replace(
            step,
            text=fill(step.text),
            rows=tuple(replace(row, value=fill(row.value)) for row in step.rows),
            code=fill(step.code),
        )
        for step in guide.steps
    )
    return replace(guide, steps=tuple(steps))
