"""Addresses and domains have one form, and what only looks like the same is something else."""

from __future__ import annotations

import pytest

from organizations.addresses import (
    AddressRefused,
    as_in_stored,
    domain_of,
    in_unicode,
    normalise_domain,
    normalise_email,
)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("eve@acme.example", "eve@acme.example"),
        ("  Eve@Acme.Example\t", "eve@acme.example"),
        ("EVE.L+tag@ACME.EXAMPLE", "eve.l+tag@acme.example"),
        ("o'brien@acme.example", "o'brien@acme.example"),
        ("eve@münchen.example", "eve@xn--mnchen-3ya.example"),
        ("eve@MÜNCHEN.example", "eve@xn--mnchen-3ya.example"),
        ("eve@xn--mnchen-3ya.example", "eve@xn--mnchen-3ya.example"),
    ],
)
def test_an_address_is_stored_in_one_form(written: str, stored: str) -> None:
    assert normalise_email(written) == stored
    assert normalise_email(stored) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "eve",
        "@acme.example",
        "eve@",
        "eve@acme",
        "eve@@acme.example",
        "eve@acme.example@evil.example",
        "eve l@acme.example",
        "eve@acme example",
        "eve@acme.example\nroot@acme.example",
        "eve\0@acme.example",
        '"eve l"@acme.example',
        '"eve@evil.example"@acme.example',
        "Eve <eve@acme.example>",
        "eve@[127.0.0.1]",
        "eve@127.0.0.1",
        "éve@acme.example",
        "e\u0131ve@acme.example",
        "\u212ave@acme.example",
        "eve@acme..example",
        ".eve@acme.example",
        "eve@-acme.example",
        "e" * 65 + "@acme.example",
        "eve@" + "a" * 250 + ".example",
    ],
)
def test_what_is_no_plain_address_is_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(AddressRefused, match=r"Write .* like "):
        normalise_email(written)


WHOLE, LONG = "Write your whole e-mail address", "This address is too long."


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("éve@acme.example", "“é” cannot stand before the @ here."),
        ("o.ömer@münchen.example", "“ö” cannot stand before the @ here."),
        ("e" * 64 + "@acme.example", None),
        ("e" * 65 + "@acme.example", LONG),
        ("é" * 65 + "@acme.example", LONG),
        ("eve@" + ".".join(["a" * 60] * 4) + ".ab", None),
        ("eve@" + ".".join(["a" * 60] * 4) + ".abcdef", None),
        ("eve.l@" + ".".join(["a" * 60] * 4) + ".abcdef", LONG),
        ("eve@" + "a" * 300 + ".example", LONG),
        ("e" * 1_000_000, LONG),
        ("eve", WHOLE),
        ("ève", WHOLE),
        ("éve@acme", WHOLE),
        ("Éve <eve@acme.example>", WHOLE),
        ("é é@acme.example", WHOLE),
        ("é\u200be@acme.example", WHOLE),
        ("\u200be@acme.example", WHOLE),
        ("e" * 65 + "@acme", WHOLE),
    ],
)
def test_the_true_reason_is_said(written: str, reason: str | None) -> None:
    if reason is None:
        assert normalise_email(written) == written
        return
    with pytest.raises(AddressRefused) as refused:
        normalise_email(written)
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (" ACME.Example. ", "acme.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("ＡＣＭＥ.example", "acme.example"),
        ("acme。example", "acme.example"),
        ("a.b.c.acme.example", "a.b.c.acme.example"),
    ],
)
def test_a_domain_is_stored_in_lower_case_ascii(written: str, stored: str) -> None:
    assert normalise_domain(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        ".",
        "acme",
        "acme..example",
        ".acme.example",
        "acme_x.example",
        "-acme.example",
        "acme-.example",
        "acme example",
        "acme.example/path",
        "eve@acme.example",
        "*.acme.example",
        "xn--.example",
        "a" * 64 + ".example",
        ".".join(["a" * 60] * 5),
    ],
)
def test_what_is_no_domain_is_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(AddressRefused, match=r"Write it like acme\.example\."):
        normalise_domain(written)


@pytest.mark.parametrize(
    "look_alike",
    [
        "\u0430cme.example",  # Cyrillic a
        "acm\u0435.example",  # Cyrillic e
        "acmé.example",
        "acme.examp1e",
        "acme.example.evil.example",
        "evilacme.example",
        "sub.acme.example",
        "xn--acm-dma.example",
    ],
)
def test_a_look_alike_stays_another_domain(look_alike: str) -> None:
    assert normalise_domain(look_alike) != "acme.example"
    assert domain_of(normalise_email(f"eve@{look_alike}")) != "acme.example"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("o@xn--mnchen-3ya.example", "o@münchen.example"),
        ("o@acme.example", "o@acme.example"),
        ("xn--mnchen-3ya@acme.example", "xn--mnchen-3ya@acme.example"),
        ("o@xn--.example", "o@xn--.example"),
        ("o@", "o@"),
        ("", ""),
    ],
)
def test_a_stored_address_as_people_write_it(stored: str, shown: str) -> None:
    assert in_unicode(stored) == shown


@pytest.mark.parametrize(
    ("part", "stored"),
    [
        ("München.example", "xn--mnchen-3ya.example"),
        ("O@MÜNCHEN", "o@xn--mnchen-3ya"),
        ("ö%_", "ö%_"),
        (".münchen", ".münchen"),
        ("ü" * 300, "ü" * 300),
        ("acme", "acme"),
    ],
)
def test_a_part_of_an_address_as_it_is_stored(part: str, stored: str) -> None:
    assert as_in_stored(part) == stored
