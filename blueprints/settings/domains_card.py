"""What the domains card shows, read once: one query, however many domains there are."""

from __future__ import annotations

from dataclasses import dataclass

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from blueprints.settings import domain_sentences, sentences
from database import now
from models import Domain, Organization
from organizations import challenges, domain_wording

TONES = {"verified": "success", "failed": "danger"}


class DomainForm(FlaskForm):
    name = StringField(
        "Add a domain",
        id="domain-name",
        validators=[
            DataRequired("Write the part of your addresses behind the @, like acme.example."),
            Length(max=253, message="This is longer than a domain can be. Write it like acme.example."),
        ],
    )


@dataclass(frozen=True, slots=True)
class Row:
    """`is_proved_by_dns`: its TXT record counts, so it can be checked. `wants_record`: and has to be put in place."""

    domain: Domain
    word: str
    tone: str
    sentence: str
    others: list[str]
    is_proved_by_dns: bool
    wants_record: bool
    last_check: str
    next_check: str


@dataclass(frozen=True, slots=True)
class DomainsCard:
    """`page`: which page it stands on, carried along in its addresses: `setup`, or nothing for the Security tab."""

    rows: list[Row]
    form: DomainForm
    page: str | None


def domains_card(organization: Organization, form: DomainForm | None = None, *, page: str | None = None) -> DomainsCard:
    """`form`: the one that was refused, with what was typed; otherwise an empty one."""
    return DomainsCard([_row(domain) for domain in organization.domains], form or DomainForm(formdata=None), page)


def _row(domain: Domain) -> Row:
    at, by_dns = now(), challenges.is_checked(domain)
    return Row(
        domain=domain,
        word=domain_wording.STATES[domain.state],
        tone=TONES.get(domain.state, "warning"),
        sentence=domain_wording.state(domain),
        others=domain_wording.other_values(domain),
        is_proved_by_dns=by_dns,
        wants_record=domain.state != "verified",
        last_check=sentences.ago(domain.checked_at, at) if by_dns and domain.checked_at else "",
        next_check=domain_sentences.ahead(domain.next_check_at, at) if by_dns and domain.next_check_at else "",
    )
