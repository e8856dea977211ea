"""What no template may hold, whatever the browser's policy would stop: anything inline, anything evaluated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rules.source import ROOT, product_files, read

TEMPLATES = sorted(
    path.relative_to(ROOT) for folder in ("templates", "demo/templates") for path in (ROOT / folder).rglob("*")
)
FORBIDDEN = {
    "an inline style": r"<style\b|\sstyle\s*=",
    "an inline script": r"<script\b(?![^>]*\ssrc=)[^>]*>|<script\b[^>]*>\s*[^<\s]",
    "an inline handler": r"\son[a-z]+\s*=",
    "evaluated htmx": r"\bhx-on|\bhx-vars|\bjs:|\bjavascript:",
    "htmx that 2 and 4 do not share": r"\bhx-(boost|push-url|ext|disinherit|disable|history)\b",
    "unescaped output": r"\|\s*safe\b|autoescape|\bMarkup\b",
    "an address of another host": r"(src|href|action)\s*=\s*[\"'](https?:)?//",
}
PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in FORBIDDEN.items()}
_FORM = re.compile(r"<form\b(?P<tag>[^>]*)>(?P<inside>.*?)</form>", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def found_in(text: str) -> list[str]:
    without = _COMMENT.sub("", text)
    return [name for name, pattern in PATTERNS.items() if pattern.search(without)]


def forms_without_csrf(text: str) -> list[str]:
    posts = [form for form in _FORM.finditer(text) if re.search(r"method=[\"']?post", form["tag"], re.IGNORECASE)]
    return [
        form["tag"]
        for form in posts
        if not re.search(r"\{\{ (csrf_field\(\)|hidden_fields\(\w+\)) \}\}", form["inside"])
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_holds_nothing_inline_and_nothing_evaluated(path: Path) -> None:
    assert path.suffix in (".html", "")
    if path.suffix:
        assert found_in(read(path)) == []


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.parts[0] == "templates"], ids=str)
def test_every_form_that_posts_carries_its_csrf_field(path: Path) -> None:
    if path.suffix:
        text = read(path)
        assert forms_without_csrf(text) == []
        assert text.count("<form") == len(_FORM.findall(text))
        for form in _FORM.finditer(text):
            assert re.search(r'method="(get|post)" action="', form["tag"]), "a form says how and where"
            if "hx-post" in form["tag"]:
                [action] = re.findall(r'\saction="([^"]+)"', form["tag"])
                path = action.partition("#")[0]  # the place on the page is for a page that is loaded
                assert f'hx-post="{path}"' in form["tag"], "the form works the same without JavaScript"


@pytest.mark.parametrize("path", product_files(), ids=str)
def test_no_code_marks_text_as_safe(path: Path) -> None:
    assert not re.search(r"\bMarkup\b|render_template_string|jinja_env\.autoescape", read(path))


def test_a_fragment_is_one_element_with_the_name_of_its_file() -> None:
    for path in TEMPLATES:
        if path.name.startswith("_"):
            body = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", read(path), flags=re.DOTALL).strip()
            first = body.partition(">")[0]
            assert f' id="{path.stem.removeprefix("_")}"' in first, path


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<p style="color:red">', "an inline style"),
        ("<style>p{}</style>", "an inline style"),
        ("<script>alert(1)</script>", "an inline script"),
        ('<script src="a.js">alert(1)</script>', "an inline script"),
        ("<button onclick = 'x()'>", "an inline handler"),
        ('<button hx-on:click="x()">', "evaluated htmx"),
        ('<a href="javascript:x()">', "evaluated htmx"),
        ("<a hx-boost='true'>", "htmx that 2 and 4 do not share"),
        ("{{ name | safe }}", "unescaped output"),
        ("{% autoescape false %}", "unescaped output"),
        ('<script src="https://cdn.example/x.js"></script>', "an address of another host"),
        ('<img src="//cdn.example/x.png">', "an address of another host"),
    ],
)
def test_what_is_forbidden_is_noticed(text: str, what: str) -> None:
    assert found_in(text) == [what]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ('<form method="post" action="/x"><input name="a"></form>', 1),
        ("<form action='/x' METHOD=POST></form>", 1),
        ('<form method="post" action="/x">{{ csrf_field() }}</form>', 0),
        ('<form method="post" action="/x">{{ hidden_fields(form) }}</form>', 0),
        ('<form method="get" action="/x"></form>', 0),
        ('<form method="post">{{ csrf_field() }}</form><form method="post"></form>', 1),
    ],
)
def test_a_form_without_its_field_is_noticed(text: str, missing: int) -> None:
    assert len(forms_without_csrf(text)) == missing
