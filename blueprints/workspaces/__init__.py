"""The home page: the General workspace of the signed-in person's organization, and who is in it."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, url_for

from blueprints import paging
from blueprints.access import requires
from models import Organization
from organizations import creation, people

blueprint = Blueprint("workspaces", __name__)


@blueprint.get("/")
@requires("workspace.read")
def home(organization: Organization) -> str:
    workspace = creation.general_workspace(organization.id)
    page = paging.read(
        lambda place: people.members(workspace, place.behind, place.ahead), paging.place_by_address(), people.MEMBERS
    )
    everybody = not (page.earlier or page.later)
    return render_template(
        "workspaces/home.html",
        organization=organization,
        workspace=workspace,
        members=page.rows,
        # Known without another query only where one page holds everybody.
        count=len(page.rows) if everybody else None,
        alone=everybody and len(page.rows) == 1,
        **page.links(partial(url_for, ".home"), lambda row: row[0].email, paging.BY_ADDRESS),
    )
