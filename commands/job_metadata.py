"""The job `metadata`: what identity providers publish is read again, one after the other."""

from __future__ import annotations

import logging
from collections import Counter

from flask import current_app

from database import begin_write, db
from organizations import refreshing
from saml.fetch import fetch_idp_metadata
from saml.metadata import MetadataRefused
from saml.providers import choose

log = logging.getLogger(__name__)

WORDS = {
    "certificates": "with new certificates",
    "draft": "changed and waiting as a draft",
    "failed": "could not be read",
}


def run() -> str:
    """Read what is due. No transaction is open while an address is asked; returns a sentence for the operator."""
    local = current_app.config["LATCHKEY_ENV"] != "production"
    counts: Counter[str] = Counter()
    due = refreshing.due()
    for connection_id, url, entity_id in due:
        db.session.rollback()
        try:
            content = fetch_idp_metadata(url, allow_loopback=local)
            read = choose(content, entity_id, allow_http=local)
        except MetadataRefused as refused:
            begin_write()
            refreshing.failed(connection_id, url, str(refused))
            counts["failed"] += 1
        except Exception:
            # Nobody else's metadata waits behind a document that nobody expected.
            log.exception("metadata of connection %s", connection_id)
            begin_write()
            refreshing.failed(connection_id, url, "It could not be understood. Tell support.")
            counts["failed"] += 1
        else:
            begin_write()
            counts[refreshing.apply(connection_id, url, read)] += 1
        db.session.commit()
    found = [f"{counts[key]} {words}" for key, words in WORDS.items() if counts[key]]
    return f"{len(due)} read" + "".join(f", {words}" for words in found) + "."
