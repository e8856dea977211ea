"""A customer with an identity provider that nobody here wrote, and people with real browsers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import chromium  # noqa: F401  the same one
from tests.conftest import unavailable
from tests.peers.employee import Employee
from tests.peers.identity_provider import IdentityProvider, what_is_missing
from tests.peers.product import Product
from tests.peers.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NewEmployee = Callable[..., Employee]


@dataclass
class Setup:
    """The product and the identity provider, connected by an operator's commands and nothing else."""

    product: Product
    idp: IdentityProvider
    ours: dict[str, str]
    our_metadata: str

    @property
    def typed_by_hand(self) -> str:
        """Our metadata as an admin has it who typed our addresses in: without our wishes."""
        plain = self.our_metadata.replace('WantAssertionsSigned="true"', "")
        return re.sub("<md:NameIDFormat>.*?</md:NameIDFormat>", "", plain)

    def connect(self) -> None:
        """Back to the beginning: each knows the other, and nobody has signed in."""
        self.product.reset()
        self.idp.behave()
        self.idp.trust(self.our_metadata)


@pytest.fixture(scope="package")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    """From "not set up" to JIT Provisioning that is on, in the order of docs/operators.md."""
    if missing := what_is_missing():
        unavailable(missing)
    idp = IdentityProvider(tmp_path_factory.mktemp("idp"))
    try:
        product = Product(tmp_path_factory.mktemp("product"), idp.url)
        try:
            yield _set_up(product, idp)
        finally:
            product.stop()
    finally:
        idp.stop()


def _set_up(product: Product, idp: IdentityProvider) -> Setup:
    flask = product.flask
    product.save("nothing")
    flask("org", "create", "acme", "--name", "Acme", "--plan", "flex", "--admin", "ana@acme.example")
    flask("domain", "add", "acme", "acme.example")
    flask("domain", "verify", "acme", "acme.example", "--reason", "contract 2291")
    ours = json.loads(flask("sso", "prepare", "acme", "--json"))
    our_metadata = product.read(ours["metadata"])
    idp.trust(our_metadata)
    flask("sso", "configure", "acme", "--metadata", idp.metadata_url)
    flask("sso", "activate", "acme", "--without-test", "--reason", "there is nobody to test it yet")
    flask("support", "unlock", "acme", "--reason", "bought it")
    flask("jit", "on", "acme")
    product.save()
    return Setup(product, idp, ours, our_metadata)


@pytest.fixture
def setup(everything: Setup) -> Setup:
    everything.connect()
    return everything


@pytest.fixture
def new_employee(chromium: Browser, setup: Setup) -> Iterator[NewEmployee]:  # noqa: F811
    """`new_employee(javascript)`: somebody's browser. At the end each one tells its troubles."""
    employees: list[Employee] = []

    def make(javascript: bool = True, **options: Any) -> Employee:
        employees.append(Employee(chromium, setup.product, javascript, **options))
        return employees[-1]

    yield make
    troubles = [trouble for employee in employees for trouble in employee.close()]
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def visitor(setup: Setup) -> Visitor:
    """Eve again, without a browser."""
    return Visitor(setup.product)


@pytest.fixture
def eve(new_employee: NewEmployee) -> Employee:
    return new_employee()
