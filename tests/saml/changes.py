"""Changes to a Response, made of a place and what becomes of it; a test applies them before it is signed."""

from __future__ import annotations

import copy

from lxml import etree

from tests.saml.forge import SAML, SAMLP, Change, xpath

RESPONSE = "."
STATUS = "p:Status"
ASSERTION = "a:Assertion"
SUBJECT = f"{ASSERTION}/a:Subject"
NAME_ID = f"{SUBJECT}/a:NameID"
CONFIRMATION = f"{SUBJECT}/a:SubjectConfirmation"
DATA = f"{CONFIRMATION}/a:SubjectConfirmationData"
CONDITIONS = f"{ASSERTION}/a:Conditions"
RESTRICTION = f"{CONDITIONS}/a:AudienceRestriction"
AUTHN = f"{ASSERTION}/a:AuthnStatement"
STATEMENT = f"{ASSERTION}/a:AttributeStatement"
ATTRIBUTE = f"{STATEMENT}/a:Attribute[@Name='email']"
EMAIL = f"{ATTRIBUTE}/a:AttributeValue"


def put(path: str, name: str, value: str) -> Change:
    return lambda root: xpath(root, path).set(name, value)


def drop(path: str, name: str) -> Change:
    return lambda root: xpath(root, path).attrib.pop(name)


def text(path: str, value: str) -> Change:
    def change(root: etree._Element) -> None:
        xpath(root, path).text = value

    return change


def remove(path: str) -> Change:
    def change(root: etree._Element) -> None:
        node = xpath(root, path)
        node.getparent().remove(node)

    return change


def twice(path: str, inner: Change | None = None, **attributes: str) -> Change:
    """A copy behind it, with other attributes, and `inner` applied to the copy."""

    def change(root: etree._Element) -> None:
        node = xpath(root, path)
        copied = copy.deepcopy(node)
        for name, value in attributes.items():
            copied.set(name, value)
        if inner:
            inner(copied)
        node.addnext(copied)

    return change


def add(path: str, name: str, value: str | None = None, **attributes: str) -> Change:
    """An element of the assertion's namespace at the end of another."""

    def change(root: etree._Element) -> None:
        etree.SubElement(xpath(root, path), f"{{{SAML}}}{name}", **attributes).text = value

    return change


def before(path: str, name: str) -> Change:
    """An element of the protocol's namespace before another."""
    return lambda root: xpath(root, path).addprevious(etree.Element(f"{{{SAMLP}}}{name}"))


def all_of(*changes: Change) -> Change:
    def change(root: etree._Element) -> None:
        for each in changes:
            each(root)

    return change
