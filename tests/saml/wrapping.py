"""Signature wrapping: a signed part is kept so that it still verifies, and a forged one is put where it may be read.

Each function takes an honest, signed document and gives the forged one. The numbers are those of the literature
(XSW1 to XSW8); the others are their relatives.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from lxml import etree

from tests.saml.forge import DS, SAML, SAMLP, xpath

Forgery = Callable[[etree._Element], etree._Element]
VICTIM = "ana@acme.example"


def evil_assertion(
    assertion: etree._Element, new_id: str | None = "_evil-0001", keep_signature: bool = False
) -> etree._Element:
    """A copy that names somebody else."""
    evil = copy.deepcopy(assertion)
    if new_id:
        evil.set("ID", new_id)
    for signature in [] if keep_signature else evil.findall(f"{{{DS}}}Signature"):
        evil.remove(signature)
    xpath(evil, "a:Subject/a:NameID").text = VICTIM
    for value in evil.iter(f"{{{SAML}}}AttributeValue"):
        if "@" in (value.text or ""):
            value.text = VICTIM
    return evil


def _parts(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    assertion = xpath(root, "a:Assertion")
    signed = assertion if assertion.find(f"{{{DS}}}Signature") is not None else root
    return assertion, xpath(signed, "ds:Signature")


def _evil_response(root: etree._Element, keep_signature: bool) -> etree._Element:
    evil = copy.deepcopy(root)
    evil.set("ID", "_evil-response")
    if not keep_signature:
        for signature in evil.findall(f"{{{DS}}}Signature"):
            evil.remove(signature)
    assertion = xpath(evil, "a:Assertion")
    assertion.getparent().replace(assertion, evil_assertion(assertion))
    return evil


def xsw1(root: etree._Element) -> etree._Element:
    """The original Response, without its signature, inside the Signature of the forged one."""
    evil = _evil_response(root, keep_signature=True)
    original = copy.deepcopy(root)
    for signature in original.findall(f"{{{DS}}}Signature"):
        original.remove(signature)
    holder = evil.find(f"{{{DS}}}Signature")
    (evil if holder is None else holder).append(original)
    return evil


def xsw2(root: etree._Element) -> etree._Element:
    """The original Response before the detached Signature."""
    evil = _evil_response(root, keep_signature=False)
    original = copy.deepcopy(root)
    signature = original.find(f"{{{DS}}}Signature")
    if signature is None:
        signature = copy.deepcopy(_parts(root)[1])
    else:
        original.remove(signature)
    evil.insert(1, original)
    evil.insert(2, signature)
    return evil


def xsw3(root: etree._Element) -> etree._Element:
    """The forged assertion before the original one."""
    assertion, _ = _parts(root)
    assertion.addprevious(evil_assertion(assertion))
    return root


def xsw4(root: etree._Element) -> etree._Element:
    """The original assertion inside the forged one."""
    assertion, _ = _parts(root)
    evil = evil_assertion(assertion)
    assertion.getparent().replace(assertion, evil)
    evil.append(assertion)
    return root


def xsw5(root: etree._Element) -> etree._Element:
    """The forged assertion carries the signature; the original stands at the end."""
    assertion, _ = _parts(root)
    evil = evil_assertion(assertion, keep_signature=True)
    assertion.addprevious(evil)
    for signature in assertion.findall(f"{{{DS}}}Signature"):
        assertion.remove(signature)
    root.append(assertion)
    return root


def xsw6(root: etree._Element) -> etree._Element:
    """The original assertion inside the Signature that the forged one carries."""
    assertion, _ = _parts(root)
    evil = evil_assertion(assertion, keep_signature=True)
    assertion.getparent().replace(assertion, evil)
    for signature in assertion.findall(f"{{{DS}}}Signature"):
        assertion.remove(signature)
    holder = evil.find(f"{{{DS}}}Signature")
    (evil if holder is None else holder).append(assertion)
    return root


def xsw7(root: etree._Element) -> etree._Element:
    """The forged assertion in Extensions."""
    assertion, _ = _parts(root)
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(evil_assertion(assertion))
    xpath(root, "p:Status").addprevious(extensions)
    return root


def xsw8(root: etree._Element) -> etree._Element:
    """The original assertion in an Object of the forged one's Signature."""
    assertion, _ = _parts(root)
    evil = evil_assertion(assertion, keep_signature=True)
    assertion.getparent().replace(assertion, evil)
    for signature in assertion.findall(f"{{{DS}}}Signature"):
        assertion.remove(signature)
    holder = evil.find(f"{{{DS}}}Signature")
    box = etree.SubElement(evil if holder is None else holder, f"{{{DS}}}Object")
    box.append(assertion)
    return root


def same_id_first(root: etree._Element) -> etree._Element:
    assertion, _ = _parts(root)
    assertion.addprevious(evil_assertion(assertion, new_id=None))
    return root


def same_id_last(root: etree._Element) -> etree._Element:
    assertion, _ = _parts(root)
    assertion.addnext(evil_assertion(assertion, new_id=None))
    return root


def same_id_carries_the_original(root: etree._Element) -> etree._Element:
    assertion, _ = _parts(root)
    evil = evil_assertion(assertion, new_id=None, keep_signature=True)
    assertion.getparent().replace(assertion, evil)
    holder = evil.find(f"{{{DS}}}Signature")
    box = etree.SubElement(evil if holder is None else holder, f"{{{DS}}}Object")
    box.append(assertion)
    return root


def original_in_advice(root: etree._Element) -> etree._Element:
    assertion, _ = _parts(root)
    evil = evil_assertion(assertion)
    assertion.getparent().replace(assertion, evil)
    advice = etree.Element(f"{{{SAML}}}Advice")
    xpath(evil, "a:Conditions").addnext(advice)
    advice.append(assertion)
    return root


def original_in_an_attribute(root: etree._Element) -> etree._Element:
    assertion, _ = _parts(root)
    evil = evil_assertion(assertion)
    assertion.getparent().replace(assertion, evil)
    evil.findall(f".//{{{SAML}}}AttributeValue")[-1].append(assertion)
    return root


def original_in_status_detail(root: etree._Element) -> etree._Element:
    assertion, _ = _parts(root)
    evil = evil_assertion(assertion)
    assertion.getparent().replace(assertion, evil)
    detail = etree.SubElement(xpath(root, "p:Status"), f"{{{SAMLP}}}StatusDetail")
    detail.append(assertion)
    return root


def evil_beside_an_encrypted_one(root: etree._Element) -> etree._Element:
    assertion, _ = _parts(root)
    box = etree.Element(f"{{{SAML}}}EncryptedAssertion")
    assertion.addprevious(evil_assertion(assertion))
    assertion.getparent().replace(assertion, box)
    box.append(assertion)
    return root


FORGERIES: dict[str, Forgery] = {
    function.__name__: function
    for function in (
        xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8,
        same_id_first, same_id_last, same_id_carries_the_original,
        original_in_advice, original_in_an_attribute, original_in_status_detail, evil_beside_an_encrypted_one,
    )
}  # fmt: skip
