"""The short ways in front of pysaml2's functions give what pysaml2's give: the same answer, or the same exception."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from saml2 import time_util, validate
from saml2.saml import XSI_TYPE, AttributeValue, AttributeValueBase

from saml import client, remembered

TEXTS = [
    "",
    " ",
    "Lindqvist",
    "2026-07-14T12:00:00Z",
    "2026-07-14T12:00:00.123Z",
    "2026-07-14T12:00:60Z",
    "2026-07-14 12:00:00",
    "2026-02-30T12:00:00Z",
    "yesterday",
    "urn:oasis:names:tc:SAML:2.0:cm:bearer",
    "https://idp.example/sso?a=b#c",
    "http://[broken",
    "http://[::1]:99999/",
    "x" * 500,
    "true",
    "12",
    "\x00",
    "a\x0bb",
    "a\tb\r\nc",
    "\ud800",
    "\ufffe",
    "\U0001f600",
    "ſtraße",
]
OTHERS: list[Any] = [None, 0, 12, 1.5, True, b"bytes", b"\xff"]
TYPES = [None, "", "xs:string", "xsd:string", "xs:integer", "xs:boolean", "xs:date", "xs:anyType", "my:type", "string"]
FUNCTIONS = [
    (remembered.str_to_time, remembered.str_to_time.__wrapped__),
    (remembered.valid_any_uri, remembered.valid_any_uri.__wrapped__),
    (remembered.valid_string, remembered._valid_string),
]


def outcome(function: Callable[..., Any], *arguments: Any) -> object:
    try:
        return function(*arguments)
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("value", TEXTS + OTHERS, ids=ascii)
@pytest.mark.parametrize(("ours", "theirs"), FUNCTIONS, ids=lambda function: function.__name__)
def test_the_same_answer(ours: Callable[..., Any], theirs: Callable[..., Any], value: Any) -> None:
    for _again in range(2):
        assert outcome(ours, value) == outcome(theirs, value)


@pytest.mark.parametrize("base64encode", [False, True])
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("value", TEXTS + OTHERS, ids=ascii)
def test_the_same_attribute_value(value: Any, kind: str | None, base64encode: bool) -> None:
    made: list[object] = []
    for set_text in (remembered.set_text, remembered._set_text):
        instance = AttributeValue()
        if kind is not None:
            instance.set_type(kind)
        result = outcome(set_text, instance, value, base64encode)
        made.append((result is instance or result, instance.__dict__))
    assert made[0] == made[1]


def test_an_attribute_value_is_made_and_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def make() -> list[dict[str, Any]]:
        made = [AttributeValue(), AttributeValue(text="a"), AttributeValue(extension_attributes={XSI_TYPE: "xs:date"})]
        return [instance.__dict__ for instance in made]

    short = make()
    monkeypatch.setattr(AttributeValueBase, "set_text", remembered._set_text)
    assert make() == short


def test_they_stand_where_pysaml2_looks() -> None:
    assert client.remembered is remembered, "the module that makes clients installs it"
    assert time_util.str_to_time is remembered.str_to_time
    assert validate.VALIDATOR["string"] is validate.valid_string is remembered.valid_string
    assert validate.VALIDATOR["anyURI"] is remembered.valid_any_uri
    assert AttributeValueBase.set_text is remembered.set_text
    remembered.install()
    assert time_util.str_to_time.__wrapped__ is not remembered.str_to_time


def test_what_is_long_is_not_kept() -> None:
    kept = remembered.valid_any_uri.__closure__
    assert kept is not None
    [cache] = [cell.cell_contents for cell in kept if hasattr(cell.cell_contents, "cache_info")]
    before = cache.cache_info().currsize
    remembered.valid_any_uri("urn:" + "x" * 1_000)
    assert cache.cache_info().currsize == before


def test_the_names_are_still_pysaml2s() -> None:
    """In a process of its own, without ours: what is replaced has to be there under these names."""
    program = (
        "import saml2.response as r; from saml2 import time_util as t, validate as v; from saml2.saml import "
        "AttributeValueBase as a; assert r.str_to_time is t.str_to_time; assert a.set_text; "
        "assert v.VALIDATOR['string'] is v.valid_string; assert v.VALIDATOR['anyURI'] is v.valid_any_uri"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60)
