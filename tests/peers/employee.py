"""An employee's browser on its way between the product and SimpleSAMLphp."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.browser.window import Window, expect
from tests.peers.identity_provider import EMAIL, PASSWORD, USERNAME


class Employee(Window):
    def write_password(self, username: str = USERNAME, password: str = PASSWORD) -> None:
        """At the identity provider, which is another site."""
        field = self.page.locator("#username")
        expect(field).to_be_visible()
        assert self.page.url.startswith(self.demo.idp_url + "/simplesaml/"), self.page.url
        field.fill(username)
        self.page.locator("#password").fill(password)
        self.page.locator("button[type=submit]").click()
        self.go_on()

    def go_on(self) -> None:
        """Without JavaScript the identity provider's answer is sent by a button."""
        if not self.javascript:
            self.button("Submit").last.click()

    def sign_in_here(self, email: str = EMAIL) -> None:
        """From our sign-in page through the identity provider; ends on ours, wherever it leads to."""
        self.write_email(email)
        self.write_password()
        self.page.wait_for_url(f"{self.demo.url}/**")

    def sign_out_here(self) -> None:
        self.page.locator("summary", has_text="account menu").click()
        self.button("Sign out").click()

    def is_refused(self, sentence: str) -> None:
        self.heading("You are not signed in")
        expect(self.page.get_by_role("main")).to_contain_text(sentence)
        assert urlsplit(self.page.url).path.endswith("/acs")

    def has_no_session(self) -> None:
        self.open("/")
        self.heading("Sign in")
