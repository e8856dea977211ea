"""Settings → Security → Undo a time window: who was created then, what they did since, and all of it ended at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, HiddenField

from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.sentences import counted
from blueprints.settings.shown import ShownForm, in_form
from database import db, now
from models import Organization
from organizations import undo

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class WindowForm(FlaskForm):
    class Meta:
        csrf = False  # it only asks to see something: a GET

    begins = DateTimeLocalField("From (UTC)", format=FORMATS)
    ends = DateTimeLocalField("To (UTC)", format=FORMATS)


class UndoForm(ShownForm):
    begins = HiddenField()
    ends = HiddenField()


@blueprint.get("/security/undo")
@requires("security.read")
def undo_window(organization: Organization) -> str | tuple[str, int]:
    """The last day, unless another window is asked for. Reading only."""
    form = WindowForm(request.args)
    if not request.args:
        form.ends.data = (now() + timedelta(minutes=1)).replace(tzinfo=None, second=0, microsecond=0)
        form.begins.data = form.ends.data - timedelta(days=1)
    elif not form.validate() or form.begins.data is None or form.ends.data is None:
        for field in (form.begins, form.ends):
            if field.data is None:
                field.errors = ["Choose a day and a time."]
        return _page(organization, form), 422
    begins, ends = form.begins.data.replace(tzinfo=UTC), form.ends.data.replace(tzinfo=UTC)
    if begins >= ends:
        form.ends.errors = ["This is not after the beginning."]
        return _page(organization, form), 422
    found = undo.window(organization, begins, ends)
    if len(found) > undo.MOST:
        form.ends.errors = [f"More than {undo.MOST} accounts were created in this time. Choose a shorter one."]
        return _page(organization, form), 422
    return _page(organization, form, found)


@blueprint.post("/security/undo")
@requires("security.change")
def undo_window_now(organization: Organization) -> Response:
    form = UndoForm()
    here = url_for(".undo_window", slug=organization.slug)
    begins, ends = _moment(form.begins.data), _moment(form.ends.data)
    if not form.validate_on_submit() or begins is None or ends is None:
        flash("Nothing was changed: choose the time again.", "error")
        return redirect(here, code=303)
    here = url_for(".undo_window", slug=organization.slug, begins=form.begins.data, ends=form.ends.data)
    undone = undo.end(organization, begins, ends, set(form.ids), current_user.user)
    db.session.commit()
    for created in undone.left:
        flash(f"{created.user.email} {created.left_out}, and keeps the account.", "warning")
    if undone.deactivated or undone.withdrawn:
        flash(_said(undone), "success")
    else:
        flash("Nobody was deactivated.", "message")
    return redirect(here, code=303)


def _said(undone: undo.Undone) -> str:
    ended, withdrawn = len(undone.deactivated), len(undone.withdrawn)
    parts = [f"{counted(ended, 'account')} deactivated. Whoever was signed in is signed out."] if ended else []
    if withdrawn:
        parts.append(f"{counted(withdrawn, 'account')} withdrawn that nobody had signed in to.")
    return " ".join(parts)


def _page(organization: Organization, form: WindowForm, found: list[undo.Created] | None = None) -> str:
    to_end = [created for created in found or [] if not created.left_out]
    confirm = None
    if to_end and form.begins.data and form.ends.data:
        confirm = UndoForm(
            formdata=None,
            shown=in_form(created.user.id for created in to_end),
            begins=form.begins.data.isoformat(),
            ends=form.ends.data.isoformat(),
        )
    return render_template(
        "settings/undo_window.html",
        organization=organization,
        form=form,
        found=found,
        to_deactivate=[created for created in to_end if not created.waits],
        to_withdraw=[created for created in to_end if created.waits],
        confirm=confirm,
    )


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=UTC)
    except ValueError:
        return None
