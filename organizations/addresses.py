"""E-mail addresses and domains in the one form in which they are stored and compared."""

from __future__ import annotations

import re

import idna
from email_validator import EmailNotValidError, validate_email

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
LONGEST, LONGEST_BEFORE = 254, 64  # RFC 5321; LONGEST_BEFORE the @
_NOT_WHOLE = "Write your whole e-mail address, like name@company.example."
_TOO_LONG = (
    f"This address is too long. Write one with at most {LONGEST_BEFORE} characters before the @ and {LONGEST} in all, "
    "like name@company.example."
)
_OTHER_LETTER = (
    "“{letter}” cannot stand before the @ here. Write an address with unaccented letters, digits and signs there, "
    "like name@company.example."
)


class AddressRefused(ValueError):
    """Not an address or a domain that can be used; the text says what to do."""


def normalise_domain(text: str) -> str:
    """Lower-case ASCII (IDNA 2008, RFC 5891) without a trailing dot. Raises AddressRefused."""
    try:
        name = idna.encode(text.strip().rstrip("."), uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressRefused(f"“{text.strip()}” is not a domain name. Write it like acme.example.") from error
    labels = name.split(".")
    # The last label of an IP address is a number, that of a domain never is.
    numbered = labels[-1].isdecimal()
    if numbered or len(labels) < 2 or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(f"“{text.strip()}” is not a domain name. Write it like acme.example.")
    return name


def normalise_email(text: str) -> str:
    """Trimmed, the whole address case-folded, the domain in IDNA. Raises AddressRefused.

    Syntax as RFC 5321: ASCII before the @ (case-folding other letters can turn one mailbox into another), no quoted
    local part. Whether the mailbox exists is not asked.
    """
    address = text.strip()
    if len(address) > LONGEST:
        raise AddressRefused(_TOO_LONG)
    try:
        parts = validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise AddressRefused(_why_not(address)) from error
    return f"{parts.local_part.casefold()}@{normalise_domain(parts.domain)}"


def in_unicode(email: str) -> str:
    """A stored address as people write its domain: `o@münchen.example`. For showing beside the stored form, never
    alone and never to be compared: other letters may look like those of another domain.
    """
    before, at, domain = email.rpartition("@")
    try:
        return before + at + idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return email


def as_in_stored(part: str) -> str:
    """A part of an address, as people write it, as it stands in stored ones: whole labels of a domain in IDNA."""
    before, at, domain = part.casefold().rpartition("@")
    try:
        return before + at + idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return before + at + domain


def _why_not(address: str) -> str:
    """What to do about an address that cannot be used; what is no address at all has to be written whole."""
    before, _at, domain = address.rpartition("@")
    try:
        validate_email(f"{before[:LONGEST_BEFORE]}@{domain}", check_deliverability=False, strict=True)
    except EmailNotValidError:
        return _NOT_WHOLE
    if len(before) > LONGEST_BEFORE:
        return _TOO_LONG
    other = next((letter for letter in before if not letter.isascii()), "")
    return _OTHER_LETTER.format(letter=other) if other.isprintable() and other else _NOT_WHOLE


def domain_of(email: str) -> str:
    return email.rpartition("@")[2]
