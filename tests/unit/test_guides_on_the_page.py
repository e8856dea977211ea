"""The fragments of the set-up page that show a guide and let one choose among them."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import html

from organizations import guides
from organizations.guides import Guide
from tests.guides_in_docs import VALUES

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[2] / "templates"), autoescape=True, undefined=StrictUndefined
)
GUIDES = pytest.mark.parametrize("guide", guides.every(), ids=lambda guide: guide.key)


def rendered(guide: Guide) -> html.HtmlElement:
    page = TEMPLATES.get_template("settings/_guide.html").render(guide=guides.filled(guide, VALUES))
    return html.fragment_fromstring(page)


def chooser(chosen: Guide | None) -> html.HtmlElement:
    page = TEMPLATES.get_template("settings/_guides.html").render(guides=guides.every(), guide=chosen)
    return html.fragment_fromstring(page)


@GUIDES
def test_nothing_stays_unfilled_and_every_id_is_there_once(guide: Guide) -> None:
    element = rendered(guide)
    assert guides.placeholders(element.text_content()) == set()
    ids = element.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert all(name == "guide" or name.startswith("guide-") for name in ids)


@GUIDES
def test_the_steps_are_numbered_and_what_is_carried_over_has_a_button_of_its_own(guide: Guide) -> None:
    element = rendered(guide)
    assert len(element.xpath("./ol/li")) == len(guide.steps)
    targets = element.xpath("//button/@data-copy")
    carried = {element.get_element_by_id(target).text_content() for target in targets}
    assert len(targets) == len(set(targets))
    assert {row.name for step in guide.steps for row in step.attributes} <= carried
    assert {row.value for step in guides.filled(guide, VALUES).steps for row in step.rows if row.to_copy} <= carried
    names = [" ".join(button.text_content().split()) for button in element.xpath("//button")]
    assert all(len(name) > len("Copy ") for name in names)


def test_values_are_escaped_like_any_text() -> None:
    guide = guides.filled(guides.every()[0], dict.fromkeys(guides.PLACEHOLDERS, "https://x.example/<b>"))
    page = TEMPLATES.get_template("settings/_guide.html").render(guide=guide)
    assert "<b>" not in page
    assert "https://x.example/&lt;b&gt;" in page


@GUIDES
def test_the_choice_is_a_list_of_links_with_the_chosen_one_marked(guide: Guide) -> None:
    links = chooser(guide).xpath("./ul/li/a")
    assert [link.get("href") for link in links] == [f"?idp={key}#guide" for key in guides.ORDER]
    assert [link.text_content() for link in links if link.get("aria-current") == "true"] == [guide.name]


def test_without_a_choice_no_link_is_marked() -> None:
    assert chooser(None).xpath("//a[@aria-current]") == []
