"""Which rows a confirm page showed: carried in its form, so that nothing is done to what nobody has seen."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import HiddenField

from blueprints.row_ids import LARGEST_ID


class ShownForm(FlaskForm):
    """`shown`: ids with commas in between."""

    shown = HiddenField()

    @property
    def ids(self) -> list[int]:
        """Those that are ids; whatever else was sent is nobody's."""
        words = (self.shown.data or "").split(",")[:1_000]
        return [int(word) for word in words if word.isdecimal() and len(word) < 11 and 0 < int(word) <= LARGEST_ID]


def in_form(ids: Iterable[int]) -> str:
    return ",".join(map(str, ids))
