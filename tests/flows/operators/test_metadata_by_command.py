"""An operator hands over the metadata of an identity provider, as a file or by its address."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.certificates import key_pair
from tests.flows.operators.typing_commands import Operator
from tests.saml.idp_metadata import describe_idp


@pytest.mark.parametrize(
    ("content", "says"),
    [("not xml at all", "metadata"), ("<a/>", "identity provider"), ("", "metadata"), (None, "cannot be read")],
)
def test_metadata_that_cannot_be_used_is_refused_with_the_cure(acme: Operator, content: str | None, says: str) -> None:
    path = acme.folder / "bad.xml"
    if content is not None:
        path.write_text(content)
    assert says in acme.refused(f"sso configure acme --metadata {path}")


def test_metadata_from_an_address_that_is_not_https_is_refused(acme: Operator) -> None:
    assert "https://" in acme.refused("sso configure acme --metadata http://8.8.8.8/metadata")
    assert "larger than 1 MB" in acme.refused("sso configure acme --metadata /dev/zero")


def test_metadata_is_taken_from_the_address_it_is_published_at(acme: Operator) -> None:
    metadata = describe_idp("https://idp.acme.example/metadata", (key_pair().pem,))

    class Published(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(metadata.encode())

        def log_message(self, *_: object) -> None:
            """Nothing on standard error: the command's own words are looked at."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Published) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/metadata"
        acme.ok(f"sso configure acme --metadata {url}")
        server.shutdown()
        thread.join()
    [version] = acme.json("sso show acme")["versions"]
    assert (version["source"], version["idp_entity_id"]) == (url, "https://idp.acme.example/metadata")
    assert version["certificates"][0]["ends_at"] == "2036-01-01T00:00:00Z"


def test_a_file_is_named_in_the_log_without_its_folder(connected: Operator) -> None:
    [event] = connected.json("audit list acme --search sso:configured")
    assert event["details"]["source"] == "idp.xml"
    assert event["details"]["idp_entity_id"] == "https://idp.acme.example/metadata"
