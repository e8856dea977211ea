"""What a page costs an organization of ten people and one of ten thousand: the same pages, asked in turns."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import event, update

from bench.over_http import database
from bench.people_world import FEW, MANY, RARE, PeopleWorld, build_people, id_of
from bench.validating import Times, timed
from bench.world import Customer
from database import db
from models import Organization, User
from organizations import sessions

SMALL, LARGE = f"{FEW} people", f"{MANY:,} people"
SEARCHES = "search"  # how their names begin
PEOPLE = "people"

# What is asked for → its address below the settings, of the organization that is asked.
Address = Callable[[Customer], str]
PAGES: dict[str, Address] = {
    "Security tab": lambda it: "security",
    "all sign-ins": lambda it: "security/sign-ins",
    "People, first page": lambda it: PEOPLE,
    # Behind the first letter of all, and in the middle of ten thousand.
    "People, deep in the list": lambda it: f"{PEOPLE}?after={'a' if it.number == 0 else 'farid.g'}",
    "People, back from there": lambda it: f"{PEOPLE}?before={'z' if it.number == 0 else 'farid.g'}",
    "People, by role, status, origin": lambda it: f"{PEOPLE}?role=viewer&status=active&origin=jit",
    "People, by a status of many": lambda it: f"{PEOPLE}?status=active",
    "People, by a status of one in ten": lambda it: f"{PEOPLE}?status=deactivated",
    "People, by a role of one": lambda it: f"{PEOPLE}?role=admin",
    "one person": lambda it: f"{PEOPLE}/{id_of(it, 1)}",
    f"{SEARCHES}, a common word": lambda it: f"{PEOPLE}?q=anna",
    f"{SEARCHES}, a rare word": lambda it: f"{PEOPLE}?q={RARE.lower()}",
    f"{SEARCHES}, nobody": lambda it: f"{PEOPLE}?q=zzyzx",
}
AFTER_A_CHANGE = "after a change of plan"
OF_THE_PLAN: dict[str, Address] = {
    f"{name}, {AFTER_A_CHANGE}": PAGES[name] for name in ("Security tab", "People, first page")
}


@dataclass(frozen=True)
class Cost:
    """Of one page, by size: the times, and the number of SQL statements."""

    times: Times
    statements: dict[str, int]


Costs = dict[str, Cost]


def measure(kind: str, rounds: int) -> Costs | None:
    """By page; None where the database cannot be had."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latchkey-bench-")))
        url = database(kind, folder, stack)
        if url is None:
            return None
        people = build_people(url)
        costs = _measured(people, PAGES, rounds)
        _change_the_plan(people)
        costs |= _measured(people, OF_THE_PLAN, rounds)
        with people.world.app.app_context():
            db.engine.dispose()
        return costs


def _measured(people: PeopleWorld, pages: dict[str, Address], rounds: int) -> Costs:
    sizes = {SMALL: people.few, LARGE: people.many}
    clients = {size: _admin(people, customer) for size, customer in sizes.items()}
    asked = [
        (name, size, f"/o/{sizes[size].slug}/settings/{address(sizes[size])}")
        for name, address in pages.items()
        for size in sizes
    ]
    costs = {name: Cost({SMALL: [], LARGE: []}, {}) for name in pages}
    for name, size, path in asked * 2:  # the first of them compiles templates and statements
        with _counted(people) as statements:
            _get(clients[size], path)
        costs[name].statements[size] = len(statements)
    for _ in range(rounds):
        for name, size, path in random.sample(asked, len(asked)):
            client = clients[size]
            sample, _text = timed(lambda client=client, path=path: _get(client, path))
            costs[name].times[size].append(sample)
    return costs


def _get(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    if answer.status_code != 200:
        raise AssertionError(f"{path} answered {answer.status_code}")
    return answer.text


def _admin(people: PeopleWorld, customer: Customer) -> FlaskClient:
    """Signed in as the organization's first person, by a session row like the ones a real sign-in makes."""
    app = people.world.app
    with app.app_context():
        _session, token = sessions.start(db.session.get_one(User, id_of(customer, 0)), "sso")
        db.session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client


def _change_the_plan(people: PeopleWorld) -> None:
    """Everybody whom JIT let in has their role from the plan of before now, but for those whom an admin changed."""
    with people.world.app.app_context():
        db.session.execute(update(Organization).values(plan="seat_based"))
        db.session.commit()


@contextmanager
def _counted(people: PeopleWorld) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with people.world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
