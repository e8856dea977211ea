"""The words of the e-mails. Pure: facts in, (subject, body) out. Names come from outside: one line each."""

from __future__ import annotations

from datetime import datetime

from saml.attributes import JOINERS

SECOND_FACTORS = {
    "none": "a password alone; they have no second factor",
    "totp": "a password and a code of their authenticator app",
    "recovery_code": "a password and a recovery code",
}


def one_line(text: str) -> str:
    """Without line breaks and other characters that are not seen, but for joiners: they shape what is."""
    return " ".join("".join(letter if letter.isprintable() or letter in JOINERS else " " for letter in text).split())


def moment(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def invitation(organization: str, inviter: str, role: str, address: str, days: int | None) -> tuple[str, str]:
    """To whom an admin invites. `days` that the link is good for; None where it leads to single sign-on."""
    article = "an" if role == "admin" else "a"
    how = (
        "Accept by signing in with your work account. The address stays the same:"
        if days is None
        else f"Accept by setting a password. The link is for you alone, works once, and is good for {days} days:"
    )
    return (
        f"{one_line(inviter)} invites you to {one_line(organization)}",
        f"""{one_line(inviter)} invites you to {one_line(organization)} at Latchkey, as {article} {role.capitalize()}.

{how}

{address}

If you do not know what this is about, there is nothing to do: without you nothing happens.
""",
    )


def password_link(organization: str, maker: str, address: str | None, days: int, support: str) -> tuple[str, str]:
    """To whose account it is for. `address`: of the link; None where the admin who made it hands it on."""
    there = one_line(organization)
    how = (
        f"It works once within {days} days, for whoever has it. They hand it to you in another way than this mail."
        if address is None
        else f"It is for you alone, works once, and is good for {days} days:\n\n{address}"
    )
    return (
        f"A link to set your password at {there}",
        f"""{one_line(maker)}, an admin of {there}, made a link to set a password for your account there.

{how}

A password that you have now works until another is set.

If you do not know what this is about, write to support ({support}): with the link somebody else could sign in as you.
""",
    )


def emergency_sign_in(
    organization: str,
    who: str,
    at: datetime,
    address: str,
    second_factor: str,
    reference: str,
    audit_log: str,
    support: str,
) -> tuple[str, str]:
    """To the other admins: somebody came in past single sign-on."""
    return (
        f"Emergency sign-in to {one_line(organization)} by {who}",
        f"""{who} signed in to {one_line(organization)} without single sign-on, by the emergency sign-in for admins.

When: {moment(at)}
Network address: {address}
With: {SECOND_FACTORS[second_factor]}
Reference code: {reference}

If you know about this, there is nothing to do.

If it was not {who}: tell them to set another password, look in the audit log what was done since,
and write to support ({support}) with the reference code, so that the account can be stopped.

The audit log: {audit_log}
""",
    )


def second_factor_removed(organization: str, who: str, reason: str, audit_log: str, support: str) -> tuple[str, str]:
    """To all admins: an operator took a second factor away."""
    return (
        f"Second factor of {who} removed at {one_line(organization)}",
        f"""Latchkey removed the second factor and the recovery codes of {who}, an admin of {one_line(organization)}.
Until they add a new one in Settings, Profile, their password alone opens the emergency sign-in.

Reason: {one_line(reason)}

If nobody of you asked for this, write to support: {support}

The audit log: {audit_log}
""",
    )


def certificate_ending(
    organization: str, fingerprint: str, ends_at: datetime, days: int, security_tab: str
) -> tuple[str, str]:
    """`days`: whole days that are left."""
    when = {0: "in less than a day", 1: "in 1 day"}.get(days, f"in {days} days")
    return (
        f"Single sign-on of {one_line(organization)}: a certificate ends {when}",
        f"""A certificate with which your identity provider signs for {one_line(organization)} ends {when}.

Ends: {moment(ends_at)}
SHA-256: {fingerprint}

What to do: let your identity provider make its next certificate, and add that one in Settings, Security,
before it signs with it. Both work side by side until you retire the old one, so nobody is kept out.
If the identity provider publishes its metadata at an address that we read, check there that the new one has arrived.

{security_tab}
""",
    )
