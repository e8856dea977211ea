"""What the Security tab shows, read once. The number of queries does not depend on how much there is to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from blueprints.settings import sentences
from blueprints.settings.attention import attention
from blueprints.settings.configuration_view import Certificate, certificate_view, lasting
from blueprints.settings.jit_area import JITArea, Trial, jit_area
from blueprints.settings.missing import Missing, missing_steps
from blueprints.settings.receipt_view import Check, checks_of
from database import now
from models import Organization, SignInAttempt, SSOConfiguration, SSOConnection
from organizations import attempts, jit, receipts
from organizations.sso_links import PROVED
from provisioning.decision import Reason
from provisioning.wording import WORDING
from saml.endpoints import Endpoints, endpoints
from saml.receipt import CHECKS

SIGN_INS = 10
REASONS = frozenset(reason.value for reason in Reason)


@dataclass(frozen=True, slots=True)
class Step:
    word: str
    done: bool
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """`ours` is there as soon as a connection exists, before any detail of the identity provider is."""

    state: str
    word: str
    sentence: str
    steps: list[Step]
    ours: Endpoints | None
    configuration: SSOConfiguration | None
    certificates: list[Certificate]


@dataclass(frozen=True, slots=True)
class SignIn:
    """`outcome`: the word and the kind of its chip."""

    attempt: SignInAttempt
    outcome: tuple[str, str]
    explanation: str
    checks: list[Check]


@dataclass(frozen=True, slots=True)
class Status:
    state: str
    last_sign_in: datetime | None
    last_sign_in_ago: str
    certificate: str
    certificate_urgent: bool


@dataclass(frozen=True, slots=True)
class SecurityPage:
    status: Status
    attention: list[str]
    sso: SingleSignOn
    missing: Missing | None
    jit: JITArea | None
    sign_ins: list[SignIn]
    sign_ins_shown: int = SIGN_INS


def security_page(organization: Organization, base_url: str, trial: Trial | None = None) -> SecurityPage:
    at = now()
    recent = receipts.page(organization, SIGN_INS)
    sso = _single_sign_on(organization.connection, _verified(organization), base_url, at)
    obstacle = jit.obstacle(organization)
    return SecurityPage(
        status=_status(sso, _verified(organization), attempts.last_sso_sign_in(organization), at),
        attention=attention(organization, at),
        sso=sso,
        missing=missing_steps(organization, obstacle) if obstacle else None,
        jit=None if obstacle else jit_area(organization, trial),
        sign_ins=[sign_in_view(attempt) for attempt in recent],
    )


def _verified(organization: Organization) -> list[str]:
    return [domain.name for domain in organization.domains if domain.verified_at]


def _single_sign_on(connection: SSOConnection | None, verified: list[str], base_url: str, at: datetime) -> SingleSignOn:
    state = connection.state if connection else "not_set_up"
    configuration = connection.live_configuration if connection else None
    activated, tested = state == "activated", bool(configuration and configuration.tested_at)
    return SingleSignOn(
        state=state,
        word=sentences.STATES[state],
        sentence=sentences.sso_state(state, verified),
        steps=[
            Step("Enabled", state != "not_set_up"),
            Step("Tested", tested, skipped=activated and not tested),
            Step("Activated", activated),
        ],
        ours=endpoints(base_url, connection.public_id) if connection else None,
        configuration=configuration,
        certificates=[certificate_view(pem, at, {}) for pem in configuration.certificates] if configuration else [],
    )


def _status(sso: SingleSignOn, verified: list[str], last: datetime | None, at: datetime) -> Status:
    certificate = lasting(sso.certificates)
    return Status(
        state=sentences.sso_status(sso.state, verified),
        last_sign_in=last,
        last_sign_in_ago=sentences.ago(last, at) if last else "",
        certificate=f"Certificate {certificate.words}." if certificate else "",
        certificate_urgent=bool(certificate and certificate.urgent),
    )


def sign_in_view(attempt: SignInAttempt) -> SignIn:
    return SignIn(attempt, _outcome(attempt), _explanation(attempt), checks_of(attempt.checks))


def _outcome(attempt: SignInAttempt) -> tuple[str, str]:
    if attempt.reason == PROVED:
        return "Proved", "neutral"
    return ("Signed in", "success") if attempt.signed_in else ("Refused", "danger")


def _explanation(attempt: SignInAttempt) -> str:
    if attempt.reason == PROVED:
        return "They proved this identity for the account they were signed in to, and were asked to confirm the link."
    if attempt.reason in REASONS:
        return WORDING[Reason(attempt.reason)].admin
    if attempt.detail:
        return attempt.detail
    return CHECKS.get(attempt.reason, attempt.reason).replace("_", " ").capitalize() + "."
