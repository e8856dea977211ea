"""An operator adds domains, and support verifies them."""

from __future__ import annotations

import pytest

from tests.flows.operators.typing_commands import Operator


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


def test_a_domain_is_verified_for_one_organization_only(connected: Operator) -> None:
    connected.ok("org create globex --name Globex --plan flex --admin cleo@globex.example")
    connected.ok("domain add globex acme.example")
    assert "another organization" in connected.refused("domain verify globex acme.example --reason theirs")
