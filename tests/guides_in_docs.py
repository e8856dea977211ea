"""The guides as pages for docs/admins/identity-providers, with neutral values: `make guides` writes them."""

from __future__ import annotations

from pathlib import Path

from organizations import guides
from organizations.guides import Guide, Step
from saml.endpoints import endpoints

FOLDER = Path(__file__).parents[1] / "docs" / "admins" / "identity-providers"
OURS = endpoints("https://app.example", "<id>")
VALUES = {
    "acs_url": OURS.acs,
    "entity_id": OURS.entity_id,
    "metadata_url": OURS.metadata,
    "logout_url": OURS.logout,
    "sign_in_url": OURS.start,
}
HEAD = """The same text stands in *Settings → Security* with the values of your connection to copy. Here they are
those of an example: `<id>` is the opaque id of a connection. [What comes before and after](../README.md)"""


def page(guide: Guide) -> str:
    steps = (_step(number, step) for number, step in enumerate(guides.filled(guide, VALUES).steps, start=1))
    return "\n\n".join([f"# {guide.name}", HEAD, guide.differs, *steps]) + "\n"


def _step(number: int, step: Step) -> str:
    parts = [f"## {number}. {step.title}", step.text]
    if step.code:
        parts.append(f"```\n{step.code}\n```")
    if step.rows:
        rows = [f"| {row.field} | {f'`{row.value}`' if row.to_copy else row.value} |" for row in step.rows]
        parts.append("\n".join(["| field | value |", "|---|---|", *rows]))
    if step.attributes:
        rows = [f"| {attribute.source} | `{attribute.name}` |" for attribute in step.attributes]
        parts.append("\n".join(["| there | name to send |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for guide in guides.every():
        (FOLDER / f"{guide.key}.md").write_text(page(guide), encoding="utf-8")


if __name__ == "__main__":
    write()
