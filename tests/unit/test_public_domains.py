"""Domains that can be nobody's, from lists that are complete and recorded."""

from __future__ import annotations

import hashlib
import re

import pytest

from organizations.public_domains import free_mail_domains, why_nobodys
from tests.rules.source import ROOT

FOLDER = ROOT / "organizations" / "data" / "free_mail"
EVERYBODY_KNOWS = """
    163.com aol.com fastmail.com gmail.com gmx.de gmx.net googlemail.com hotmail.com icloud.com live.com mail.com
    mail.ru me.com msn.com outlook.com proton.me protonmail.com qq.com web.de yahoo.com yandex.ru zoho.com hotmail.co.uk
    yahoo.co.jp orange.fr libero.it t-online.de mailbox.org tutanota.com mailinator.com
"""


def recorded() -> dict[str, str]:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    return {name.replace("`", ""): value.replace("`", "") for name, value in rows}


def test_the_file_is_the_one_that_was_recorded_and_its_licence_stands_beside_it() -> None:
    digest = hashlib.sha256((FOLDER / "domains.json").read_bytes()).hexdigest()
    assert digest == recorded()["sha256 of domains.json"]
    assert "MIT" in recorded()["licence"]
    assert "MIT License" in (FOLDER / "LICENSE").read_text()


@pytest.mark.parametrize("name", EVERYBODY_KNOWS.split())
def test_a_public_mail_domain(name: str) -> None:
    assert "public mail domain" in (why_nobodys(name) or "")


@pytest.mark.parametrize("name", ["co.uk", "com.au", "github.io", "xn--55qx5d.cn", "kawasaki.jp", "pages.dev", "a.ck"])
def test_a_public_suffix(name: str) -> None:
    assert "public suffix" in (why_nobodys(name) or "")


@pytest.mark.parametrize(
    "name", ["acme.example", "labs.acme.example", "acme.co.uk", "acme.github.io", "city.kawasaki.jp", "mygmail.com"]
)
def test_a_name_of_ones_own(name: str) -> None:
    assert why_nobodys(name) is None


def test_the_list_is_long_and_holds_no_name_of_the_tests() -> None:
    assert len(free_mail_domains()) > 10_000
    assert not [name for name in free_mail_domains() if name.endswith((".example", ".test"))]
    assert all(name == name.strip().lower() and "." in name for name in free_mail_domains())
