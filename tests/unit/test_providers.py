"""Several identity providers in one document, and details that were typed: read alike, refused beside their field."""

from __future__ import annotations

import pytest

from saml import providers
from saml.metadata import MAXIMUM_BYTES, IdPMetadata, MetadataRefused
from saml.providers import DetailRefused, by_hand, choose, read_certificates, read_providers
from tests.certificates import key_pair
from tests.unit.test_idp_metadata import SP, SSO_URL, entities, entity, idp, key, service

ONE, TWO = "https://one.example", "https://two.example"
PEM = key_pair("P-256").pem
WEAK = entity(idp(key(key_pair("RSA-1024").base64)), TWO)


def test_one_is_read() -> None:
    [provider] = read_providers(entity(entity_id=ONE).encode())
    assert (provider.entity_id, provider.problem) == (ONE, None)
    assert provider.details == IdPMetadata(ONE, SSO_URL, (PEM,))


def test_several_are_read_each_with_its_own_problem() -> None:
    found = read_providers(entities(entity(entity_id=ONE), WEAK, entity(SP, "https://sp.example")).encode())
    assert [provider.entity_id for provider in found] == [ONE, TWO]
    assert [provider.details is None for provider in found] == [False, True]
    assert "too weak" in (found[1].problem or "")


def test_nested_groups_are_looked_through() -> None:
    inner = entities(entity(entity_id=TWO)).replace(" xmlns:md=", " ID='_1' xmlns:md=")
    assert [p.entity_id for p in read_providers(entities(entity(entity_id=ONE), inner).encode())] == [ONE, TWO]


@pytest.mark.parametrize("document", [WEAK, entity(SP), "no XML", entities(), "x" * (MAXIMUM_BYTES + 1)])
def test_where_the_only_one_cannot_be_used_the_document_is_refused(document: str) -> None:
    with pytest.raises(MetadataRefused):
        read_providers(document.encode())


def test_of_very_many_the_first_are_shown_and_any_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "SHOWN", 2)
    many = entities(*(entity(entity_id=f"https://{number}.example") for number in range(4))).encode()
    assert len(read_providers(many)) == 2
    assert choose(many, "https://3.example").entity_id == "https://3.example"


def test_http_on_this_machine_is_for_development_only() -> None:
    local = entity(idp(services=service("http://127.0.0.1:8001/sso"))).encode()
    assert read_providers(local, allow_http=True)[0].details is not None
    with pytest.raises(MetadataRefused, match="https://"):
        read_providers(local)
    with pytest.raises(MetadataRefused, match="https://"):
        choose(local, "https://idp.example/metadata")


class TestChoosing:
    def test_it_is_the_one_of_this_name(self) -> None:
        document = entities(entity(entity_id=ONE), entity(entity_id=f" {TWO} ")).encode()
        assert choose(document, TWO).entity_id == TWO

    def test_the_only_one_is_it_whatever_it_is_called_now(self) -> None:
        assert choose(entity(entity_id=TWO).encode(), ONE).entity_id == TWO

    def test_of_others_none_is_it(self) -> None:
        others = entities(entity(entity_id=TWO), entity(entity_id="https://three.example")).encode()
        with pytest.raises(MetadataRefused, match=r"does not describe https://one\.example any more"):
            choose(others, ONE)

    def test_its_own_problem_is_told(self) -> None:
        with pytest.raises(MetadataRefused, match="too weak"):
            choose(entities(entity(entity_id=ONE), WEAK).encode(), TWO)


def typed(**changes: str) -> IdPMetadata:
    details = {"entity_id": ONE, "sso_url": SSO_URL, "certificates": PEM, **changes}
    return by_hand(**details, allow_http=False)  # type: ignore[arg-type]


def test_typed_details_are_those_of_a_document() -> None:
    assert typed() == read_providers(entity(entity_id=ONE).encode())[0].details
    assert typed(entity_id=f" {ONE}\n", sso_url=f"\t{SSO_URL} ", slo_url="  ") == typed()
    logout = typed(slo_url="https://idp.example/slo", slo_response_url="https://idp.example/done")
    assert (logout.slo_url, logout.slo_response_url) == ("https://idp.example/slo", "https://idp.example/done")
    assert typed(entity_id="urn:example:idp").entity_id == "urn:example:idp", "an entity ID need not be an address"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("entity_id", ""),
        ("entity_id", "x" * 1_025),
        ("entity_id", "a\0b"),
        ("sso_url", ""),
        ("sso_url", "http://idp.example/"),
        ("sso_url", "http://127.0.0.1/"),
        ("sso_url", "https://idp.example/#top"),
        ("sso_url", "https://user@idp.example/"),
        ("sso_url", "https://idp.example/a\0b"),
        ("sso_url", "https://idp.example/a\r\nSet-Cookie: a=b"),
        ("sso_url", "https://idp.example/a b"),
        ("sso_url", "https://idp.example:0x50/"),
        ("slo_url", "ftp://idp.example/"),
        ("slo_response_url", "https://"),
        ("certificates", ""),
        ("certificates", "-----BEGIN CERTIFICATE-----"),
        ("certificates", key_pair("RSA-1024").pem),
        ("certificates", key_pair("P-192").pem),
        ("certificates", key_pair("P-256").key_pem.decode()),
        ("certificates", "é" * 40),
    ],
)
def test_a_refusal_names_its_field(field: str, value: str) -> None:
    with pytest.raises(DetailRefused) as caught:
        typed(**{field: value})
    assert caught.value.field == field
    assert str(caught.value).endswith(".")


class TestCertificates:
    def test_in_pem_with_words_around_them(self) -> None:
        other = key_pair("P-384").pem
        text = f"Signing certificate 1:\r\n{PEM}\n\nand the next:\n{other}"
        assert read_certificates(text) == (PEM, other)
        assert read_certificates(PEM.replace("\n", "\r\n")) == (PEM,)
        assert read_certificates(PEM.replace("\n", " ")) == (PEM,)

    def test_bare_base64_in_lines_of_any_length(self) -> None:
        body = key_pair("P-256").base64
        for text in (body, f"\n {body[:50]}\n{body[50:]} \n"):
            assert read_certificates(text) == (PEM,)

    def test_the_same_twice_counts_once(self) -> None:
        assert read_certificates(PEM + PEM) == (PEM,)

    def test_one_bad_among_good_is_refused(self) -> None:
        with pytest.raises(DetailRefused, match="too weak"):
            read_certificates(PEM + key_pair("RSA-1024").pem)

    def test_at_most_ten(self) -> None:
        assert len(read_certificates(PEM * 10)) == 1
        with pytest.raises(DetailRefused, match="At most 10"):
            read_certificates(PEM * 11)
