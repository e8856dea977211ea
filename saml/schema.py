"""The SAML schemas as libxml2 compiles them: the first look of pysaml2's schema validation, without its price.

The validator that pysaml2 brings is written in Python and took more of a sign-in than everything else together.
Here lxml looks first. What it refuses is put before pysaml2's own validator, whose word is final: libxml2 is
stricter in places, and an honest identity provider must not fail on them. Validation is never left out.

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
    """The schema of this file, with all that it imports."""
    # The schema of XML signatures writes a namespace as an entity of its own; nothing else here needs entities.
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities="internal")
    parser.resolvers.add(_FromTheFolder())
    return etree.XMLSchema(etree.fromstring((_FOLDER / name).read_bytes(), parser, base_url=name))


class SchemaValidator:
    """In the place of pysaml2's validator, with the one method of it that is called."""

    def __init__(self, final: Any) -> None:
        self._final = final
        self._schema = compile_schema()
        self._parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, collect_ids=False
        )

    def accepts(self, document: str | bytes) -> bool:
        """Whether libxml2 finds the text of a document valid."""
        # As bytes, since lxml takes no text that declares an encoding.
        text = document.encode() if isinstance(document, str) else document
        try:
            return bool(self._schema.validate(etree.fromstring(text, self._parser)))
        except (etree.LxmlError, ValueError):
            return False

    def validate(self, document: str | bytes) -> None:
        """Raises one of xmlschema's exceptions, which pysaml2 turns into its own."""
        if not self.accepts(document):
            self._final.validate(document)


def install() -> None:
    """Give pysaml2 this validator; for the whole process, and once however often it is called."""
    schema = saml2.xml.schema
    if not isinstance(schema._schema_validator_default, SchemaValidator):
        schema._schema_validator_default = SchemaValidator(schema._schema_validator_default)
