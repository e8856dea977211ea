"""Domains that can be nobody's: anybody may have a mailbox there, or register a name below. Both lists are offline.

Free mail domains are vendored in `data/free_mail/`, with their source and hash; the Public Suffix List
(https://publicsuffix.org/list/) is the one inside of the package `publicsuffixlist`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from publicsuffixlist import PublicSuffixList

_FREE_MAIL = Path(__file__).parent / "data" / "free_mail" / "domains.json"
# Well-known ones that the vendored list does not have.
_MISSING_THERE = """
    disroot.org hey.com keemail.me kolabnow.com mailbox.org mozmail.com pobox.com riseup.net startmail.com tuta.com
    tutamail.com tutanota.com zohomail.eu
"""


@cache
def free_mail_domains() -> frozenset[str]:
    """Read once a process."""
    return frozenset(json.loads(_FREE_MAIL.read_text(encoding="utf-8"))) | frozenset(_MISSING_THERE.split())


@cache
def _suffixes() -> PublicSuffixList:
    # With its private section: below github.io, too, each name belongs to somebody else.
    return PublicSuffixList(only_icann=False)


def why_nobodys(name: str) -> str | None:
    """The sentence that refuses this normalised domain, or None when it can belong to an organization."""
    if name in free_mail_domains():
        return f"{name} is a public mail domain, where anybody can have an address. Use your own domain."
    if _suffixes().is_public(name):
        return f"{name} is a public suffix: names below it belong to different owners. Use your own name below it."
    return None
