"""A hand-over link as an admin makes it, and the colleague who opens it."""

from __future__ import annotations

from flask import Flask

from tests.flows.setup.ways import SetUp, part
from tests.pages import check_page
from tests.signing_in import Browser


def make(ana: SetUp, colleague: str = "Kim of the IT") -> str:
    """A new link's address, as the page shows it."""
    answer = ana.send("/handover", colleague=colleague)
    assert answer.status_code == 200, answer.text
    address = part(check_page(answer.text), "handover-address")
    assert address.startswith("http://localhost/o/acme/settings/handover/")
    return address.removeprefix("http://localhost")


def open_link(app: Flask, ana: SetUp, address: str) -> SetUp:
    """A colleague's browser that has opened the link."""
    kim = SetUp(Browser(app), ana.organization)
    answer = kim.browser.post(address, {}, page=address)
    assert (answer.status_code, answer.location) == (303, kim.path), answer.text
    return kim
