"""The profile says that no name was sent only to somebody who came by a sign-in that could have sent one."""

from __future__ import annotations

import pytest

from tests.factories import Cast, make_user
from tests.pages import Page
from tests.signing_in import Browser

PROFILE = "/o/acme/settings/profile"
SENT_NONE = "Name Your organization's sign-in sent none"


def test_without_a_name(cast: Cast, browser: Browser, another_browser: Browser, get_page) -> None:
    kim = make_user(cast.acme, "kim@acme.example")
    by_password: Page = get_page(browser.sign_in_as(kim), PROFILE)
    assert "Name None E-mail kim@acme.example" in by_password.words
    assert SENT_NONE not in by_password.words
    by_sso: Page = get_page(another_browser.sign_in_as(kim, "sso"), PROFILE)
    assert SENT_NONE in by_sso.words


@pytest.mark.parametrize("method", ["password", "sso"])
def test_with_a_name(cast: Cast, browser: Browser, get_page, method: str) -> None:
    kim = make_user(cast.acme, "kim@acme.example", display_name="Kim Lo")
    assert "Name Kim Lo E-mail" in get_page(browser.sign_in_as(kim, method), PROFILE).words
