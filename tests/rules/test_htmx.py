"""The vendored htmx is the file that was recorded, and the only script of others."""

from __future__ import annotations

import hashlib
import re

from tests.rules.source import ROOT, read

FOLDER = ROOT / "static" / "vendor" / "htmx"


def recorded() -> dict[str, str]:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    return {name.replace("`", ""): value.replace("`", "") for name, value in rows}


def test_the_file_is_the_one_that_was_recorded() -> None:
    digest = hashlib.sha256((FOLDER / "htmx.min.js").read_bytes()).hexdigest()
    assert digest == recorded()["sha256 of htmx.min.js"]
    assert re.fullmatch(r"[0-9a-f]{64}", digest)


def test_it_is_version_4_0_1_and_says_so_itself() -> None:
    assert recorded()["version"] == "4.0.1"
    assert b'"4.0.1"' in (FOLDER / "htmx.min.js").read_bytes()


def test_its_licence_stands_beside_it() -> None:
    assert "Zero-Clause BSD" in (FOLDER / "LICENSE").read_text()
    assert "Zero-Clause BSD" in recorded()["licence"]


def test_there_is_no_other_script_than_this_and_ours() -> None:
    scripts = {path.relative_to(ROOT).as_posix() for path in (ROOT / "static").rglob("*.js")}
    assert scripts == {"static/app.js", "static/vendor/htmx/htmx.min.js"}
    layout = read((ROOT / "templates" / "layout.html").relative_to(ROOT))
    assert set(re.findall(r"filename='(.+?\.js)'", layout)) == {"app.js", "vendor/htmx/htmx.min.js"}


def test_our_own_script_evaluates_and_stores_nothing() -> None:
    text = (ROOT / "static" / "app.js").read_text()
    for word in (
        "eval(",
        "new Function",
        "innerHTML",
        "outerHTML",
        "document.write",
        "localStorage",
        "sessionStorage",
        "document.cookie",
        "insertAdjacentHTML",
        "fetch(",
        "XMLHttpRequest",
    ):
        assert word not in text, word
