"""The outbox goes out: to a mail server that takes it, refuses it, is away and comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from commands import job_mail
from database import db, now
from models import OutboxMessage
from organizations import outbox
from organizations.outbox import DELAYS
from tests.flows.jobs.conftest import stored
from tests.mail_box import MailBox

Put = Callable[..., int]
Later = Callable[..., None]


def test_a_message_is_sent_once(app: Flask, mail_server: Controller, mail_box: MailBox, put: Put) -> None:
    number = put(subject="Certificate ends", body="Zwei Zeilen:\nÄpfel & Öl\n")
    assert job_mail.run() == "1 sent"
    assert job_mail.run() == "0 sent"
    [message] = mail_box.messages
    assert mail_box.recipients == ["ana@acme.example"]
    assert message["From"] == "Latchkey <no-reply@latchkey.example>"
    assert message["To"] == "ana@acme.example"
    assert message["Subject"] == "Certificate ends"
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(rf"<{number}\.\d{{20}}@latchkey\.example>", message["Message-ID"])
    assert message["Date"].datetime == stored(number).created_at.replace(microsecond=0)
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == "Zwei Zeilen:\nÄpfel & Öl\n"
    assert (stored(number).sent_at is not None, stored(number).next_try_at, stored(number).error) == (True, None, None)


@pytest.mark.parametrize(
    "name",
    [
        "Acme\r\nBcc: everybody@acme.example",
        "Acme\nX-Evil: 1\n\nAnother body",
        "Øre & Søn “Ærlig” 日本",
        "علی\u200cرضا",
        '"Acme", <root@globex.example>',
        "Acme\u2028Bcc: x@acme.example\x00\x1b[2J",
        "=?utf-8?q?Acme?=",
    ],
)
def test_no_name_becomes_a_header_or_another_recipient(
    app: Flask, mail_server: Controller, mail_box: MailBox, put: Put, name: str
) -> None:
    put(subject=f"Emergency sign-in to {name}")
    assert job_mail.run() == "1 sent"
    [message] = mail_box.messages
    known = {"from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version"}
    assert {key.casefold() for key in message} - known <= {
        "content-type",
        "content-transfer-encoding",
        "x-peer",
        "x-mailfrom",
        "x-rcptto",
    }
    assert mail_box.recipients == ["ana@acme.example"]
    assert len(message["Subject"].splitlines()) == 1
    if name.isprintable() or "\u200c" in name:
        assert name in message["Subject"] or "=?" in name


@pytest.mark.parametrize(
    "recipient", ["ana@acme.example\r\nRCPT TO:<x@acme.example>", "a, b@acme.example", "nobody", ""]
)
def test_what_is_no_address_is_given_up(
    app: Flask, mail_server: Controller, mail_box: MailBox, put: Put, recipient: str
) -> None:
    number = put(recipient)
    assert job_mail.run() == "0 sent, 1 refused"
    assert mail_box.messages == []
    assert stored(number).next_try_at is None
    assert "no message can be made of it" in (stored(number).error or "")


def test_a_refused_recipient_does_not_stop_the_others(
    app: Flask, mail_server: Controller, mail_box: MailBox, put: Put
) -> None:
    mail_box.refused = {"gone@acme.example": "550 No such mailbox here", "busy@acme.example": "450 Come back later"}
    numbers = [put(f"{name}@acme.example") for name in ("gone", "busy", "ana")]
    assert job_mail.run() == "1 sent, 2 refused, 1 waiting"
    gone, busy, ana = map(stored, numbers)
    assert (gone.next_try_at, gone.error) == (None, "550 No such mailbox here")
    assert busy.error == "450 Come back later"
    assert busy.next_try_at is not None
    assert ana.sent_at is not None
    assert job_mail.run() == "0 sent, 1 waiting"


def test_a_server_that_is_away_is_tried_later_and_later_and_then_no_more(
    app: Flask, put: Put, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = put()
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://127.0.0.1:1")
    for delay in DELAYS:
        with pytest.raises(job_mail.MailNotSent, match=r"cannot be reached \(ConnectionRefusedError\); 1 waiting"):
            job_mail.run()
        assert job_mail.run() == "0 sent, 1 waiting"
        later(seconds=delay.total_seconds() - 5)
        assert job_mail.run() == "0 sent, 1 waiting"
        later(seconds=5)
    with pytest.raises(job_mail.MailNotSent, match="0 waiting"):
        job_mail.run()
    later(days=1)
    assert job_mail.run() == "0 sent"
    assert stored(number).tries == 6
    assert stored(number).error == "it cannot be reached (ConnectionRefusedError)"


def test_when_the_server_is_back_it_is_sent(
    app: Flask, mail_box: MailBox, mail_server: Controller, put: Put, later: Later
) -> None:
    number = put()
    good = app.config["SMTP_URL"]
    app.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    with pytest.raises(job_mail.MailNotSent):
        job_mail.run()
    app.config["SMTP_URL"] = good
    assert job_mail.run() == "0 sent, 1 waiting"
    later(minutes=1)
    assert job_mail.run() == "1 sent"
    assert stored(number).error is None


def test_no_transaction_is_open_while_the_server_takes_its_time(
    app: Flask, mail_server: Controller, mail_box: MailBox, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put()
    open_ones: list[bool] = []
    send = job_mail.MailServer.send

    def watched(*args: object, **options: object) -> None:
        open_ones.append(db.session().in_transaction())
        send(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(job_mail.MailServer, "send", watched)
    job_mail.run()
    assert open_ones == [False]


@pytest.mark.both_databases
def test_two_runs_at_once_send_each_message_once(
    app: Flask, mail_server: Controller, mail_box: MailBox, put: Put
) -> None:
    mail_box.pause = 0.01
    expected = sorted(f"person{number}@acme.example" for number in range(20))
    for recipient in expected:
        put(recipient)
    db.session.remove()
    barrier = Barrier(3)

    def run(_: int) -> str:
        with app.app_context():
            barrier.wait(10)
            return job_mail.run()

    with ThreadPoolExecutor(3) as threads:
        lines = list(threads.map(run, range(3)))
    assert sorted(mail_box.recipients) == expected, lines
    assert sum(line.startswith("0 sent") for line in lines) < 2, "at least two of them had something to do"


@pytest.mark.both_databases
def test_a_run_that_was_ended_while_sending_leaves_the_message_to_the_next_one(app: Flask, put: Put) -> None:
    put()
    message = outbox.claim(now())
    assert message is not None
    db.session.commit()
    assert outbox.claim(now() + outbox.CLAIM - timedelta(seconds=5)) is None
    assert outbox.claim(now() + outbox.CLAIM) is message


def test_without_a_server_messages_wait_and_are_dropped_after_a_week(app: Flask, put: Put, later: Later) -> None:
    first = put()
    later(days=6)
    assert job_mail.run() == "SMTP_URL is not set: 1 message waiting"
    later(days=1, seconds=1)
    assert job_mail.run() == "SMTP_URL is not set: 0 messages waiting, 1 dropped after 7 days"
    assert db.session.get(OutboxMessage, first) is None


def test_a_key_says_it_once_only(app: Flask) -> None:
    for _ in range(2):
        outbox.put("ana@acme.example", "Once", "x", key="said")
        db.session.commit()
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 1


def test_the_status_shows_what_waits_and_what_was_given_up(
    app: Flask, runner: FlaskCliRunner, mail_server: Controller, mail_box: MailBox, put: Put
) -> None:
    mail_box.refused = {"gone@acme.example": "550 No\x1b[2J such mailbox"}
    put("gone@acme.example")
    put("ana@acme.example")
    job_mail.run()
    put("later@acme.example")
    printed = runner.invoke(args=["jobs", "status"]).stdout
    assert re.search(r"gone@acme\.example .* given up +550 No.*such mailbox", printed)
    assert "\x1b" not in printed
    assert "later@acme.example" in printed
    assert " ana@acme.example" not in printed
