"""docs/admins: the guides are those of the product, the index leads to all of them, and no link leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from organizations import guides
from organizations.guides import Guide
from tests.guides_in_docs import FOLDER, page
from tests.rules.test_words import complaints

DOCS = FOLDER.parents[1]
ADMINS = sorted((DOCS / "admins").rglob("*.md"))
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def anchors(document: Path) -> set[str]:
    """The fragments of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("guide", guides.every(), ids=lambda guide: guide.key)
def test_a_guide_in_the_documents_is_the_one_in_the_product(guide: Guide) -> None:
    assert (FOLDER / f"{guide.key}.md").read_text(encoding="utf-8") == page(guide), "run make guides"


def test_there_is_no_guide_that_the_product_does_not_have() -> None:
    assert {path.stem for path in FOLDER.glob("*")} == set(guides.ORDER)


def test_the_index_names_every_guide_in_the_order_of_the_product() -> None:
    index = (DOCS / "admins" / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\[([^]]+)\]\(identity-providers/(\w+)\.md\)", index)
    assert linked == [(guide.name, guide.key) for guide in guides.every()]


@pytest.mark.parametrize("path", ADMINS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target, anchor in _LINK.findall(path.read_text(encoding="utf-8")):
        document = (path.parent / target).resolve() if target else path
        assert document.exists(), f"{path.name}: {target}"
        assert not anchor or anchor in anchors(document), f"{path.name}: {target}#{anchor}"


@pytest.mark.parametrize("path", [path for path in ADMINS if path.parent != FOLDER], ids=lambda path: path.name)
def test_the_documents_use_the_words_of_the_house(path: Path) -> None:
    pictures_as_links = path.read_text(encoding="utf-8").replace("![", "[")
    assert complaints(pictures_as_links) == []
