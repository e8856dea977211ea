"""A process of its own that posts prepared answers to the ACS; started by the race tests as a module.

Reads one JSON object from standard input, prints `ready`, waits for a line, posts, and prints the statuses.
"""

from __future__ import annotations

import json
import sys

from app import create_app


def main() -> None:
    order = json.loads(sys.stdin.readline())
    client = create_app({"SQLALCHEMY_DATABASE_URI": order["database_url"]}).test_client()
    client.set_cookie("latchkey-binding", order["binding"])
    print("ready", flush=True)
    sys.stdin.readline()
    statuses = [client.post(acs, data=fields).status_code for acs, fields in order["posts"]]
    print(json.dumps(statuses), flush=True)


if __name__ == "__main__":
    main()
