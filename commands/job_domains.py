"""The job that looks for the TXT records that are due: pending ones, and those of verified domains."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from flask import current_app

from database import begin_write, db, now
from models import Domain
from organizations import challenges
from organizations.challenges import Question

LOOKS_AT_ONCE = 8  # a name server that is away takes seconds, and the next domain should not wait for it


def run() -> str:
    """Look at every domain that is due, and commit each on its own. Returns a sentence on what came of it."""
    counts = {"checked": 0, "verified": 0, "lost": 0, "found again": 0}
    resolvers = current_app.config["DNS_RESOLVERS"]
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as looking:
        while questions := _begin():
            looks = looking.map(lambda question: question.ask(resolvers), questions)
            for question, seen in zip(questions, looks, strict=True):
                begin_write()
                before = _standing(db.session.get(Domain, question.domain_id))
                after = _standing(challenges.conclude(question, seen, now()))
                db.session.commit()
                counts["checked"] += 1
                if after != before and after in counts:
                    counts["found again" if before == "lost" else after] += 1
    return _sentence(counts)


def _begin() -> Sequence[Question]:
    """The next ones that are due. They are noted as looked at, so that another run at the same time leaves them."""
    begin_write()
    at = now()
    begun = [challenges.begin(db.session.get_one(Domain, id_), at) for id_ in challenges.due(at)]
    db.session.commit()
    return [question for question in begun if question]


def _standing(domain: Domain | None) -> str:
    if domain is None or domain.verified_at is None:
        return "none"
    return "lost" if domain.missing_since else "verified"


def _sentence(counts: dict[str, int]) -> str:
    checked = counts.pop("checked")
    rest = [f"{number} {word}" for word, number in counts.items() if number]
    return ", ".join([f"{checked} domain{'' if checked == 1 else 's'} checked", *rest]) + "."
