"""The checks of a Response, in the order in which they run, and the receipt that records how far one came.

CHECKS is the one table: its names stand on the receipt, in the audit log, on the admin's page and in
`docs/saml.md`. The first check that fails is the refusal; the ones after it do not run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType

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

    def check(self, name: str) -> Check:
        """Run one check: what is raised inside is its failure, leaving normally is its pass."""
        if name not in CHECKS:
            raise ValueError(f"{name} is not a check")
        return Check(name, self.entries)

    @property
    def failed(self) -> str | None:
        return next((str(entry["name"]) for entry in self.entries if not entry["passed"]), None)


@dataclass(slots=True)
class Check:
    """One check while it runs. `text`: what one that passed has to tell, such as which certificate verified."""

    name: str
    entries: list[dict[str, object]]
    text: str = ""

    def __enter__(self) -> Check:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None:
            self._note(True, self.text)
        elif isinstance(error, Refused):
            self._note(False, error.detail)
        elif isinstance(error, Exception):
            # The text of a parser's or pysaml2's exception may hold the document: only its type is kept.
            refused = Refused(f"unexpected {type(error).__name__}")
            self._note(False, refused.detail)
            raise refused from error

    def _note(self, passed: bool, detail: str) -> None:
        self.entries.append({"name": self.name, "passed": passed, "detail": detail})
