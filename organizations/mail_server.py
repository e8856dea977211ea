"""Talking to the mail server that SMTP_URL names (RFC 5321), and what a message looks like on the way (RFC 5322)."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from types import TracebackType
from urllib.parse import unquote, urlsplit

from organizations.letters import one_line

TIMEOUT_SECONDS = 20
SUBMISSION, SUBMISSIONS = 587, 465  # RFC 6409 and RFC 8314
LONGEST_ERROR = 300


class MailRefused(Exception):
    """This one message was not taken. `for_good`: the server said not to try again (5yz, RFC 5321, 4.2.1)."""

    def __init__(self, why: str, for_good: bool) -> None:
        super().__init__(why)
        self.for_good = for_good


class MailServerAway(Exception):
    """Nothing can be sent now; the text says why, without any secret."""


class MailServer:
    """A connection that is made at the first message and kept for the others. A context manager."""

    def __init__(self, url: str, sender: str) -> None:
        self._url, self._sender = urlsplit(url), sender
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> MailServer:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._connection is not None:
            try:
                self._connection.quit()
            except (smtplib.SMTPException, OSError):
                self._connection.close()

    def send(self, recipient: str, subject: str, body: str, *, number: int, at: datetime) -> None:
        """Raises MailRefused or MailServerAway. `number` and `at` name the message, the same at each try."""
        try:
            message = compose(self._sender, recipient, subject, body, number=number, at=at)
        except (ValueError, IndexError) as error:
            raise MailRefused(f"no message can be made of it ({type(error).__name__})", for_good=True) from error
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.send_message(message, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = refused.recipients[recipient]
            raise MailRefused(self._told(code, text), for_good=500 <= code < 600) from refused
        except smtplib.SMTPAuthenticationError as error:
            raise MailServerAway(f"it refuses our user name or password ({error.smtp_code})") from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            raise MailRefused(self._told(refused.smtp_code, refused.smtp_error), for_good=False) from refused
        except smtplib.SMTPResponseException as error:
            raise MailServerAway(self._told(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPException as error:
            raise MailServerAway(f"it ended the conversation ({type(error).__name__})") from error
        except OSError as error:  # a certificate that is not good is one, too
            raise MailServerAway(f"it cannot be reached ({type(error).__name__})") from error

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port
        # How we greet. Asking the DNS for our own name, as smtplib does, may take longer than the mail.
        ours = parseaddr(self._sender)[1].rpartition("@")[2]
        connection: smtplib.SMTP
        if self._url.scheme == "smtps":
            connection = smtplib.SMTP_SSL(
                host, port or SUBMISSIONS, ours, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            connection = smtplib.SMTP(host, port or SUBMISSION, ours, timeout=TIMEOUT_SECONDS)
        try:
            self._greet(connection, host)
        except BaseException:
            connection.close()
            raise
        return connection

    def _greet(self, connection: smtplib.SMTP, host: str) -> None:
        """Encrypted before anything of ours is said. On the machine itself there is no wire to listen to."""
        connection.ehlo()
        if self._url.scheme == "smtp" and not is_loopback(host):
            if not connection.has_extn("starttls"):
                raise MailServerAway("it offers no STARTTLS, and without that nothing is sent")
            connection.starttls(context=ssl.create_default_context())  # RFC 3207
            connection.ehlo()
        if self._url.username:
            connection.login(unquote(self._url.username), unquote(self._url.password or ""))

    def _told(self, code: int, text: bytes | str) -> str:
        """What the server answered, as one line, without our user name and password should it repeat them."""
        plain = one_line(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)
        for secret in filter(None, (self._url.password, unquote(self._url.password or ""))):
            plain = plain.replace(secret, "…")
        return f"{code} {plain}"[:LONGEST_ERROR]


def is_loopback(host: str) -> bool:
    """By what stands in the address; no name but `localhost` (RFC 6761) is believed."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def compose(sender: str, recipient: str, subject: str, body: str, *, number: int, at: datetime) -> EmailMessage:
    """A plain-text message in UTF-8. Raises ValueError for an address that is none.

    The Message-ID is the same at each try, so a copy that was sent twice after a crash can be told.
    """
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = Address(display_name=one_line(name), addr_spec=address)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{number}.{at:%Y%m%d%H%M%S%f}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice comes back
    message.set_content(body, charset="utf-8")
    return message
