"""A look at the DNS: does the TXT record of a challenge stand where it should? No database; a few seconds at most.

The name server is somebody else's, slow or away when it likes: nobody may look while holding a write transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import dns.exception
import dns.nameserver
import dns.resolver

SECONDS = 4.0  # for all of one look; the first question may take them, what is left is for the second
_ONE_TRY = 1.5
_MOST_SHOWN, _LONGEST_SHOWN = 5, 255  # of values that a stranger's zone may hold by the hundred


@dataclass(frozen=True, slots=True)
class Look:
    """`result` is one of models.CHECK_RESULTS but `taken`.

    `found`: for `other` the values that stood there instead; for `dns_error` which one: `time_out`,
    `no_such_domain` or `server_failure`.
    """

    result: str
    found: tuple[str, ...] = ()


def look(
    domain: str, name: str, value: str, resolvers: Sequence[tuple[str, int]], seconds: float | None = None
) -> Look:
    """Look for `value` in the TXT records at `name`, of this domain; `resolvers` as in the setting DNS_RESOLVERS."""
    until = monotonic() + SECONDS
    try:
        resolver = _resolver(resolvers)
        try:
            values = _values(resolver, name, until)
        except dns.resolver.NXDOMAIN:
            return Look("nothing") if _exists(resolver, domain, until) else Look("dns_error", ("no_such_domain",))
        except dns.resolver.NoAnswer:
            return Look("nothing")
    except dns.exception.Timeout:
        return Look("dns_error", ("time_out",))
    except dns.exception.DNSException:  # SERVFAIL, REFUSED, an answer that makes no sense, no resolver at all
        return Look("dns_error", ("server_failure",))
    if any(_bare(found) == value for found in values):
        return Look("found")
    return Look("other", tuple(_printable(found) for found in values[:_MOST_SHOWN]))


def _resolver(resolvers: Sequence[tuple[str, int]]) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=not resolvers)
    if resolvers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(address, port) for address, port in resolvers]
    resolver.timeout = _ONE_TRY
    return resolver


def _values(resolver: dns.resolver.Resolver, name: str, until: float) -> list[str]:
    """The text of each record. A long one is sent in strings of 255 bytes that belong together (RFC 7208, 3.3)."""
    answer = resolver.resolve(f"{name}.", "TXT", search=False, lifetime=_left(until))
    return sorted(b"".join(record.strings).decode("utf-8", "replace") for record in answer)


def _exists(resolver: dns.resolver.Resolver, domain: str, until: float) -> bool:
    """Whether the domain itself is there: without it no record can be, and its name may be mistyped."""
    try:
        resolver.resolve(f"{domain}.", "SOA", search=False, lifetime=_left(until), raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return False
    return True


def _left(until: float) -> float:
    return max(0.1, until - monotonic())


def _bare(value: str) -> str:
    """Quotation marks and spaces come along when a value is pasted into a form that adds its own."""
    return value.strip().strip('"').strip()


def _printable(value: str) -> str:
    text = "".join(letter if letter.isprintable() else "�" for letter in value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
