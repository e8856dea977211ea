"""People as CSV: what the list shows, on all its pages, and nothing that a spreadsheet would run."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from flask import Flask
from sqlalchemy import insert

from blueprints.settings.people.export import COLUMNS, cell
from database import db
from models import User
from organizations import finding
from tests.factories import Cast, make_user
from tests.flows.people.conftest import PEOPLE
from tests.signing_in import Browser


def rows_of(browser: Browser, query: str = "") -> list[dict[str, str]]:
    text = browser.get(f"{PEOPLE}.csv{query}").data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_file_with_everybody(cast: Cast, ana: Browser) -> None:
    answer = ana.get(f"{PEOPLE}.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="people-acme-')
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.is_streamed
    first, *_ = rows = rows_of(ana)
    assert tuple(first) == COLUMNS
    assert [row["email"] for row in rows] == ["ana@acme.example", "ben@acme.example", "root@acme.example"]
    assert (first["given_name"], first["role"], first["status"]) == ("Ana", "admin", "active")


def test_a_spreadsheet_reads_names_as_they_are_written(cast: Cast, ana: Browser) -> None:
    """Excel takes a file without a byte order mark for one in the letters of its country."""
    cast.ben.given_name = "Zoë-Łucja"
    db.session.commit()
    content = ana.get(f"{PEOPLE}.csv").data
    assert content.startswith(codecs.BOM_UTF8)
    assert content.count(codecs.BOM_UTF8) == 1
    assert "Zoë-Łucja".encode() in content


def test_only_what_is_filtered(cast: Cast, ana: Browser) -> None:
    make_user(cast.acme, "new@elsewhere.example", status="invited", origin="invitation", invited_by_id=cast.ana.id)
    [row] = rows_of(ana, "?status=invited&q=new")
    assert (row["email"], row["invited_or_created_by"]) == ("new@elsewhere.example", "ana@acme.example")
    assert rows_of(ana, "?q=nobody") == []


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_is_no_formula(cast: Cast, ana: Browser, sign: str) -> None:
    evil = f'{sign}HYPERLINK("http://x","y")'
    make_user(cast.acme, "x@acme.example", given_name=evil, family_name=f"a{sign}b", display_name="“quoted”, \n two")
    [row] = rows_of(ana, "?q=x@acme.example")
    assert row["given_name"] == f"'{evil}"
    assert row["family_name"] == f"a{sign}b"
    assert row["display_name"] == "“quoted”, \n two"
    assert cell(None) == ""


def test_an_address_that_begins_like_a_formula(cast: Cast, ana: Browser) -> None:
    make_user(cast.acme, "+1@acme.example")
    assert "'+1@acme.example" in [row["email"] for row in rows_of(ana)]


def test_in_batches_nobody_is_lost_or_told_twice(
    app: Flask, cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = {"organization_id": cast.acme.id, "role": "viewer", "origin": "setup"}
    db.session.execute(insert(User), [common | {"email": f"p{number:03}@acme.example"} for number in range(97)])
    db.session.commit()
    for size in (1, 10, 50, 100, 101):
        monkeypatch.setattr(finding, "EXPORT_BATCH", size)
        addresses = [row["email"] for row in rows_of(ana)]
        assert len(addresses) == 100
        assert addresses == sorted(set(addresses))
