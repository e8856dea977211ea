"""What identity providers call things: every name of the lists, however it is written, and values that are none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from saml.attributes import DISPLAY_NAME, FAMILY_NAME, GIVEN_NAME, MAXIMUM_GROUPS, Attributes, read_email
from saml.receipt import Refused

MICROSOFT = "http://schemas.microsoft.com"
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
# The lists of the design, written out once more: a name that is lost from the code would lose people's e-mail.
EMAIL_NAMES = f"""
    email mail emailaddress email_address user.email useremail urn:oid:0.9.2342.19200300.100.1.3
    urn:oid:1.2.840.113549.1.9.1 {CLAIMS}emailaddress {CLAIMS}name {CLAIMS}upn
""".split()
GIVEN_NAMES = f"""
    firstname first_name givenname given_name user.firstname urn:oid:2.5.4.42 {CLAIMS}givenname
""".split()
FAMILY_NAMES = f"""
    lastname last_name sn surname familyname family_name user.lastname urn:oid:2.5.4.4 {CLAIMS}surname
""".split()
DISPLAY_NAMES = f"""
    displayname display_name cn urn:oid:2.16.840.1.113730.3.1.241 urn:oid:2.5.4.3
    {MICROSOFT}/identity/claims/displayname
""".split()
GROUP_NAMES = f"""
    groups group memberof member ismemberof urn:oid:1.3.6.1.4.1.5923.1.5.1.1
    {MICROSOFT}/ws/2008/06/identity/claims/groups {MICROSOFT}/ws/2008/06/identity/claims/role role roles
    http://schemas.xmlsoap.org/claims/group
