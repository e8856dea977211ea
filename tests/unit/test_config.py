"""Settings from the environment: an unsafe one stops the start with one sentence, and says how to cure it."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

import config
from app import create_app

KEY = Fernet.generate_key().decode()
SAFE = {
    "SECRET_KEY": "s" * 32,
    "PUBLIC_BASE_URL": "https://app.example",
    "DATABASE_URL": "postgresql://db.example/latchkey",
    "KEY_ENCRYPTION_KEY": KEY,
}


def load(**changes: str | None) -> dict[str, object]:
    return config.load({name: value for name, value in {**SAFE, **changes}.items() if value is not None})


def test_safe_settings_start_and_without_a_word_it_is_production() -> None:
    settings = load()
    assert (settings["LATCHKEY_ENV"], settings["TESTING"]) == ("production", False)
    assert settings["TRUSTED_PROXY_HOPS"] == 0


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"LATCHKEY_ENV": "staging"}, "LATCHKEY_ENV must be one of"),
        ({"LATCHKEY_ENV": ""}, "LATCHKEY_ENV must be one of"),
        ({"SECRET_KEY": None}, "SECRET_KEY must be at least 32"),
        ({"SECRET_KEY": "s" * 31}, "SECRET_KEY must be at least 32"),
        ({"SECRET_KEY_FALLBACKS": f"{'o' * 32},short"}, "SECRET_KEY_FALLBACKS must be at least 32"),
        ({"PUBLIC_BASE_URL": None}, "PUBLIC_BASE_URL must be the address"),
        ({"PUBLIC_BASE_URL": "app.example"}, "PUBLIC_BASE_URL must be the address"),
        ({"PUBLIC_BASE_URL": "https://"}, "PUBLIC_BASE_URL must be the address"),
        ({"PUBLIC_BASE_URL": "ftp://app.example"}, "PUBLIC_BASE_URL must be the address"),
        ({"PUBLIC_BASE_URL": "https://app.example/latchkey"}, "PUBLIC_BASE_URL must be the address"),
        ({"PUBLIC_BASE_URL": "https://app.example?a=b"}, "PUBLIC_BASE_URL must be the address"),
        ({"PUBLIC_BASE_URL": "http://app.example"}, "PUBLIC_BASE_URL must begin with https://"),
        ({"DATABASE_URL": None}, "DATABASE_URL must be set"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must not be an in-memory"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL must not be an in-memory"),
        ({"KEY_ENCRYPTION_KEY": None}, "KEY_ENCRYPTION_KEY must be one or more Fernet keys"),
        ({"KEY_ENCRYPTION_KEY": "a key that is none"}, "KEY_ENCRYPTION_KEY must be one or more Fernet keys"),
        ({"KEY_ENCRYPTION_KEY": f"{KEY},broken"}, "KEY_ENCRYPTION_KEY must be one or more Fernet keys"),
        ({"TRUSTED_PROXY_HOPS": "6"}, "TRUSTED_PROXY_HOPS must be the number"),
        ({"TRUSTED_PROXY_HOPS": "-1"}, "TRUSTED_PROXY_HOPS must be the number"),
        ({"TRUSTED_PROXY_HOPS": "one"}, "TRUSTED_PROXY_HOPS must be the number"),
    ],
)
def test_an_unsafe_setting_stops_the_start_in_one_sentence(changes: dict[str, str | None], begins: str) -> None:
    with pytest.raises(config.UnsafeSetting) as unsafe:
        load(**changes)
    sentence = str(unsafe.value)
    assert sentence.startswith(begins)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert ". " not in sentence, "one sentence"
    for name, value in changes.items():
        secret = "SECRET" in name or "KEY" in name
        assert not (secret and value and value in sentence), "a secret is not repeated"


def test_the_application_does_not_start_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")
    with pytest.raises(SystemExit, match=r"^Latchkey does not start: SECRET_KEY must be"):
        create_app()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_the_address_that_hosting_providers_hand_out_gets_our_driver(scheme: str) -> None:
    settings = load(DATABASE_URL=f"{scheme}://u:p@db.example:5432/latchkey?sslmode=require")
    assert settings["SQLALCHEMY_DATABASE_URI"] == ("postgresql+psycopg://u:p@db.example:5432/latchkey?sslmode=require")


@pytest.mark.parametrize("url", ["postgresql+psycopg://db.example/latchkey", "sqlite:////var/lib/latchkey/latchkey.db"])
def test_any_other_address_of_a_database_stays_as_it_is(url: str) -> None:
    assert load(DATABASE_URL=url)["SQLALCHEMY_DATABASE_URI"] == url


def test_over_https_the_cookies_belong_to_this_host_only() -> None:
    settings = load()
    assert settings["SESSION_COOKIE_NAME"] == "__Host-latchkey"
    assert settings["COOKIE_PREFIX"] == "__Host-"
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SESSION_COOKIE_HTTPONLY"] is True
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert "SESSION_COOKIE_DOMAIN" not in settings
    assert "SESSION_COOKIE_PATH" not in settings


def test_in_development_over_http_the_cookie_has_a_name_that_http_may_set() -> None:
    settings = load(LATCHKEY_ENV="development", PUBLIC_BASE_URL="http://localhost:8000/", DATABASE_URL=None)
    assert (settings["SESSION_COOKIE_NAME"], settings["SESSION_COOKIE_SECURE"]) == ("latchkey", False)
    assert settings["PUBLIC_BASE_URL"] == "http://localhost:8000"
    assert str(settings["SQLALCHEMY_DATABASE_URI"]).startswith("sqlite:///")
    assert settings["TESTING"] is False


def test_several_keys_are_read_newest_first() -> None:
    older = Fernet.generate_key().decode()
    settings = load(KEY_ENCRYPTION_KEY=f" {KEY} , {older},", SECRET_KEY_FALLBACKS=f"{'o' * 32}, {'p' * 32}")
    assert settings["KEY_ENCRYPTION_KEYS"] == [KEY, older]
    assert settings["SECRET_KEY_FALLBACKS"] == ["o" * 32, "p" * 32]
