"""pysaml2's reading of one Response: parsed once, by a parser of its own, and the schema shown what was sent.

What is overridden here decides nothing. It spares pysaml2 to read a document two or three times that it has read, and
to write its objects as text only to read that text again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from lxml import etree
from saml2 import class_name, create_class_from_element_tree, saml, samlp
from saml2.response import AuthnResponse
from saml2.sigver import SecurityContext, SignatureError

from saml import schema
from saml.backend import find_signed


@dataclass(frozen=True, slots=True)
class _AsSent:
    """What pysaml2 read of an element; the schema is shown the element itself."""

    read: Any
    element: etree._Element

    def __getattr__(self, name: str) -> Any:
        return getattr(self.read, name)

    def __str__(self) -> str:
        return schema.text_of(self.element, self.read)


class SchemaAsSent(SecurityContext):  # type: ignore[misc]
    def check_signature(self, item: Any, node_name: str, origdoc: str | bytes, *args: Any, **kwargs: Any) -> Any:
        element = find_signed(origdoc, node_name, item.id)
        super().check_signature(_AsSent(item, element), node_name, origdoc, *args, **kwargs)
        return item


class OneReading(AuthnResponse):  # type: ignore[misc]
    """A Response that is parsed once. pysaml2 asks twice where only the assertion is signed, and tries other types."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signature_check = self._check_signature_of_response
        self._read: samlp.Response | None = None

    def _check_signature_of_response(
        self, xml: bytes, require_response_signature: bool = False, **_options: Any
    ) -> samlp.Response:
        if self._read is None:
            self._read = create_class_from_element_tree(samlp.Response, _tree_of(xml))
        if self._read is None:
            raise TypeError("not a Response")
        if self._read.signature:
            return self.sec.check_signature(self._read, class_name(self._read), xml)
        if require_response_signature:
            raise SignatureError("the Response is not signed")
        return self._read

    def parse_assertion(self, keys: Any = None) -> bool:
        """What was encrypted is read from the decrypted document, and judged like an assertion that came as text.

        pysaml2 takes another way there: it writes its Response as text, has that decrypted, reads the answer, writes
        the assertion in it as text once more, and reads that.
        """
        if len(self.response.encrypted_assertion) == 1 and not self.response.assertion:
            self.xmlstr = self.sec.decrypt_keys("", keys=keys)
            [box] = _tree_of(self.xmlstr).iterfind(f"{{{saml.NAMESPACE}}}EncryptedAssertion")
            [inside] = box
            assertion = create_class_from_element_tree(saml.Assertion, inside)
            if assertion is None:
                raise TypeError("not an assertion")
            self.response.assertion, self.response.encrypted_assertion = [assertion], []
        return bool(super().parse_assertion(keys))

    def get_identity(self) -> dict[str, Any]:
        """Nobody asks: what is used of the attributes is read from the element that we verified."""
        return {}


def _tree_of(document: bytes | str) -> ElementTree.Element:
    """By expat, not by the parser whose tree we read ourselves. The check `text` let no document type pass."""
    return ElementTree.fromstring(document)  # noqa: S314
