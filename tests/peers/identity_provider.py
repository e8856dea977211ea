"""SimpleSAMLphp, an identity provider that nobody here wrote, from Debian's package, served by PHP itself.

apt-get install simplesamlphp micro-httpd php8.2-cgi php8.2-cli php8.2-xml php8.2-mbstring
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.browser.running import free_port
from tests.certificates import new_key_pair
from tests.waiting import wait_until_answered

CONFIGURATION = Path(__file__).parent / "simplesamlphp"
WEB = Path("/usr/share/simplesamlphp/www")
EXTENSIONS = {"dom", "mbstring", "openssl", "session"}
USERNAME, PASSWORD, EMAIL = "eve", "eve has a password", "eve@acme.example"
GIVEN_NAME, FAMILY_NAME = "Ève", "Lindqvist & Søn"


def what_is_missing() -> str | None:
    """In plain words, with the cure; None when it can be started."""
    if shutil.which("php") is None:
        return "no PHP on this machine (apt-get install php8.2-cli php8.2-xml php8.2-mbstring)"
    if not (WEB / "saml2/idp/SSOService.php").exists():
        return f"no SimpleSAMLphp in {WEB.parent} (apt-get install simplesamlphp)"
    loaded = set(subprocess.run(["php", "-m"], capture_output=True, text=True).stdout.lower().split())
    if EXTENSIONS - loaded:
        return f"PHP lacks {', '.join(sorted(EXTENSIONS - loaded))} (apt-get install php8.2-xml php8.2-mbstring)"
    return None


class IdentityProvider:
    """Started by making it, ended by `stop()`. How it signs and what it sends is changed by `behave()`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.metadata_url = f"{self.url}/simplesaml/saml2/idp/metadata.php"
        for name in ("web", "sessions", "tmp"):
            (folder / name).mkdir()
        (folder / "web/simplesaml").symlink_to(WEB)
        for name in ("idp", "next"):
            self._make_key(name)
        self.behave()
        self._log = folder / "php.log"
        server = ["php", f"-dsession.save_path={folder / 'sessions'}", "-ddisplay_errors=0"]
        with self._log.open("w") as log:
            # It makes workers of its own, which do not end with it: a group, so that they can be ended together.
            self._process = subprocess.Popen(
                [*server, "-S", f"127.0.0.1:{port}", "-t", str(folder / "web")],
                env=os.environ
                | {
                    "PHP_CLI_SERVER_WORKERS": "4",
                    "SIMPLESAMLPHP_CONFIG_DIR": str(CONFIGURATION),
                    "PEER_FOLDER": str(folder),
                    "PEER_URL": self.url,
                    "PEER_HOST": f"127.0.0.1:{port}",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until_answered(f"{self.url}/simplesaml/logout.php", self._process, self._log)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=30)

    def _make_key(self, file_name: str) -> None:
        """A signing key, and the certificate around it."""
        pair = new_key_pair("RSA-2048", "idp.acme.example")
        (self.folder / f"{file_name}.key").write_bytes(pair.key_pem)
        (self.folder / f"{file_name}.crt").write_text(pair.pem)

    def trust(self, metadata: str) -> None:
        """Take a service provider's metadata, as its admin would by saving it to a file."""
        (self.folder / "service-provider.xml").write_text(metadata)

    def behave(self, options: dict[str, Any] | None = None) -> None:
        """From the next request on, with these options of `saml20-idp-hosted`; the others as they come."""
        (self.folder / "settings.json").write_text(json.dumps(options or {}))

    def starting_with(self, service_provider: str, relay_state: str | None = None) -> str:
        """Where somebody who begins at the identity provider goes."""
        query = {"spentityid": service_provider, **({"RelayState": relay_state} if relay_state else {})}
        return f"{self.url}/simplesaml/saml2/idp/SSOService.php?{urlencode(query)}"

    @property
    def logout_url(self) -> str:
        """Where somebody signs out of everything at the identity provider; it ends on a page there."""
        query = urlencode({"ReturnTo": f"{self.url}/simplesaml/logout.php"})
        return f"{self.url}/simplesaml/saml2/idp/SingleLogoutService.php?{query}"

    @property
    def log(self) -> str:
        path = self.folder / "simplesamlphp.log"
        return path.read_text() if path.exists() else ""
