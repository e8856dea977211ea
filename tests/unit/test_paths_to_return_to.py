"""After signing in somebody returns to a path of ours, and never to a site of somebody else's."""

from __future__ import annotations

import pytest

from blueprints.auth.browser import own_path


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/o/acme/settings/security",
        "/o/acme/settings/audit-log?q=a%20b&before=7",
        "/search?url=https://evil.example",
        "/a//b",
        "/%2F%2Fevil.example",
        "/ä",
    ],
)
def test_a_path_of_our_own_is_kept(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "settings",
        "https://evil.example/",
        "HTTPS://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\..\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\nLocation: https://evil.example",
        "\t//evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "?next=https://evil.example",
        "@evil.example",
        ".evil.example",
        "/\u2028/evil.example",
        "/" + "a" * 1_000,
    ],
)
def test_anything_else_becomes_the_home_page(path: str | None) -> None:
    assert own_path(path) == "/"