""".split()
KINDS = {"email": EMAIL_NAMES, "given": GIVEN_NAMES, "family": FAMILY_NAMES, "display": DISPLAY_NAMES}
EVERY_NAME = [(kind, name) for kind, names in (*KINDS.items(), ("groups", GROUP_NAMES)) for name in names]


def read(kind: str, attributes: Attributes) -> object:
    if kind == "email":
        return read_email(attributes, None)
    if kind == "groups":
        return attributes.groups[0] if attributes.groups else None
    usual = {"given": GIVEN_NAME, "family": FAMILY_NAME, "display": DISPLAY_NAME}[kind]
    return attributes.first(f"{kind}_name", usual)


def named(name: str, *values: str, friendly: str | None = None) -> tuple[str, str | None, Sequence[str]]:
    return name, friendly, values


@pytest.mark.parametrize(("kind", "name"), EVERY_NAME, ids=lambda text: text.rpartition("/")[2])
def test_each_name_is_found_as_name_and_as_friendly_name_in_any_case(kind: str, name: str) -> None:
    value = "Eve@Acme.example" if kind == "email" else "Eve"
    for written in (name, name.upper(), name.title(), f" {name} "):
        assert read(kind, Attributes([named(written, value)])) == value
        assert read(kind, Attributes([named("urn:example:unheard-of", value, friendly=written)])) == value


@pytest.mark.parametrize(("kind", "name"), EVERY_NAME, ids=lambda text: text.rpartition("/")[2])
def test_an_attribute_without_a_value_is_none(kind: str, name: str) -> None:
    for values in ([], [""], ["  \n "]):
        assert read(kind, Attributes([named(name, *values)])) is None


def test_the_first_name_of_the_list_that_has_a_value_wins() -> None:
    for names in KINDS.values():
        kind = next(kind for kind, listed in KINDS.items() if listed is names)
        values = [f"v{number}@acme.example" for number in range(len(names))]
        pairs = list(zip(names, values, strict=True))
        for number in range(len(names)):
            backwards = Attributes([named(name, value) for name, value in reversed(pairs[number:])])
            assert read(kind, backwards) == values[number]


def test_nothing_else_is_taken_for_an_address() -> None:
    attributes = Attributes([named("e-mail", "eve@acme.example"), named("urn:example:mail", "eve@acme.example")])
    assert read_email(attributes, None) is None


@pytest.mark.parametrize("name", [f"{CLAIMS}name", f"{CLAIMS}upn"])
def test_a_login_name_counts_only_where_it_looks_like_an_address(name: str) -> None:
    assert read_email(Attributes([named(name, "ACME\\eve")]), "eve@acme.example") == "eve@acme.example"
    assert read_email(Attributes([named(name, "eve@acme.example")]), "other@acme.example") == "eve@acme.example"
    assert read_email(Attributes([named(name, "eve@acme.example"), named("mail", "eve.l@acme.example")]), None) == (
        "eve.l@acme.example"
    )


@pytest.mark.parametrize(
    ("name_id", "read_as"),
    [("eve@acme.example", "eve@acme.example"), ("a8f3-77", None), ("eve@acme", None), (None, None), ("", None)],
)
def test_the_name_id_is_the_last_place_to_look(name_id: str | None, read_as: str | None) -> None:
    assert read_email(Attributes([]), name_id) == read_as
    assert read_email(Attributes([named("mail", "eve@acme.example")]), name_id) == "eve@acme.example"


def test_the_same_address_twice_is_one_and_two_addresses_are_refused() -> None:
    same = Attributes([named("email", "eve@acme.example", "Eve@ACME.example"), named("EMAIL", "eve@acme.example")])
    assert read_email(same, None) == "eve@acme.example"
    for pair in (("eve@acme.example", "mallory@acme.example"), ("eve@acme.example", "\u212ave@acme.example")):
        with pytest.raises(Refused, match="several different"):
            read_email(Attributes([named("email", *pair)]), None)
    with pytest.raises(Refused, match="several different"):
        read_email(Attributes([named("email", "eve@acme.example"), named("Email", "bo@acme.example")]), None)


@pytest.mark.parametrize(
    "value",
    [
        "eve",
        "eve@acme",
        "eve@acme.example, bo@acme.example",
        "eve@acme.example;bo@acme.example",
        "Eve <eve@acme.example>",
        '"eve"@acme.example',
        "eve@acme.example\nbo@acme.example",
        "eve@acme.example\0",
        "eve@@acme.example",
        "eve@evil.example@acme.example",
        "\u212ave@acme.example",  # the Kelvin sign is a k in lower case
        "eve@acme.\u0130nc",
        "eve@[127.0.0.1]",
        "e" * 65 + "@acme.example",
        "eve@" + "a" * 60 + ("." + "a" * 60) * 4,
    ],
)
def test_what_is_not_a_plain_address_is_refused_and_not_repaired(value: str) -> None:
    with pytest.raises(Refused, match="254 ASCII characters") as refused:
        read_email(Attributes([named("email", value)]), None)
    assert value not in refused.value.detail, "the refusal holds no personal data"


def test_a_name_is_printable_and_of_bounded_length() -> None:
    assert Attributes([named("givenName", " E\x1b[2Jve\u202e\n ")]).first("given_name", GIVEN_NAME) == "E[2Jve"
    assert Attributes([named("givenName", "\u200b\x07")]).first("given_name", GIVEN_NAME) is None
    assert len(Attributes([named("givenName", "e" * 5_000)]).first("given_name", GIVEN_NAME) or "") == 200
    assert Attributes([named("givenName", "Eve", "Eva")]).first("given_name", GIVEN_NAME) == "Eve"


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("क्\u200dष", "क्\u200dष"),
        ("Ada 👩\u200d💻", "Ada 👩\u200d💻"),
        (" \u200c Eve\u200d \u200d", "Eve"),
        ("\u200d\u200c \u200d", None),
        ("Ev\u202ee\u2066 \u200eLind\u200fq\u061cvist\ufeff\u2060\u200b\u00ad", "Eve Lindqvist"),
        ("ع\u202e\u200cلی", "ع\u200cلی"),
        ("e" * 199 + "\u200dx", "e" * 199),
        ("e\u200d" * 5_000, ("e\u200d" * 100)[:-1]),
    ],
    ids=["persian", "hindi", "emoji", "ends", "nothing else", "not seen", "beside", "cut", "long"],
)
def test_joiners_inside_a_name_stay_and_nothing_else_that_is_not_seen(sent: str, read_as: str | None) -> None:
    assert Attributes([named("displayName", sent)]).first("display_name", DISPLAY_NAME) == read_as


def test_groups_are_collected_from_every_naming_once_each_up_to_a_limit() -> None:
    attributes = Attributes([named("role", "b", "a"), named("groups", "a", "", " c "), named("memberOf", "c")])
    assert sorted(attributes.groups) == ["a", "b", "c"]
    many = Attributes([named("groups", *(f"g{number}" for number in range(2_000)))])
    assert len(many.groups) == MAXIMUM_GROUPS
