"""Some functions of pysaml2 that are much of its time on a Response, with the short way first.

Each gives what pysaml2's gives, and a test holds them against each other. They are for the whole process, like
pysaml2's own.

- Times and URIs are looked at up to a dozen times in one Response, of which a few differ. The same text has the same
  answer, so the last ones are remembered; what raises is not.
- The characters of a string are compared one by one with those that XML has: here by one expression.
- The text of an attribute value makes a table of all types of XML Schema before one is looked up in it, twice for each
  value. Nearly all are strings, or not there yet, and for these the answer is written down.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

import saml2.response
from saml2 import SamlBase, time_util, validate
from saml2.saml import AttributeValueBase

_REMEMBERED = 512
# What is longer is no time and hardly a URI, and not worth the memory.
_LONGEST = 200
_XML_CHARACTERS = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")

_set_text = AttributeValueBase.set_text
_valid_string = validate.valid_string


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    """For a function whose answer depends on its text and on nothing else."""
    remembered = lru_cache(maxsize=_REMEMBERED)(function)

    @wraps(function)
    def answer(text: Any, *more: str) -> Any:
        short = type(text) is str and len(text) <= _LONGEST
        return remembered(text, *more) if short else function(text, *more)

    return answer


str_to_time = _remembering(time_util.str_to_time)
valid_any_uri = _remembering(validate.valid_any_uri)


def valid_string(text: Any) -> bool:
    if type(text) is str and _XML_CHARACTERS.fullmatch(text):
        return True
    return bool(_valid_string(text))


def set_text(self: AttributeValueBase, value: Any, base64encode: bool = False) -> AttributeValueBase:
    type_of_value = None if base64encode else self.get_type()
    if type(value) is str and type_of_value in ("", "xs:string"):
        self.set_type("xs:string")
        SamlBase.__setattr__(self, "text", value)
        return self
    if value is None and type_of_value == "":
        self.set_type("")
        SamlBase.__setattr__(self, "text", "")
        return self
    return _set_text(self, value, base64encode)


def install() -> None:
    """In the place of pysaml2's; the same however often it is called."""
    time_util.str_to_time = saml2.response.str_to_time = str_to_time
    validate.valid_string = validate.VALIDATOR["string"] = valid_string
    validate.valid_any_uri = validate.VALIDATOR["anyURI"] = valid_any_uri
    AttributeValueBase.set_text = set_text
