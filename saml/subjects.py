"""The keys by which people of an identity provider are known; `rules.subject_key` makes them."""

from __future__ import annotations

EMAIL = "email:"  # before an address that stands in for a name
_NO_ADDRESS = ("pairwise-id:", "subject-id:")


def of_address(address: str) -> tuple[str, str]:
    """The keys of somebody whom their identity provider names by this address, which is lower-case."""
    return address, f"{EMAIL}{address}"


def names_an_address(subject: str) -> bool:
    """Whether it is somebody's address, and so not the name of a person with another one."""
    return "@" in subject and not subject.startswith(_NO_ADDRESS)
