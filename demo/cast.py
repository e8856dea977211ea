"""Who is in the demo: the organizations, and the people that their identity provider knows."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "latchkey-demo-2026"


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    first_name: str
    last_name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """An organization. `people`: role → person with an account; `newcomers`: the IdP knows them, we do not."""

    slug: str
    name: str
    plan: str
    seats: int | None
    sso: bool
    unlocked: bool
    jit_on: bool
    people: dict[str, Person]
    newcomers: tuple[Person, ...] = ()

    @property
    def domain(self) -> str:
        return f"{self.slug}.example"

    @property
    def known_to_idp(self) -> tuple[Person, ...]:
        return (*self.people.values(), *self.newcomers)


SAMPLES = (
    Sample(
        "acme",
        "Acme",
        "flex",
        25,
        sso=True,
        unlocked=True,
        jit_on=False,
        people={
            "admin": Person("ana@acme.example", "Ana", "Sousa", ("it",)),
            "viewer": Person("ben@acme.example", "Ben", "Okafor", ("research",)),
        },
        newcomers=(
            Person("eve@acme.example", "Eve", "Lindqvist", ("research",)),
            Person("finn@acme.example", "Finn", "O’Brien", ("design",)),
            Person("mallory@acme.example.net", "Mallory", "Outside"),
        ),
    ),
    Sample(
        "globex",
        "Globex",
        "flex",
        None,
        sso=False,
        unlocked=False,
        jit_on=False,
        people={"admin": Person("cleo@globex.example", "Cleo", "Marchetti")},
    ),
    Sample(
        "initech",
        "Initech",
        "flex",
        None,
        sso=True,
        unlocked=False,
        jit_on=False,
        people={"admin": Person("ida@initech.example", "Ida", "Rask")},
        newcomers=(Person("jon@initech.example", "Jon", "Adeyemi"),),
    ),
    Sample(
        "hooli",
        "Hooli",
        "seat_based",
        3,
        sso=True,
        unlocked=True,
        jit_on=True,
        people={"admin": Person("hana@hooli.example", "Hana", "Sato")},
        newcomers=(Person("omar@hooli.example", "Omar", "Haddad"), Person("pia@hooli.example", "Pia", "Weber")),
    ),
)
OPERATOR = Sample(
    "latchkey",
    "Latchkey",
    "flex",
    None,
    sso=False,
    unlocked=False,
    jit_on=False,
    people={"admin": Person("sam@latchkey.example", "Sam", "Novak")},
)
