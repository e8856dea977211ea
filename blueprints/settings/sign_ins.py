"""Settings → Security → Sign-in activity: all receipts, searched and read page by page, and each on its own page."""

from __future__ import annotations

from flask import abort, render_template, request, url_for

from blueprints import paging
from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.security_page import sign_in_view
from models import Organization
from organizations import receipts

PAGE = 25


@blueprint.get("/security/sign-ins")
@requires("security.read")
def sign_ins(organization: Organization) -> str:
    search = paging.text("q", request.args)
    before = receipts.find(organization, request.args.get("before", ""))
    rows = receipts.page(organization, PAGE + 1, search, before)
    here = {"slug": organization.slug, "q": search or None}
    return render_template(
        "settings/sign_ins.html",
        organization=organization,
        search=search,
        sign_ins=[sign_in_view(attempt) for attempt in rows[:PAGE]],
        next=url_for(".sign_ins", **here, before=rows[PAGE - 1].reference) if len(rows) > PAGE else None,
        first=url_for(".sign_ins", **here) if before else None,
    )


@blueprint.get("/security/sign-ins/<reference>")
@requires("security.read")
def sign_in(organization: Organization, reference: str) -> str:
    found = receipts.find(organization, reference)
    if found is None:
        abort(404, "There is no sign-in with this reference code. Look for it in the audit log.")
    return render_template("settings/sign_in.html", organization=organization, sign_in=sign_in_view(found))
