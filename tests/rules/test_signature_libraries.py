"""The two XML libraries carry the same libxml2 series, and no xmlsec1 program is needed (ADR 0002)."""

from __future__ import annotations

import shutil

import pytest
import xmlsec
from lxml import etree

from tests.factories import EVE, Cast
from tests.signing_in import Browser


def test_both_wheels_carry_the_same_libxml2_series() -> None:
    assert xmlsec.get_libxml_version()[:2] == etree.LIBXML_VERSION[:2]
    assert xmlsec.get_libxml_compiled_version()[:2] == etree.LIBXML_COMPILED_VERSION[:2]


def test_no_process_is_started_during_a_sign_in(cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    import _posixsubprocess
    import os

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a process was started")

    answer = browser.answer_for(cast.acme, EVE)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert shutil.which("xmlsec1") is None
    for module, names in (
        (_posixsubprocess, ("fork_exec",)),
        (os, ("fork", "forkpty", "posix_spawn", "posix_spawnp", "system", "execv", "execve")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    response = browser.post_answer(answer)
    assert response.status_code == 403
    assert "does not create accounts" in response.text, "the decision was reached: everything was validated"
