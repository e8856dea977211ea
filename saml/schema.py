"""The SAML schemas as libxml2 compiles them: pysaml2's schema check, on the document itself and without its price.

pysaml2 writes what it has read as text again, and has a validator in Python look at that: more of a sign-in than
everything else together. Here the element is validated as it was sent, which also is what the check is meant for.
What libxml2 refuses goes pysaml2's own way after all, and its validator's word is final: libxml2 is stricter in
places, and an honest identity provider must not fail on them. Validation is never left out.

The schemas are the files that pysaml2 carries. Their imports name addresses on the web; each is answered from the
same folder by its file name, and what is not there ends the start of the application.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

import saml2.data.schemas
import saml2.xml.schema
from lxml import etree

_FOLDER = Path(str(files(saml2.data.schemas)))
_PROTOCOL = "saml-schema-protocol-2.0.xsd"


class _FromTheFolder(etree.Resolver):  # type: ignore[misc]
    def resolve(self, url: str, _public_id: str | None, context: object) -> Any:
        return self.resolve_string((_FOLDER / PurePosixPath(url).name).read_bytes(), context, base_url=url)


def compile_schema(name: str = _PROTOCOL) -> etree.XMLSchema:
    """The schema in this file, with all that it imports."""
    # The schema of XML signatures writes a namespace as an entity of its own; entities from elsewhere are refused.
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities="internal")
    parser.resolvers.add(_FromTheFolder())
    return etree.XMLSchema(etree.fromstring((_FOLDER / name).read_bytes(), parser, base_url=name))


_SCHEMA = compile_schema()


class ValidAsSent(str):
    """In the place of the text of an element that libxml2 found valid. Only `text_of` makes one."""

    __slots__ = ()


def accepts(element: etree._Element) -> bool:
    """Whether libxml2 finds this element valid, taken for a document of its own."""
    return bool(_SCHEMA.validate(element))


def text_of(element: etree._Element, read: object) -> str:
    """What pysaml2's validator is shown: that the element is valid, or else what pysaml2 `read` of it, as text."""
    return ValidAsSent() if accepts(element) else str(read)


class _Validator:
    """In the place of pysaml2's validator, with the one method of it that is called."""

    def __init__(self, final: Any) -> None:
        self._final = final

    def validate(self, document: str) -> None:
        """Raises an exception where it is not valid, which pysaml2 turns into its own."""
        if not isinstance(document, ValidAsSent):
            self._final.validate(document)


def install() -> None:
    """Put ours before pysaml2's validator; for the whole process, and once however often it is called."""
    schema = saml2.xml.schema
    if not isinstance(schema._schema_validator_default, _Validator):
        schema._schema_validator_default = _Validator(schema._schema_validator_default)
