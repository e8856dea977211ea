"""A look at the DNS gives one of a few results, whatever a real name server answers, and never takes long."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from time import monotonic

import pytest

from models import CHALLENGE_LABEL
from organizations import txt_records
from organizations.txt_records import Look, look
from tests.name_server import NameServer

VALUE = "latchkey-verification=0123456789abcdef0123456789abcdef"
NAME = CHALLENGE_LABEL + "acme.example"


@pytest.fixture
def dns() -> Iterator[NameServer]:
    with NameServer() as server:
        yield server


def seen(dns: NameServer) -> Look:
    return look("acme.example", NAME, VALUE, [dns.address])


@pytest.mark.parametrize(
    "values",
    [
        [VALUE],
        ["v=spf1 -all", VALUE],
        [VALUE, "latchkey-verification=of-before"],
        [[VALUE[:10], VALUE[10:]]],
        [f'"{VALUE}"'],
        [f"  {VALUE} "],
        [["x" * 255, "y" * 255], ["z" * 200], VALUE],  # too long for UDP: asked again over TCP
    ],
    ids=["alone", "among others", "beside an old one", "in two strings", "quoted", "with spaces", "over TCP"],
)
def test_the_record_is_found(dns: NameServer, values: list[str | list[str]]) -> None:
    dns.txt("acme.example", *values)
    assert seen(dns) == Look("found")


@pytest.mark.parametrize(
    "value", ["latchkey-verification=other", VALUE[:-1], VALUE + "0", VALUE.upper(), "x " + VALUE, VALUE.split("=")[1]]
)
def test_another_value_is_shown(dns: NameServer, value: str) -> None:
    dns.txt("acme.example", value)
    assert seen(dns) == Look("other", (value,))


def test_two_records_are_not_one_value(dns: NameServer) -> None:
    dns.txt("acme.example", VALUE[:10], VALUE[10:])
    assert seen(dns).result == "other"


def test_of_many_and_long_and_unprintable_values_a_few_are_shown(dns: NameServer) -> None:
    dns.txt("acme.example", ["a" * 255, "b"], "c\x07\x1b[31m", *(f"v{number}" for number in range(9)))
    found = seen(dns).found
    assert len(found) == 5
    assert found[0] == "a" * 254 + "…"
    assert found[1] == "c��[31m"


def test_no_record_at_the_name(dns: NameServer) -> None:
    dns.domain("acme.example")
    assert seen(dns) == Look("nothing")
    assert dns.asked == [f"TXT {NAME}", "SOA acme.example"]


def test_no_txt_record_at_a_name_that_has_others(dns: NameServer) -> None:
    dns.domain("acme.example")
    dns.domain(NAME)
    assert seen(dns) == Look("nothing")


def test_a_record_at_the_domain_itself_does_not_count(dns: NameServer) -> None:
    dns.txt("acme.example", VALUE, at="acme.example")
    assert seen(dns) == Look("nothing")


def test_a_domain_that_does_not_exist(dns: NameServer) -> None:
    assert seen(dns) == Look("dns_error", ("no_such_domain",))


def test_a_challenge_that_points_elsewhere_is_followed(dns: NameServer) -> None:
    dns.cname("acme.example", "challenges.hosting.example")
    assert seen(dns) == Look("nothing")
    dns.txt("hosting.example", VALUE, at="challenges.hosting.example")
    assert seen(dns) == Look("found")


@pytest.mark.parametrize("code", ["SERVFAIL", "REFUSED", "FORMERR"])
def test_a_name_server_that_answers_with_an_error(dns: NameServer, code: str) -> None:
    dns.error("acme.example", code)
    assert seen(dns) == Look("dns_error", ("server_failure",))


def test_a_name_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert txt_records.SECONDS <= 5
    monkeypatch.setattr(txt_records, "SECONDS", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        began = monotonic()
        assert look("acme.example", NAME, VALUE, [silent.getsockname()]) == Look("dns_error", ("time_out",))
        assert monotonic() - began < 2


def test_the_second_question_takes_no_more_than_is_left(dns: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(txt_records, "_left", lambda until: until - monotonic())
    monkeypatch.setattr(txt_records, "SECONDS", 0.0)
    assert seen(dns) == Look("dns_error", ("time_out",))


def test_the_next_name_server_is_asked_when_the_first_fails(dns: NameServer) -> None:
    dns.txt("acme.example", VALUE)
    with NameServer() as failing:
        failing.error("acme.example", "SERVFAIL")
        assert look("acme.example", NAME, VALUE, [failing.address, dns.address]) == Look("found")
        assert failing.asked
