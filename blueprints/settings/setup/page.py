"""What the set-up page shows, read once; the number of queries does not depend on how much there is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from blueprints.settings import sentences
from blueprints.settings.attention import attention
from blueprints.settings.configuration_view import Configuration, configuration_view
from database import now
from models import Domain, HandoverLink, Organization, SignInTest, SSOConnection
from organizations import certificates, connections, guides, handover, sign_in_tests
from saml.endpoints import Endpoints, endpoints

# The fields of Endpoints under the names that the guides use.
_VALUES = {
    "acs_url": "acs",
    "entity_id": "entity_id",
    "metadata_url": "metadata",
    "logout_url": "logout",
    "sign_in_url": "start",
}


@dataclass(frozen=True, slots=True)
class SetupPage:
    """`draft` waits beside `live`; `candidate` is the one that a test and an activation are about."""

    state: str
    word: str
    sentence: str
    attention: list[str]
    connection: SSOConnection | None
    ours: Endpoints | None
    domains: list[Domain]
    guides: list[guides.Guide]
    guide: guides.Guide | None
    live: Configuration | None
    draft: Configuration | None
    test: SignInTest | None
    links: list[HandoverLink]
    at: datetime

    @property
    def candidate(self) -> Configuration | None:
        return self.draft or self.live

    @property
    def has_verified_domain(self) -> bool:
        return any(domain.verified_at for domain in self.domains)

    @property
    def steps(self) -> list[tuple[str, str, bool]]:
        """The part of the page, its word, and whether it is done."""
        return [
            ("domains", "Domains", self.has_verified_domain),
            ("values", "Our values", self.ours is not None),
            ("provider", "Identity provider", self.candidate is not None),
            ("test", "Test", self.candidate is not None and self.candidate.row.tested_at is not None),
            ("activation", "Activation", self.state == "activated" and self.draft is None),
        ]

    @property
    def to_activate(self) -> bool:
        """Whether there is something that an activation would change."""
        return self.draft is not None or (self.live is not None and self.state != "activated")


def setup_page(organization: Organization, base_url: str, guide_key: str | None) -> SetupPage:
    at = now()
    connection = organization.connection
    state = connection.state if connection else "not_set_up"
    live = connection.live_configuration if connection else None
    draft = connections.draft(connection) if connection else None
    proved = certificates.proved(connection) if connection else {}
    ours = endpoints(base_url, connection.public_id) if connection else None
    guide = guides.find(guide_key) if guide_key else None
    candidate = draft or live
    verified = [domain.name for domain in organization.domains if domain.verified_at]
    return SetupPage(
        state=state,
        word=sentences.STATES[state],
        sentence=sentences.sso_state(state, verified),
        attention=attention(organization, at, draft),
        connection=connection,
        ours=ours,
        domains=organization.domains,
        guides=list(guides.every()),
        guide=guides.filled(guide, values_of(ours)) if guide and ours else None,
        live=configuration_view(live, at, proved) if live else None,
        draft=configuration_view(draft, at, proved, live) if draft else None,
        test=sign_in_tests.last_of(candidate) if candidate else None,
        links=handover.open_links(organization),
        at=at,
    )


def values_of(ours: Endpoints) -> dict[str, str]:
    """The values of a connection as the guides name them."""
    fields = asdict(ours)
    return {name: fields[field] for name, field in _VALUES.items()}
