"""What every page must be: valid, with one heading, labelled controls, and nothing inline."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

import html5lib

_LABELLED = ("input", "select", "textarea")


@dataclass
class Page:
    """A parsed page: `text` is the source, `words` what a reader sees with white space folded."""

    text: str
    root: ET.Element

    @property
    def words(self) -> str:
        main = next(self.root.iter("main"))
        return " ".join(" ".join(main.itertext()).split())

    @property
    def h1(self) -> str:
        return " ".join("".join(next(self.root.iter("h1")).itertext()).split())

    def links(self) -> dict[str, str]:
        """Text → address of every link."""
        return {" ".join("".join(a.itertext()).split()): a.get("href", "") for a in self.root.iter("a")}

    def by_id(self, wanted: str) -> ET.Element | None:
        return next((element for element in self.root.iter() if element.get("id") == wanted), None)

    def forms(self) -> list[ET.Element]:
        return list(self.root.iter("form"))


def parse(text: str) -> Page:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return Page(text, parser.parse(text.replace("<wbr>", "")))  # where a word may break is no gap in it


def check_page(text: str) -> Page:
    page = parse(text)
    elements = list(page.root.iter())
    headings = list(page.root.iter("h1"))
    assert len(headings) == 1, "a page has exactly one h1"
    title = "".join(next(page.root.iter("title")).itertext())
    assert title.startswith(page.h1), f"the title {title!r} begins with the heading {page.h1!r}"
    ids = [element.get("id") for element in elements if element.get("id")]
    assert len(ids) == len(set(ids)), f"ids are unique: {sorted({i for i in ids if ids.count(i) > 1})}"
    labels = {element.get("for") for element in page.root.iter("label")}
    wrapped = {child for label in page.root.iter("label") for child in label.iter()}
    for element in elements:
        assert not isinstance(element.tag, str) or element.tag != "style", "no inline style"
        assert element.get("style") is None, "no style attribute"
        assert not [name for name in element.attrib if name.startswith(("on", "hx-on"))], "no inline handler"
        if element.tag == "script":
            assert element.get("src"), "no inline script"
            assert not (element.text or "").strip(), "no inline script"
        if element.tag in _LABELLED and element.get("type") not in ("hidden", "submit"):
            named = element.get("aria-label") or element.get("aria-labelledby")
            assert element.get("id") in labels or element in wrapped or named, f"{element.attrib} has a label"
        if element.tag == "button":
            named = element.get("aria-label") or element.get("aria-labelledby")
            assert named or "".join(element.itertext()).strip(), "a button has a name"
        if element.tag == "form" and (element.get("method") or "").lower() == "post":
            assert any(field.get("name") == "csrf_token" for field in element.iter("input")), "a CSRF field"
        for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
            for wanted in (element.get(name) or "").split():
                assert wanted in ids, f"{name} points at {wanted}, which is not there"
    return page
