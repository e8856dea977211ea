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
from blueprints.settings.sentences import MOST_PEOPLE, counted, listed
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

    def window(self) -> tuple[datetime, datetime] | None:
        """Whole minutes in UTC; None where it is none, and then that stands beside the field."""
        for field in (self.begins, self.ends):
            if field.data is None:
                field.errors = ["Choose a day and a time."]
        if self.begins.data is None or self.ends.data is None:
            return None
        begins, ends = (field.data.replace(second=0, tzinfo=UTC) for field in (self.begins, self.ends))
        if begins < ends:
            return begins, ends
        self.ends.errors = ["This is not after the beginning."]
        return None


class UndoForm(ShownForm):
    begins = HiddenField()
    ends = HiddenField()


@blueprint.get("/security/undo")
@requires("security.read")
def undo_window(organization: Organization) -> str:
    """Which time; the last day is proposed. The accounts are on the next page, and the fields are not: what can be
    confirmed there is of the time that was shown.
    """
    form = WindowForm(request.args)
    if not request.args:
        form.ends.data = (now() + timedelta(minutes=1)).replace(tzinfo=None, second=0, microsecond=0)
        form.begins.data = form.ends.data - timedelta(days=1)
    return _choose(organization, form)


@blueprint.get("/security/undo/accounts")
@requires("security.read")
def undo_accounts(organization: Organization) -> str | Response | tuple[str, int]:
    if not request.args:
        return redirect(url_for(".undo_window", slug=organization.slug), code=303)
    form = WindowForm(request.args)
    window = form.window()
    if window is None:
        return _choose(organization, form), 422
    found = undo.window(organization, *window)
    if len(found) > undo.MOST:
        form.ends.errors = [f"More than {undo.MOST} accounts were created in this time. Choose a shorter one."]
        return _choose(organization, form), 422
    return _accounts(organization, *window, found)


@blueprint.post("/security/undo")
@requires("security.change")
def undo_window_now(organization: Organization) -> Response:
    form = UndoForm()
    here = url_for(".undo_window", slug=organization.slug)
    begins, ends = _moment(form.begins.data), _moment(form.ends.data)
    if not form.validate_on_submit() or begins is None or ends is None:
        flash("Nothing was changed: choose the time again.", "error")
        return redirect(here, code=303)
    here = url_for(".undo_accounts", slug=organization.slug, begins=form.begins.data, ends=form.ends.data)
    undone = undo.end(organization, begins, ends, set(form.ids), current_user.user)
    db.session.commit()
    if undone.deactivated or undone.withdrawn:
        flash(_said(undone), "success")
    else:
        flash("Nobody was deactivated.", "message")
    if undone.left:
        flash(_left(undone.left), "warning")
    return redirect(here, code=303)


def _said(undone: undo.Undone) -> str:
    ended, withdrawn = len(undone.deactivated), len(undone.withdrawn)
    parts = [f"{counted(ended, 'account')} deactivated. Whoever was signed in is signed out."] if ended else []
    if withdrawn:
        parts.append(f"{counted(withdrawn, 'account')} withdrawn that nobody had signed in to.")
    return " ".join(parts)


def _left(left: list[undo.Created]) -> str:
    """Some of them by name; the reason of each stands on the page."""
    each = [f"{created.user.email} {created.left_out}" for created in left]
    if len(each) == 1:
        return f"{each[0]}, and keeps the account."
    return f"{len(each)} people keep their account: {listed(each, MOST_PEOPLE, 'people')}."


def _choose(organization: Organization, form: WindowForm) -> str:
    return render_template("settings/undo_window.html", organization=organization, form=form)


def _accounts(organization: Organization, begins: datetime, ends: datetime, found: list[undo.Created]) -> str:
    to_end = [created for created in found if not created.left_out]
    moments = {"begins": begins, "ends": ends}
    in_fields = {name: at.replace(tzinfo=None).isoformat(timespec="minutes") for name, at in moments.items()}
    return render_template(
        "settings/undo_accounts.html",
        organization=organization,
        **moments,
        in_fields=in_fields,
        found=found,
        to_deactivate=[created for created in to_end if not created.waits],
        to_withdraw=[created for created in to_end if created.waits],
        confirm=UndoForm(formdata=None, shown=in_form(created.user.id for created in to_end), **in_fields),
    )


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=UTC)
    except ValueError:
        return None
