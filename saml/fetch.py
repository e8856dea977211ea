"""Fetching a metadata document from an address that somebody typed, without becoming a way into our own network.

HTTPS only (http to this machine in development), 1 MB, five seconds in all, at most two redirects. The name is
resolved here, the address is judged, and the connection goes to that very address: a name that answers
differently the second time gains nothing. Each redirect is judged anew.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urljoin, urlsplit

from saml.metadata import MAXIMUM_BYTES, MetadataRefused

SECONDS = 5.0
REDIRECTS = 2
_CHUNK = 64 * 1024


def fetch_idp_metadata(url: str, allow_loopback: bool = False) -> bytes:
    """The document at `url`. Raises MetadataRefused with what to do."""
    deadline = time.monotonic() + SECONDS
    for _hop in range(REDIRECTS + 1):
        answer = _get(url, allow_loopback, deadline)
        if isinstance(answer, bytes):
            return answer
        try:
            url = urljoin(url, answer)
        except ValueError as error:
            raise MetadataRefused("The address redirects to something that is no address. Check it.") from error
    raise MetadataRefused(f"The address redirects more than {REDIRECTS} times. Use the address it ends at.")


def _get(url: str, allow_loopback: bool, deadline: float) -> bytes | str:
    """The body, or the address of a redirect."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MetadataRefused("The address has no valid host or port. Copy it again.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise MetadataRefused("Write the address of the metadata as https://….")
    address = _address(parts.hostname, port or (443 if parts.scheme == "https" else 80), allow_loopback)
    if parts.scheme == "http" and not ipaddress.ip_address(address[0]).is_loopback:
        raise MetadataRefused("The address must begin with https://: over http anybody on the way could change it.")
    connection, sock = _connect(parts.scheme, parts.hostname, address, deadline)
    # A time-out counts from byte to byte; whoever sends one now and then is cut off all the same.
    hang_up = threading.Timer(max(0.0, deadline - time.monotonic()), _shut_down, [sock])
    hang_up.daemon = True
    hang_up.start()
    try:
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept": "application/samlmetadata+xml, application/xml, text/xml"})
        with connection.getresponse() as response:
            if response.status in (301, 302, 303, 307, 308) and response.getheader("Location"):
                return str(response.getheader("Location"))
            if response.status != 200:
                raise MetadataRefused(
                    f"The address answered {response.status} instead of metadata. Open it in a browser."
                )
            return _read(response, deadline)
    except ssl.SSLError as error:
        raise MetadataRefused(
            f"No safe connection to {parts.hostname} could be made. Check the address and its TLS certificate."
        ) from error
    except (OSError, HTTPException, UnicodeError) as error:
        raise MetadataRefused(
            "The address did not answer in five seconds, or not properly. Try again, or use the metadata file."
        ) from error
    finally:
        hang_up.cancel()
        connection.close()


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _read(response: HTTPResponse, deadline: float) -> bytes:
    body = b""
    while True:
        chunk = response.read1(_CHUNK)
        if time.monotonic() >= deadline:
            raise TimeoutError  # what came so far may be half of it
        if not chunk:
            return body
        body += chunk
        if len(body) > MAXIMUM_BYTES:
            raise MetadataRefused("The metadata is larger than 1 MB. Ask the identity provider for that of one entity.")


def _address(host: str, port: int, allow_loopback: bool) -> tuple[str, int]:
    """The first address of the name. Every one of them must be public: a mixed answer is refused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise MetadataRefused(f"The name {host} cannot be found. Check the address.") from error
    for *_, address in found:
        ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None) or ip
        # Reserved: among others the IPv6 forms that carry an IPv4 address, such as NAT64 (RFC 6052).
        inward = not ip.is_global or ip.is_multicast or ip.is_reserved or getattr(ip, "is_site_local", False)
        if inward and not (allow_loopback and ip.is_loopback):
            raise MetadataRefused("The address leads into a private network. Use the metadata file instead.")
    return str(found[0][4][0]), port


def _connect(scheme: str, host: str, address: tuple[str, int], deadline: float) -> tuple[HTTPConnection, socket.socket]:
    """A connection to this very address, and its socket; the TLS handshake is still to come."""
    timeout = max(0.1, deadline - time.monotonic())
    kind = HTTPSConnection if scheme == "https" else HTTPConnection
    try:
        host.encode("idna")  # as TLS will; a name that is none is refused before a connection is opened
        connection = kind(host, address[1], timeout=timeout)
        sock = socket.create_connection(address, timeout)
        if scheme == "https":
            context = ssl.create_default_context()
            sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        connection.sock = sock
    except (OSError, UnicodeError, HTTPException) as error:
        raise MetadataRefused(
            f"No safe connection to {host} could be made. Check the address and its TLS certificate."
        ) from error
    return connection, sock
