"""The checks of a Response, in the order in which they run, and the receipt that records how far one came.

CHECKS is the one table: its names stand on the receipt, in the audit log, on the admin's page and in
`docs/saml.md`. The first check that fails is the refusal; the ones after it do not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# name → what it makes sure of, in words for the admin
CHECKS: dict[str, str] = {
    "form": "The message came by POST, once, in base64, within the size limit",
    "text": "The document is plain UTF-8 XML without a document type, comments or entities",
    "shape": "The document has the shape of one Response with one assertion, and its status is Success",
    "decrypt": "The assertion could be read",
    "signature": "A signature by a key of this connection covers the assertion",
    "issuer": "It comes from this connection's identity provider and is meant for this address",
    "subject": "The subject is confirmed for this address, now",
    "request": "It answers a sign-in that this browser started here",
    "conditions": "Its conditions hold: audience, times, one authentication statement",
    "subject_key": "It names the person in a way that stays the same",
    "email": "It holds at most one e-mail address, well formed",
    "pysaml2": "A second, independent validation of the same document agrees",
    "once": "It has not been used before",
}


class Refused(Exception):
    """A Response failed a check. `detail` is the technical cause, for the admin, without personal data."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(slots=True)
class Receipt:
    """What was checked in one sign-in; `entries` are `{"name", "passed", "detail"}`, ready to be stored."""

    entries: list[dict[str, object]] = field(default_factory=list)

    @contextmanager
    def check(self, name: str) -> Iterator[Note]:
        """Run one check: what is raised inside is its failure, leaving normally is its pass."""
        if name not in CHECKS:
            raise ValueError(f"{name} is not a check")
        note = Note()
        try:
            yield note
        except Refused as refused:
            self.entries.append({"name": name, "passed": False, "detail": refused.detail})
            raise
        except Exception as error:
            # The text of a parser's or pysaml2's exception may hold the document: only its type is kept.
            self.entries.append({"name": name, "passed": False, "detail": f"unexpected {type(error).__name__}"})
            raise Refused(f"unexpected {type(error).__name__}") from error
        self.entries.append({"name": name, "passed": True, "detail": note.text})

    @property
    def failed(self) -> str | None:
        return next((str(entry["name"]) for entry in self.entries if not entry["passed"]), None)


@dataclass(slots=True)
class Note:
    """What a check that passed has to tell, such as which certificate verified."""

    text: str = ""
