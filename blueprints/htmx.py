"""The only reader and writer of HX-* headers. The markup and the headers work with htmx 2 and 4 alike.

A GET never looks at these headers, so a page has one form per address. A POST asks `is_htmx()` once: a fragment
for htmx, a 303 to the page for a plain form. Notices are flashed either way; with a fragment they travel along
out of band, into the `role="status"` region of the page.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import make_response, render_template, request
from werkzeug.wrappers import Response


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def vary(response: Response) -> None:
    """A POST is answered to htmx in another form, so a cache must keep the two apart."""
    response.vary.add("HX-Request")


def fragment(template: str, status: int = 200, *, also: Sequence[str] = (), **context: object) -> Response:
    """A fragment (one root element, which replaces its own like in the page) and the notices flashed so far.

    `also`: templates of other parts of the page that are not true any more; each replaces the element with its id.
    """
    parts = [render_template(template, **context)]
    parts += [render_template(part, oob=True, **context) for part in (*also, "_notices.html")]
    response = make_response("".join(parts))
    response.status_code = status
    return response


def notices_only(status: int) -> Response:
    """Leave the page as it is and show the flashed notices: an error whose status is the real one.

    The notices are swapped out of band; `HX-Reswap: none` keeps the target from being emptied.
    """
    response = make_response(render_template("_notices.html", oob=True), status)
    response.headers["HX-Reswap"] = "none"
    return response


def redirect(target: str, status: int = 204) -> Response:
    """Let htmx load another page as a whole."""
    response = make_response("", status)
    response.headers["HX-Redirect"] = target
    return response


def refresh_target(target: str) -> Response:
    """The page on the screen is out of date as a whole (the form in it no longer exists): load it anew."""
    return redirect(target, status=409)
