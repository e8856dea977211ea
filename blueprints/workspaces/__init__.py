"""The home page: the General workspace of the signed-in person's organization, and who is in it."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from blueprints.access import requires
from models import Organization
from organizations import creation, people

blueprint = Blueprint("workspaces", __name__)


@blueprint.get("/")
@requires("workspace.read")
def home(organization: Organization) -> str:
    after = request.args.get("after", "").replace("\0", "")
    workspace = creation.general_workspace(organization.id)
    rows = people.members(workspace, after)
    members, more = rows[: people.MEMBERS], len(rows) > people.MEMBERS
    return render_template(
        "workspaces/home.html",
        organization=organization,
        workspace=workspace,
        members=members,
        # Known without another query only where the first page holds everybody.
        count=None if after or more else len(members),
        alone=not after and len(rows) == 1,
        next=url_for(".home", after=members[-1][0].email) if more else None,
        first=url_for(".home") if after else None,
    )
