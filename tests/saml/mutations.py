"""Random changes to a Response, made with a seeded generator so that every finding can be made again."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

from lxml import etree

from tests.saml.wrapping import FORGERIES

Chance = random.Random
TreeChange = Callable[[etree._Element, Chance], None]
ByteChange = Callable[[bytes, Chance], bytes]

VALUES = (
    "",
    " ",
    "ana@acme.example",
    "eve@evil.example",
    "2.0",
    "1.1",
    "_evil",
    "#",
    "urn:x",
    "\u212a",
    "9" * 400,
    "true",
)
INSERTS = (
    b"<!-- x -->", b"<?x y?>", b"<![CDATA[x]]>", b"<!DOCTYPE a>", b"&amp;", b"&x;", b"&#0;", b"\x00", b"\xff", b"<",
    b">", b'"', b"xmlns:x='y'", b"<a>", b"</a>", b"</saml:Assertion>", b"<saml:Assertion>", b"A", b"\n",
)  # fmt: skip


def _any(root: etree._Element, chance: Chance) -> etree._Element:
    return chance.choice(list(root.iter()))


def delete(root: etree._Element, chance: Chance) -> None:
    node = _any(root, chance)
    if node.getparent() is not None:
        node.getparent().remove(node)


def duplicate(root: etree._Element, chance: Chance) -> None:
    node = _any(root, chance)
    if node is not root:
        node.addnext(copy.deepcopy(node))


def move(root: etree._Element, chance: Chance) -> None:
    node, target = _any(root, chance), _any(root, chance)
    if node is not root and node not in target.iterancestors() and node is not target:
        target.insert(chance.randrange(len(target) + 1), node)


def copy_into(root: etree._Element, chance: Chance) -> None:
    _any(root, chance).append(copy.deepcopy(_any(root, chance)))


def set_text(root: etree._Element, chance: Chance) -> None:
    _any(root, chance).text = chance.choice(VALUES)


def set_tail(root: etree._Element, chance: Chance) -> None:
    node = _any(root, chance)
    if node is not root:
        node.tail = chance.choice(VALUES)


def set_attribute(root: etree._Element, chance: Chance) -> None:
    node = _any(root, chance)
    names = [*node.keys(), "ID", "Id", "Version", "NotOnOrAfter", "Format", "Algorithm", "URI"]
    node.set(chance.choice(names), chance.choice([*VALUES, *(_any(root, chance).get("ID", "x") for _ in range(3))]))


def drop_attribute(root: etree._Element, chance: Chance) -> None:
    node = _any(root, chance)
    if node.keys():
        del node.attrib[chance.choice(node.keys())]


def rename(root: etree._Element, chance: Chance) -> None:
    node, like = _any(root, chance), _any(root, chance)
    node.tag = like.tag


def wrap(root: etree._Element, chance: Chance) -> None:
    """A known forgery, in the middle of other changes."""
    FORGERIES[chance.choice(list(FORGERIES))](root)


def flip(document: bytes, chance: Chance) -> bytes:
    place = chance.randrange(len(document))
    return document[:place] + bytes([document[place] ^ (1 << chance.randrange(8))]) + document[place + 1 :]


def insert(document: bytes, chance: Chance) -> bytes:
    place = chance.randrange(len(document) + 1)
    return document[:place] + chance.choice(INSERTS) + document[place:]


def cut(document: bytes, chance: Chance) -> bytes:
    start = chance.randrange(len(document))
    return document[:start] + document[start + chance.randrange(1, 40) :]


def repeat(document: bytes, chance: Chance) -> bytes:
    start = chance.randrange(len(document))
    part = document[start : start + chance.randrange(1, 400)]
    return document[:start] + part * chance.randrange(2, 6) + document[start:]


TREE: tuple[TreeChange, ...] = (
    delete, duplicate, move, copy_into, set_text, set_tail, set_attribute, drop_attribute, rename, wrap,
)  # fmt: skip
BYTES: tuple[ByteChange, ...] = (flip, insert, cut, repeat)


def mutate(document: bytes, chance: Chance) -> tuple[bytes, list[str]]:
    """One to three changes, and their names."""
    names: list[str] = []
    for _ in range(chance.randrange(1, 4)):
        if chance.random() < 0.3:
            change = chance.choice(BYTES)
            document = change(document, chance)
        else:
            tree_change = chance.choice(TREE)
            names.append(tree_change.__name__)
            try:
                root = etree.fromstring(document)
                tree_change(root, chance)
                document = etree.tostring(root)
            except (etree.XMLSyntaxError, ValueError, TypeError, AttributeError):
                continue  # this change does not fit what the ones before it left
            continue
        names.append(change.__name__)
    return document, names
