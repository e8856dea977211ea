"""The pages of the JIT area: the tab in its states, who was turned away, undoing, role rules; and being refused."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.window import Window, elsewhere, expect, expect_notice

SECURITY = "/o/acme/settings/security"
RULES = f"{SECURITY}/role-rules"
QUESTION = "I start on Monday. Ana Sousa knows about it."
Steps = Callable[[Window], None]


def be_refused(window: Window, email: str = "mallory@acme.example.net") -> None:
    window.expected = {403}
    window.write_email("eve@acme.example")
    window.pick(email)
    window.heading("You are not signed in")


def ask(window: Window, question: str = QUESTION) -> None:
    window.page.get_by_label("What they should know").fill(question)
    window.button("Ask my admin").click()
    window.heading("Your admin is asked")


def _asked(window: Window) -> None:
    be_refused(window)
    ask(window)


def _too_late(window: Window) -> None:
    be_refused(window)
    window.context.clear_cookies()
    window.expected = {403, 400}
    window.button("Ask my admin").click()
    window.heading("Your admin was not asked")


def _missed(window: Window) -> None:
    """One has asked, one has tried only; the switch is off again."""
    window.demo.change("UPDATE organization SET jit_on = 0 WHERE slug = 'acme'")
    with elsewhere(window) as finn:
        be_refused(finn, "finn@acme.example")
        ask(finn)
    window.demo.change("UPDATE organization SET jit_on = 1 WHERE slug = 'acme'")
    window.open(SECURITY)


def _receipts(window: Window) -> None:
    window.open(SECURITY)
    for summary in window.page.locator(".receipt summary").all():
        summary.click()


def _notice(window: Window) -> None:
    window.open(SECURITY)
    window.turn_off()
    expect_notice(window, "JIT Provisioning is off.")


def _until(window: Window) -> None:
    """Support has made it available up to a last day."""
    window.demo.flask("support", "unlock", "acme", "--reason", "A year", "--until", "2096-12-31")
    window.open(SECURITY)
    expect(window.page.get_by_text("Available until")).to_be_visible()


def _dialog(window: Window) -> None:
    window.open(SECURITY)
    window.switch.click()
    expect(window.button("Turn off")).to_be_visible()


def _sign_in(window: Window) -> None:
    """Of somebody who was refused, found by the code that they read."""
    code = window.demo.ask("SELECT reference FROM sign_in_attempt WHERE reason = 'domain_not_verified'")
    window.open(f"{SECURITY}/sign-ins?q={code}")
    window.page.get_by_role("link", name="on a page of its own").click()
    window.heading(f"Sign-in {code}")


def _try(email: str) -> Steps:
    def go(window: Window) -> None:
        window.open(SECURITY)
        window.page.get_by_text("Try an address").click()
        window.page.get_by_label("E-mail address").fill(email)
        window.button("Try").click()

    return go


def _tried(window: Window) -> None:
    _try("finn@acme.example")(window)
    expect(window.page.locator("#try-answer")).to_be_visible()


def _try_refused(window: Window) -> None:
    window.expected = {422}
    _try("finn at acme")(window)
    expect(window.page.locator("#try .field-error")).to_be_visible()


def _rules(*rules: tuple[str, str]) -> Steps:
    def go(window: Window) -> None:
        window.open(RULES)
        for group, outcome in rules:
            add_rule(window, group, outcome)
            if outcome == "Admin":
                window.button("Add the rule").click()
            expect_notice(window, f"The rule for “{group}” is added.")

    return go


def add_rule(window: Window, group: str, outcome: str) -> None:
    window.page.get_by_label("Group").fill(group)
    window.page.get_by_label("New people in it become").select_option(label=outcome)
    window.button("Add rule").click()


REFUSED = "Refused: no account"


def _role_rules(window: Window) -> None:
    """On, with a rule of each kind."""
    _rules(("contractors", REFUSED), ("design", "Collaborator"), ("it-admins", "Admin"))(window)
    window.page.get_by_role("switch", name="Use role rules for new accounts").click()
    expect_notice(window, "Role rules are on.")


def _role_rules_each_time(window: Window) -> None:
    """What is asked before rules make admins of people who have an account."""
    _role_rules(window)
    window.page.get_by_role("switch", name="Also at each sign-in").click()
    window.heading("Make admins of people who have an account?")


def _role_rules_refused(window: Window) -> None:
    """A long name of a group, which then has a rule already."""
    long = "research-and-development-of-everything-that-is-long"
    _rules((long, "Viewer"))(window)
    window.expected = {422}
    add_rule(window, long, REFUSED)
    expect(window.page.locator(".field-error")).to_be_visible()


def _undo(window: Window) -> None:
    window.open(f"{SECURITY}/undo")
    window.button("Show accounts").click()
    window.heading("Accounts of a time window")


def _at(path: str, status: int = 200) -> Steps:
    def go(window: Window) -> None:
        window.expected = {status} - {200}
        window.open(path)

    return go


# name → (who is signed in, the steps)
JIT_PAGES: dict[str, tuple[str | None, Steps]] = {
    "refusal": (None, be_refused),
    "asked": (None, _asked),
    "asked-too-late": (None, _too_late),
    "security": ("ana", _at(SECURITY)),
    "security-receipts": ("ana", _receipts),
    "sign-ins": ("ana", _at(f"{SECURITY}/sign-ins")),
    "sign-ins-nothing": ("ana", _at(f"{SECURITY}/sign-ins?q=nobody@acme.example")),
    "sign-in-receipt": ("ana", _sign_in),
    "security-notice": ("ana", _notice),
    "security-until": ("ana", _until),
    "security-dialog": ("ana", _dialog),
    "security-tried": ("ana", _tried),
    "security-try-refused": ("ana", _try_refused),
    "security-missed": ("ana", _missed),
    "security-locked": ("ida", _at("/o/initech/settings/security")),
    "security-without-sso": ("cleo", _at("/o/globex/settings/security")),
    "turn-off": ("ana", _at(f"{SECURITY}/jit/off")),
    "turned-away": ("ana", _at(f"{SECURITY}/turned-away")),
    "create-all": ("ana", _at(f"{SECURITY}/turned-away/create-all")),
    "undo": ("ana", _at(f"{SECURITY}/undo")),
    "undo-wrong": ("ana", _at(f"{SECURITY}/undo/accounts?begins=2026-01-02T00:00&ends=2026-01-01T00:00", 422)),
    "undo-accounts": ("ana", _undo),
    "undo-nobody": ("ana", _at(f"{SECURITY}/undo/accounts?begins=2026-01-01T00:00&ends=2026-01-02T00:00")),
    "role-rules": ("ana", _role_rules),
    "role-rules-none": ("ana", _at(RULES)),
    "role-rules-refused": ("ana", _role_rules_refused),
    "role-rules-admin": ("ana", _at(f"{RULES}/admin?group=it-admins")),
    "role-rules-each-time": ("ana", _role_rules_each_time),
}
