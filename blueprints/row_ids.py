"""Numbers of rows as a request names them. What no column can hold would make the database fail: it is 0 instead, so
that it is answered like the number of a row that is gone.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter
from wtforms import IntegerField

LARGEST_ID = 2**31 - 1


class RowIdField(IntegerField):
    """The number of a row in a form."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and not 0 < self.data <= LARGEST_ID:
            self.data = 0


class RowIdConverter(IntegerConverter):
    """Each `<int:…>` of an address. Python itself reads no number of thousands of digits."""

    def to_python(self, value: str) -> int:
        digits = value.lstrip("0")
        return int(digits) if digits and len(digits) < 11 and int(digits) <= LARGEST_ID else 0


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RowIdConverter
