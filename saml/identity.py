"""A verified identity. Only this package makes one, after every check passed (a test holds that)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the identity provider says has signed in, read from the verified element only.

    `subject` is the key: the NameID, or what stands in for a transient or absent one. `email` is as the IdP sent
    it, in plain ASCII, or None. `expires_at` is when the assertion can no longer be replayed anywhere.
    """

    idp_entity_id: str
    assertion_id: str
    subject: str
    name_id: str | None
    name_id_attributes: dict[str, str]
    session_index: str | None
    session_not_on_or_after: datetime | None
    expires_at: datetime
    email: str | None
    given_name: str | None
    family_name: str | None
    display_name: str | None
    groups: tuple[str, ...]
