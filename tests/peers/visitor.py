"""An employee without a browser: the same way, page by page, for what does not depend on the browser."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import etree, html

from tests.peers.identity_provider import EMAIL, PASSWORD, USERNAME
from tests.peers.product import Product

NAMESPACES = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
}


def find_in(message: etree._Element, path: str) -> list[Any]:
    return list(message.xpath(path, namespaces=NAMESPACES))


class Visitor:
    """`page` and `url` are where they are now. It carries the identity provider's answers, as a script there would."""

    def __init__(self, product: Product) -> None:
        self.product = product
        # As browsers do, it takes localhost for safe.
        self._cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        self.url, self.status, self.message = "", 0, etree.Element("none")

    def forget_everything(self) -> None:
        """As another browser."""
        self._cookies.clear()

    def open(self, url: str, data: bytes | None = None) -> None:
        """Like a link: it follows redirects and what a page does by itself."""
        url = urljoin(self.url or self.product.url, url)
        assert f"{url}/".startswith((f"{self.product.url}/", f"{self.product.idp_url}/")), url
        try:
            response = self._opener.open(url, data, timeout=20)
        except urllib.error.HTTPError as refusal:
            response = refusal
        with response:
            self.url, self.status = response.url, response.status
            self.page = html.fromstring(response.read())
        for form in self.page.forms:
            if "SAMLResponse" in form.fields:
                self.message = etree.fromstring(base64.b64decode(form.fields["SAMLResponse"]))
                return self._send(form)
        for refresh in self.page.xpath("//meta[@http-equiv='refresh']/@content"):
            return self.open(refresh.partition("url=")[2])

    def _send(self, form: Any, **fields: str) -> None:
        values = {name: value for name, value in form.form_values() if name} | fields
        self.open(form.action or self.url, urlencode(values).encode())

    def _form_with(self, field: str) -> Any:
        return next(form for form in self.page.forms if field in form.fields)

    def sign_in_here(self) -> None:
        """From our sign-in page through the identity provider; ends on ours, wherever it leads to."""
        self.open(f"{self.product.url}/sign-in")
        self._send(self._form_with("email"), email=EMAIL)
        self.write_password()

    def write_password(self) -> None:
        assert self.url.startswith(f"{self.product.idp_url}/simplesaml/"), self.url
        self._send(self._form_with("username"), username=USERNAME, password=PASSWORD)
        assert self.url.startswith(f"{self.product.url}/"), self.url

    def carried(self, path: str) -> list[Any]:
        """What an XPath finds in the last Response that was posted to the ACS."""
        return find_in(self.message, path)

    @property
    def words(self) -> str:
        return " ".join(self.page.find(".//main").text_content().split())

    def is_at(self, heading: str, status: int = 200) -> None:
        (h1,) = self.page.iter("h1")
        assert (h1.text_content().strip(), self.status) == (heading, status), self.words

    def is_refused(self, sentence: str = "an answer that we cannot accept", still_signed_in: bool = False) -> None:
        self.is_at("This sign-in is not accepted" if still_signed_in else "You are not signed in", 403)
        assert sentence in self.words
        assert urlsplit(self.url).path.endswith("/acs")

    def has_no_session(self) -> None:
        self.open(f"{self.product.url}/")
        self.is_at("Sign in")
