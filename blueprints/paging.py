"""Lists that are read page by page, on and back, from a key in the address: no page costs more than another, and what
comes or goes meanwhile shows nobody twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

Key = TypeVar("Key", str, int)
Row = TypeVar("Row")

# How the parameters are called that lead on and back: `after` is what is greater.
BY_ADDRESS, NEWEST_FIRST = ("after", "before"), ("before", "after")


@dataclass(frozen=True, slots=True)
class Place(Generic[Key]):
    """Behind the row with a key, or ahead of the one with a key; with neither, at the beginning."""

    behind: Key | None = None
    ahead: Key | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`earlier`, `later`: whether there are rows ahead of these and behind them. `counted`: how many were read, where
    that was from the beginning.
    """

    rows: list[Row]
    earlier: bool
    later: bool
    counted: int | None = None

    def links(self, address: Callable[..., str], key: Callable[[Row], object], names: tuple[str, str]) -> Links:
        """What the component `pages` takes. `address` makes one out of parameters."""
        on, back = names
        first = address() if self.earlier else None
        previous = address(**{back: key(self.rows[0])}) if self.earlier and self.rows else None
        following = address(**{on: key(self.rows[-1])}) if self.later and self.rows else None
        return {"first": first, "previous": previous, "next": following}


Links = dict[str, str | None]


def text(name: str, parameters: Mapping[str, str]) -> str:
    """A parameter of an address, in what length and letters an e-mail address may have."""
    return parameters.get(name, "").replace("\0", "").strip()[:320]


def place_in_address(parameters: Mapping[str, str]) -> dict[str, str]:
    """Those of the parameters that say where in a list by e-mail address a page is."""
    return {name: key for name in BY_ADDRESS if (key := text(name, parameters))}


def place_by_address() -> Place[str]:
    found = place_in_address(request.args)
    return Place(found.get("after"), found.get("before"))


def read(rows_at: Callable[[Place[Key]], Sequence[Row]], place: Place[Key], limit: int) -> Page[Row]:
    """`rows_at` reads away from the key, so backwards ahead of one; more than `limit` rows: there are others behind.

    A page that the beginning cuts short is the first page, as long as any.
    """
    found = rows_at(place)
    if place.ahead is not None and len(found) < limit:
        place = Place()
        found = rows_at(place)
    rows, more = list(found[:limit]), len(found) > limit
    if place.ahead is not None:
        return Page(rows[::-1], earlier=more, later=True)
    beginning = place.behind is None
    return Page(rows, earlier=not beginning, later=more, counted=len(found) if beginning else None)
