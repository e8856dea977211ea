"""Settings → Security → Try an address: what would happen to somebody who signed in now. Its card is `_try.html`."""

from __future__ import annotations

from werkzeug.wrappers import Response

from blueprints import htmx
from blueprints.access import requires
from blueprints.settings import blueprint
from blueprints.settings.jit_area import Trial, TrialForm, tried
from blueprints.settings.security import gone, page_of
from models import Organization
from organizations import jit


@blueprint.post("/security/jit/try")
@requires("security.read")
def try_address(organization: Organization) -> Response | tuple[str, int]:
    """A POST, so that no address of a person stands in an address bar or a log; it stores nothing."""
    because = jit.obstacle(organization)
    if because:
        return gone(organization, because)
    form = TrialForm()
    trial = tried(organization, form) if form.validate_on_submit() else Trial(form)
    status = 200 if trial.answer else 422
    if htmx.is_htmx():
        return htmx.fragment("settings/_try.html", status, organization=organization, trial=trial)
    return page_of(organization, trial=trial), status
