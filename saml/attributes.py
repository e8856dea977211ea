"""What identity providers really send → e-mail, names, groups.

Attributes are found by Name or FriendlyName, case-folded, in the order of the lists below: the first that has a
value wins. The lists are `docs/saml.md`'s, and a test holds them together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from saml.receipt import Refused

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
MICROSOFT = "http://schemas.microsoft.com/ws/2008/06/identity/claims/"

EMAIL = (
    "email",
    "mail",
    "emailaddress",
    "email_address",
    "user.email",
    "useremail",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "urn:oid:1.2.840.113549.1.9.1",
    f"{CLAIMS}emailaddress",
)
# These often hold a login name instead, so they count only where they look like an address.
EMAIL_IF_ADDRESS = (f"{CLAIMS}name", f"{CLAIMS}upn")
GIVEN_NAME = (
    "firstname",
    "first_name",
    "givenname",
    "given_name",
    "user.firstname",
    "urn:oid:2.5.4.42",
    f"{CLAIMS}givenname",
)
FAMILY_NAME = (
    "lastname",
    "last_name",
    "sn",
    "surname",
    "familyname",
    "family_name",
    "user.lastname",
    "urn:oid:2.5.4.4",
    f"{CLAIMS}surname",
)
DISPLAY_NAME = (
    "displayname",
    "display_name",
    "cn",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "urn:oid:2.5.4.3",
    "http://schemas.microsoft.com/identity/claims/displayname",
)
GROUPS = (
    "groups",
    "group",
    "memberof",
    "member",
    "ismemberof",
    "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
    f"{MICROSOFT}groups",
    f"{MICROSOFT}role",
    "role",
    "roles",
    "http://schemas.xmlsoap.org/claims/group",
)
PAIRWISE_ID = ("urn:oasis:names:tc:saml:attribute:pairwise-id",)
SUBJECT_ID = ("urn:oasis:names:tc:saml:attribute:subject-id",)

MAXIMUM_NAME_LENGTH = 200
# Not printable, and yet part of how a word is written: in Persian, in Indic scripts, in emoji.
JOINERS = "\u200c\u200d"
MAXIMUM_GROUPS = 500
# Plain ASCII before anything is lower-cased: some other letters turn into ASCII ones when they are.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:" + _LABEL + r"\.)+" + _LABEL)
MAXIMUM_EMAIL_LENGTH = 254


class Attributes:
    """The attributes of one verified assertion: (Name, FriendlyName or None, values).

    `mapping` is the organization's own, field → name; its name goes before the usual ones.
    """

    def __init__(
        self,
        attributes: Sequence[tuple[str, str | None, Sequence[str]]],
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        self.received = attributes
        self._own = {field: name.strip().casefold() for field, name in (mapping or {}).items()}
        self._by_name: dict[str, list[str]] = {}
        for name, friendly_name, values in attributes:
            for key in dict.fromkeys(filter(None, (name, friendly_name))):
                self._by_name.setdefault(key.strip().casefold(), []).extend(value.strip() for value in values)

    def names(self, field: str, usual: Sequence[str]) -> Sequence[str]:
        """Under which names this field is looked for."""
        return (self._own[field], *usual) if field in self._own else usual

    def values(self, names: Sequence[str], accept: Callable[[str], object] = bool) -> list[str]:
        """The distinct non-empty values of the first of `names` that has any that `accept` takes."""
        for name in names:
            if name not in self._by_name:
                continue
            values = [value for value in self._by_name[name] if value and accept(value)]
            if values:
                return list(dict.fromkeys(values))
        return []

    def first(self, field: str, usual: Sequence[str]) -> str | None:
        """A display value: printable, with joiners inside, of bounded length. None when there is none."""
        text = "".join(next(iter(self.values(self.names(field, usual))), ""))
        if not text.isprintable():
            text = "".join(letter for letter in text if letter.isprintable() or letter in JOINERS)
        return text[:MAXIMUM_NAME_LENGTH].strip(" " + JOINERS) or None

    @property
    def groups(self) -> tuple[str, ...]:
        names = [self._own["groups"]] if "groups" in self._own else GROUPS
        found = [value for name in names for value in self._by_name.get(name, ()) if value]
        return tuple(dict.fromkeys(found))[:MAXIMUM_GROUPS]


def looks_like_address(value: str) -> bool:
    return len(value) <= MAXIMUM_EMAIL_LENGTH and _ADDRESS.fullmatch(value) is not None


def read_email(attributes: Attributes, name_id: str | None) -> str | None:
    """The one e-mail address, or None when none was sent. Raises Refused when it is ambiguous or malformed."""
    values = (
        attributes.values(attributes.names("email", EMAIL))
        or attributes.values(EMAIL_IF_ADDRESS, looks_like_address)
        or [value for value in (name_id,) if value and looks_like_address(value)]
    )
    if len({value.lower() if value.isascii() else value for value in values}) > 1:
        raise Refused("the assertion holds several different e-mail addresses")
    if values and not looks_like_address(values[0]):
        raise Refused("the e-mail address in the assertion is not a plain address of at most 254 ASCII characters")
    return values[0] if values else None
