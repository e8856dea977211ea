"""An address that is too long for its place breaks between its parts, not inside a word."""

from __future__ import annotations

from tests.browser.conftest import COOKIES, NewWindow
from tests.browser.running import Demo

PEOPLE = "/o/acme/settings/people"
LONG = "bartholomew.featherstonehaugh@acme.example"
# On how many lines each of these parts of an address stands, wherever it does.
LINES = """(parts) => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const lines = [];
  while (walker.nextNode()) for (const part of parts) {
    const begins = walker.currentNode.textContent.indexOf(part);
    if (begins < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, begins);
    range.setEnd(walker.currentNode, begins + part.length);
    lines.push(new Set([...range.getClientRects()].map((box) => box.top)).size);
  }
  return lines;
}"""


def test_in_people(new_window: NewWindow, demo: Demo) -> None:
    """Below a name and in the place of one: in the list, on the person's page, in its heading."""
    ana = new_window(storage_state=COOKIES["ana@acme.example"])
    demo.change("UPDATE user SET email = ?, family_name = NULL WHERE email = 'ben@acme.example'", LONG)
    number = demo.ask("SELECT id FROM user WHERE email = ?", LONG)
    for name in ("Ben", None):
        demo.change("UPDATE user SET given_name = ? WHERE email = ?", name, LONG)
        for path in ("", f"/{number}"):
            ana.open(f"{PEOPLE}{path}")
            for width in (320, 1_100):
                ana.page.set_viewport_size({"width": width, "height": 640})
                lines = ana.page.evaluate(LINES, LONG.replace("@", "@ ").replace(".", ". ").split()[:2])
                assert set(lines) == {1}, (path, width, lines)
