"""What a test sign-in showed, and the attribute mapping that can be chosen from what was received."""

from __future__ import annotations

from collections.abc import Iterator

from flask import abort, current_app, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from blueprints.access import actor, requires
from blueprints.settings import blueprint
from blueprints.settings.configuration_view import MAPPED
from blueprints.settings.cures import CURES
from blueprints.settings.receipt_view import Check, checks_of
from blueprints.settings.sentences import another_role
from blueprints.settings.setup.forms import MappingForm
from blueprints.settings.setup.overview import setup_page_of
from database import db
from models import Organization, SignInTest, SSOConfiguration
from organizations import connections, sign_in_tests
from organizations.certificates import details_of
from organizations.encryption_keys import ConnectionRefused
from provisioning.decision import Reason
from provisioning.wording import WORDING

Page = str | tuple[str, int] | Response
USUAL = "By its usual names"
# What would happen; a refusal reads the same whether it has happened or would.
WOULD = {
    Reason.KNOWN_IDENTITY: "This person is known here and would be signed in.",
    Reason.INVITATION_ACCEPTED: "There is an invitation for this address; it would be accepted with the invited role.",
    Reason.EXISTING_ACCOUNT_LINKED: "The account with this address would be linked to this person and signed in.",
}


@blueprint.get("/security/sso/test/<test>")
@requires("sso.set_up")
def sso_test(organization: Organization, test: str) -> Page:
    found = _finished(organization, test)
    form = MappingForm(formdata=None, data=found.configuration.attribute_mapping)
    return _page(organization, found, form)


@blueprint.post("/security/sso/test/<test>/mapping")
@requires("sso.set_up")
def map_sso_attributes(organization: Organization, test: str) -> Page:
    found = _finished(organization, test)
    form = MappingForm()
    _offer(form, found)
    if not form.validate_on_submit():
        return _page(organization, found, form), 422
    mapping = {key: str(form[key].data) for key in MAPPED if form[key].data}
    configuration = found.configuration
    newest = connections.newest(organization.connection) if organization.connection else None
    if newest is None or newest.id != configuration.id:
        flash("There is a newer version meanwhile. Test that one, then choose its attributes.", "error")
        return setup_page_of(organization), 409
    try:
        version = _configure(organization, configuration, mapping)
    except ConnectionRefused as refused:
        flash(str(refused), "error")
        return _page(organization, found, form), 409
    db.session.commit()
    flash(f"The mapping is saved as version {version.version}. Now test it.", "success")
    return redirect(url_for(".sso_setup", slug=organization.slug), code=303)


def _configure(organization: Organization, before: SSOConfiguration, mapping: dict[str, str]) -> SSOConfiguration:
    return connections.configure(
        organization,
        details_of(before),
        before.metadata_source,
        current_app.config["KEY_ENCRYPTION_KEYS"],
        actor(),
        attribute_mapping=mapping,
        metadata_url=before.metadata_url,
    )


def _finished(organization: Organization, public_id: str) -> SignInTest:
    found = sign_in_tests.find(organization, public_id)
    if found is None or found.finished_at is None:
        abort(404, "There is no such test, or it is older than a day. Start a new one.")
    return found


def _offer(form: MappingForm, test: SignInTest) -> None:
    """Choose among the names that were received, and what is chosen already."""
    received = {str(attribute["name"]): _label(attribute) for attribute in test.attributes}
    for key in MAPPED:
        chosen = test.configuration.attribute_mapping.get(key)
        names = received if not chosen or chosen in received else {chosen: f"{chosen} (not received)", **received}
        form[key].choices = [("", USUAL), *names.items()]


def _label(attribute: dict[str, object]) -> str:
    name, friendly = str(attribute["name"]), attribute.get("friendly_name")
    return f"{friendly} ({name})" if friendly and friendly != name else name


def _page(organization: Organization, test: SignInTest, form: MappingForm) -> str:
    _offer(form, test)
    connection = organization.connection
    assert connection is not None
    newest = connections.newest(connection)
    current = newest is not None and newest.id == test.configuration_id
    return render_template(
        "settings/setup/sign_in_test.html",
        organization=organization,
        test=test,
        summary=_summary(test),
        receipt=list(_checks(test)),
        decision=_decision(test),
        activated=connection.activated_at is not None,
        understood=[(words, test.mapped.get(key)) for key, words in {"subject": "Known as", **MAPPED}.items()],
        form=form if current and test.attributes else None,
        can_activate=bool(current and test.passed and connection.live_configuration_id != test.configuration_id)
        or bool(current and test.passed and connection.activated_at is None),
    )


def _checks(test: SignInTest) -> Iterator[Check]:
    for check, entry in zip(checks_of(test.checks), test.checks, strict=True):
        check.cure = "" if check.passed else CURES.get(str(entry.get("name")), "")
        yield check


def _summary(test: SignInTest) -> str:
    if test.passed:
        return "Every check passed, so this version can be activated."
    if all(check.get("passed") for check in test.checks):
        return "No e-mail address was understood, so nobody new could get an account. Choose the attribute below."
    return "A check failed, so this version cannot be activated yet."


def _decision(test: SignInTest) -> dict[str, object] | None:
    if not test.decision:
        return None
    reason, role = Reason(test.decision["reason"]), test.decision.get("role")
    words = WOULD.get(reason, WORDING[reason].admin)
    if reason == Reason.CREATED_JUST_IN_TIME:
        words = f"A {str(role).capitalize()} account would be created in General."
    before = test.decision.get("role_before")
    if role and before not in (None, role):
        words += f" {another_role(str(before), str(role))}"
    if test.decision.get("role_rule"):
        words += f" Role rule: {test.decision['role_rule']}."
    return {**test.decision, "words": words}
