"""The words that people read: an organization is an organization, and nothing is done successfully or shouted."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.rules.source import ROOT, product_files, read, strings, tree_of

TEMPLATES = sorted(path.relative_to(ROOT) for path in (ROOT / "templates").rglob("*.html"))
# Where sentences for people stand in the code.
SPEAKING = ("app.py", "config.py", "blueprints/", "commands/", "organizations/", "provisioning/", "saml/")
FORBIDDEN = {
    "tenant": "organization",
    "tenants": "organizations",
    "company": "organization",
    "companies": "organizations",
    "successfully": "the consequence",
    "oops": "what happened",
    "sorry": "what to do",
    "please": "the verb alone",
    "login": "sign-in, or sign in",
    "email": "e-mail",
}
# Not words but addresses and names in code that stand inside of sentences.
_NAMES = re.compile(r"\S+@\S+|`[^`]*`|https?://\S+|“email”")


def speaking_strings(tree: ast.AST) -> list[str]:
    """Strings that are sentences or labels: they hold a space and begin like words do."""
    return [text for text in strings(tree) if re.match(r"[A-Z“][\w’'-]*[.,:]? ", text.strip())]


def visible(template: str) -> str:
    """What a template shows: its text and the attributes that are read out."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|<(script|style)\b.*?</\1>", " ", template, flags=re.DOTALL)
    # The strings inside an expression may be shown; its names are not, nor are attributes such as type="email".
    text = re.sub(
        r"\{\{(.*?)\}\}",
        lambda found: " ".join(re.findall(r'(?:(?<!=)|(?<=help=))"([^"]*)"', found[1])),
        text,
        flags=re.DOTALL,
    )
    spoken = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', text)
    return " ".join([re.sub(r"<[^>]*>", " ", text), *spoken])


def complaints(text: str) -> list[str]:
    plain = _NAMES.sub(" ", text)
    found = [word for word in re.findall(r"[\w-]+", plain.casefold()) if word in FORBIDDEN]
    return [*found, *(["!"] if "!" in plain else [])]


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_uses_the_words_of_the_house(path: Path) -> None:
    text = visible(read(path))
    assert complaints(text) == []


@pytest.mark.parametrize("path", [path for path in product_files() if path.as_posix().startswith(SPEAKING)], ids=str)
def test_the_sentences_in_the_code_use_the_words_of_the_house(path: Path) -> None:
    for text in speaking_strings(tree_of(path)):
        assert complaints(text) == [], text


def test_the_sentences_for_people_are_found() -> None:
    wording = speaking_strings(tree_of(Path("provisioning/wording.py")))
    assert len(wording) >= 26
    assert any("Settings" in visible(read(path)) for path in TEMPLATES)
    assert "account menu" in visible(read(Path("templates/layout.html")))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Your tenant is ready.", ["tenant"]),
        ("Saved successfully!", ["successfully", "!"]),
        ("Ask your Company.", ["company"]),
        ("Your email address", ["email"]),
        ("Write to name@company.example.", []),
        ("Accompany somebody to an organization.", []),
    ],
)
def test_a_wrong_word_is_noticed(text: str, complaint: list[str]) -> None:
    assert complaints(text) == complaint
    assert complaints(visible(f"<p class='x'>{text}</p>")) == complaint


def test_markup_is_not_taken_for_words() -> None:
    shows_nothing = '<!doctype html>{# tenant! #}{% if email != login %}<p id="email">{{ company(type="email") }}</p>'
    assert complaints(visible(shows_nothing)) == []
    assert complaints(visible('<button aria-label="Delete the tenant">{{ "Oops" }}</button>')) == ["oops", "tenant"]
    assert complaints(visible('{{ text_field(field, help="Your email!") }}')) == ["email", "!"]
