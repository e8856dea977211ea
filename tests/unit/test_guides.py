"""The guides per identity provider: complete, made of known values, and naming attributes that we understand."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from organizations import guides
from organizations.guides import Guide, Step
from saml import attributes
from tests.rules.test_words import complaints

GUIDES = pytest.mark.parametrize("guide", guides.every(), ids=lambda guide: guide.key)
UNDERSTOOD = {
    "e-mail": attributes.EMAIL,
    "given name": attributes.GIVEN_NAME,
    "family name": attributes.FAMILY_NAME,
    "groups": attributes.GROUPS,
}
VALUES = {name: f"https://app.example/{name}" for name in guides.PLACEHOLDERS}


def written(guide: Guide) -> str:
    """Everything that a reader sees of it."""
    lines = [guide.name, guide.differs]
    for step in guide.steps:
        lines += [step.title, step.text, step.code]
        lines += [f"{row.field}: {row.value}" for row in step.rows]
        lines += [f"{row.source}: {row.name}" for row in step.attributes]
    return "\n".join(lines)


def of_part(guide: Guide, part: str) -> Step:
    return next(step for step in guide.steps if step.part == part)


def test_the_files_are_the_guides_and_the_one_for_all_others_is_the_last() -> None:
    files = {path.stem for path in guides._FOLDER.glob("*.md")}
    assert files == set(guides.ORDER)
    assert [guide.key for guide in guides.every()] == list(guides.ORDER)
    assert guides.ORDER[-1] == "other"
    assert len({guide.name for guide in guides.every()}) == len(guides.ORDER) == 11


@pytest.mark.parametrize("key", [None, "", "../okta", "nobody"])
def test_a_key_that_is_none_of_ours_finds_nothing(key: str | None) -> None:
    assert guides.find(key) is None


def test_a_key_finds_its_guide() -> None:
    found = guides.find("entra")
    assert found is not None
    assert found.name == "Microsoft Entra ID"


@GUIDES
def test_a_guide_has_every_part_once_and_begins_at_the_beginning(guide: Guide) -> None:
    assert sorted(step.part for step in guide.steps) == sorted(guides.PARTS)
    assert guide.steps[0].part == "begin"
    assert all(step.title and step.text for step in guide.steps)
    assert 20 < len(guide.differs) < 300


@GUIDES
def test_a_guide_gives_our_addresses_and_asks_for_their_metadata_and_the_three_values(guide: Guide) -> None:
    given = guides.placeholders(written(guide))
    assert given <= set(guides.PLACEHOLDERS)
    assert {"acs_url", "entity_id"} <= given or "metadata_url" in given
    back = of_part(guide, "back").text.casefold()
    assert "metadata" in back
    assert "certificate" in back
    assert "by hand" in back


@GUIDES
def test_a_guide_chooses_a_name_id_that_stays_and_a_signature_we_accept(guide: Guide) -> None:
    chosen = of_part(guide, "name_id")
    values = " ".join([chosen.code, *(row.value for row in chosen.rows)]).casefold()
    assert re.search(r"persistent|email", values)
    assert "transient" not in values
    signing = written(replace(guide, steps=(of_part(guide, "signing"),)))
    assert re.search(r"SHA-?256", signing)
    assert "ptional" in of_part(guide, "encryption").text


@GUIDES
def test_the_names_to_send_are_names_we_understand(guide: Guide) -> None:
    names = [row.name.casefold() for step in guide.steps for row in step.attributes]
    for what, understood in UNDERSTOOD.items():
        assert [name for name in names if name in understood], f"{guide.name} sends no {what}"
    assert all(any(name in understood for understood in UNDERSTOOD.values()) for name in names)
    optional = {
        row.name.casefold() for step in guide.steps for row in step.attributes if row.source.endswith("(optional)")
    }
    assert optional == {name for name in names if name in attributes.GROUPS}


@GUIDES
def test_a_guide_uses_the_words_of_the_house_around_the_names_of_others(guide: Guide) -> None:
    ours = [guide.differs, *(step.title for step in guide.steps), *(step.text for step in guide.steps)]
    for text in ours:
        assert complaints("".join(span.text for span in guides.spans(text) if span.kind == "text")) == [], text
        assert "**" not in "".join(span.text for span in guides.spans(text)), text


@GUIDES
def test_a_filled_guide_has_the_values_and_no_placeholder(guide: Guide) -> None:
    filled = written(guides.filled(guide, VALUES))
    assert guides.placeholders(filled) == set()
    for name in guides.placeholders(written(guide)):
        assert VALUES[name] in filled


def test_a_value_that_is_missing_is_noticed_and_what_is_to_copy_is_what_is_ours() -> None:
    okta = guides.every()[0]
    with pytest.raises(KeyError):
        guides.filled(okta, {"acs_url": "https://app.example/acs"})
    rows = of_part(guides.filled(okta, VALUES), "values").rows
    assert [row.to_copy for row in rows] == [True, False, True, False]


@pytest.mark.parametrize(
    "text",
    ["", "Okta\n\nDiffers.\n## begin: Go\nText", "# Okta\n## begin: Go\nText", "# Okta\n\nDiffers."]
    + [f"# Okta\n\nDiffers.\n## {head}\nText" for head in ("begin", "end: Stop", "begin:")],
)
def test_a_file_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a guide begins|not the beginning"):
        guides.read("okta", text)
