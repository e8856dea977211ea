"""The form of *Ask my admin*, and the token in it.

The token is signed, short-lived, of one refused attempt, and bound to the browser that made it. It is the CSRF token,
too: the answer to the identity provider's POST must set no session cookie, because that would replace the one of
somebody who is signed in here under another name (their cookie is not sent with a cross-site POST).
"""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from wtforms import Form, HiddenField, StringField
from wtforms.validators import Length

from blueprints.auth import browser
from models import Organization
from organizations import asking

# (Heading, sentence.)
ASKED_BEFORE = ("You have asked already", "Your admin sees it. Asking again so soon does not make it faster.")


class AskForm(Form):
    csrf_token = HiddenField()
    question = StringField(
        "What they should know (optional)",
        validators=[Length(max=asking.LONGEST_QUESTION, message=f"Write {asking.LONGEST_QUESTION} letters at most.")],
    )


class OutOfDate(Exception):
    """The token is forged, too old, or of another browser. `reference`: of the attempt, where this browser made it."""

    def __init__(self, reference: str | None) -> None:
        super().__init__()
        self.reference = reference


def offer(organization: Organization, reason: str, reference: str) -> dict[str, object]:
    """What auth/refused.html says of asking where an admin can help this person: the form, or that they have asked.

    Nothing for any other refusal, and where nobody knows who asks.
    """
    if reason not in asking.REASONS:
        return {}
    if asking.asked_lately(organization, reference):
        return {"help": ". ".join(ASKED_BEFORE)}
    return {"ask": AskForm(csrf_token=_serializer().dumps([reference, browser.binding_hash() or ""]))}


def reference_of(token: str) -> str:
    """Of the attempt that the token was made for. Raises OutOfDate."""
    serializer = _serializer()
    try:
        reference, binding = serializer.loads(token, max_age=browser.BINDING_SECONDS)
        too_old = False
    except SignatureExpired as error:
        reference, binding = serializer.load_payload(error.payload or b"")
        too_old = True
    except (BadData, ValueError, TypeError) as error:
        raise OutOfDate(None) from error
    ours = binding == browser.binding_hash()
    if too_old or (binding and not ours):
        raise OutOfDate(reference if ours else None)
    return str(reference)


def _serializer() -> URLSafeTimedSerializer:
    config = current_app.config
    return URLSafeTimedSerializer(
        [*reversed(config["SECRET_KEY_FALLBACKS"]), config["SECRET_KEY"]], salt="ask my admin"
    )
