"""An operator adds domains, and support verifies them."""

from __future__ import annotations

import pytest

from tests.flows.domains import let_time_pass
from tests.flows.operators.typing_commands import Operator
from tests.name_server import NameServer


def test_a_domain_is_pending_until_support_says_why_it_is_theirs(acme: Operator) -> None:
    assert "flask domain add acme" in acme.ok("domain list acme")
    assert "flask domain verify acme acme.example" in acme.ok("domain add acme ACME.example.")
    [row] = acme.json("domain list acme")
    assert (row["name"], row["state"], row["verified_at"]) == ("acme.example", "pending", None)
    acme.ok("domain verify acme acme.example --reason 'contract 12'")
    assert "verified" in acme.ok("domain list acme")
    [event] = acme.json("audit list acme --search domain:verified")
    assert (event["actor"], event["subject"], event["details"]) == (
        "support",
        "acme.example",
        {"reason": "contract 12"},
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("domain add acme gmail.com", "public mail domain"),
        ("domain add acme co.uk", "public suffix"),
        ("domain add acme nonsense", "not a domain name"),
        ("domain add acme acme.example", "already a domain of Acme Research"),
        ("domain verify acme other.example --reason x", "Add it first"),
        ("domain verify acme acme.example --reason ' '", "Give the reason"),
        ("domain verify acme acme.example", "--reason"),
    ],
)
def test_a_domain_is_refused_with_the_cure(acme: Operator, line: str, says: str) -> None:
    acme.ok("domain add acme acme.example")
    assert says in acme.refused(line)


@pytest.fixture
def globex(connected: Operator) -> Operator:
    connected.ok("org create globex --name Globex --plan flex --admin cleo@globex.example")
    return connected


def test_a_domain_that_is_verified_elsewhere_cannot_be_added(globex: Operator) -> None:
    assert "another organization" in globex.refused("domain add globex acme.example")


def test_a_domain_is_verified_for_one_organization_only(globex: Operator) -> None:
    for slug in ("acme", "globex"):
        globex.ok(f"domain add {slug} shared.example")
    globex.ok("domain verify acme shared.example --reason theirs")
    assert "another organization" in globex.refused("domain verify globex shared.example --reason theirs")


def test_the_record_of_a_domain_is_looked_for(acme: Operator, dns: NameServer) -> None:
    acme.ok("domain add acme new.example")
    seen = acme.ok("domain check acme new.example")
    assert "no such domain" in seen
    assert "_latchkey-challenge.new.example" in seen
    [row] = acme.json("domain list acme")
    assert (row["state"], row["check_result"], row["check_found"]) == ("failed", "dns_error", ["no_such_domain"])
    assert "a moment ago" in acme.refused("domain check acme new.example")
    dns.txt("new.example", row["record_value"])
    let_time_pass(name="new.example")
    assert "verified" in acme.ok("domain check acme NEW.example")
    assert "operator:domain:verified" in acme.actions()
    table = acme.ok("domain list acme").splitlines()
    assert table[0].split() == ["DOMAIN", "STATE", "ADDED", "VERIFIED", "BY", "CHECKED", "RESULT"]
    assert table[1].endswith("found")


def test_a_domain_that_cannot_be_checked(connected: Operator) -> None:
    assert "verified by support" in connected.refused("domain check acme acme.example")
    assert "Add it first" in connected.refused("domain check acme other.example")
