"""What is said of a domain: its state, what the last look at the DNS gave, what to do. Pure: a row in, words out."""

from __future__ import annotations

from models import Domain

STATES = {"pending": "Pending", "verified": "Verified", "failed": "Failed", "attention": "Attention"}

# What a look gave → in few words; for `dns_error` by which error it was.
SHORT = {
    "found": "found",
    "nothing": "nothing found",
    "other": "another value found",
    "taken": "verified for another organization",
    "time_out": "no answer in time",
    "no_such_domain": "no such domain",
    "server_failure": "name server error",
}
# The same → the whole sentence, and what to do.
_CURES = {
    "nothing": (
        "There is no TXT record at {name}. Add it at your DNS provider. A new record can be seen within minutes at "
        "most providers, within hours at some."
    ),
    "other": (
        "The TXT record at {name} has another value. Replace it with the value below, or add that one as a second "
        "record."
    ),
    "taken": "The record is right, but {domain} is verified for another organization. Contact support.",
    "time_out": (
        "The name servers of {domain} did not answer in time. Check again in a few minutes; if it stays like this, ask "
        "your DNS provider."
    ),
    "no_such_domain": (
        "The DNS knows no domain {domain}. Compare the spelling. A domain that was registered just now can take a day "
        "to be known."
    ),
    "server_failure": (
        "The name servers of {domain} answered with an error, so the record could not be read. Ask your DNS provider: "
        "often the delegation or DNSSEC of the domain is wrong."
    ),
}


def result_of(domain: Domain) -> str | None:
    """A key of SHORT, or None when the DNS was never looked at."""
    if domain.check_result == "dns_error":
        return domain.check_found[0] if domain.check_found else "server_failure"
    return domain.check_result


def other_values(domain: Domain) -> list[str]:
    return domain.check_found if domain.check_result == "other" else []


def short_result(domain: Domain) -> str | None:
    return SHORT.get(result_of(domain) or "")


def result(domain: Domain) -> str:
    """The whole sentence on the last look, empty where there is nothing to say."""
    return _CURES.get(result_of(domain) or "", "").format(domain=domain.name, name=domain.record_name)


def state(domain: Domain) -> str:
    """What the state means, and what to do about it."""
    if domain.state == "attention":
        return (
            f"The TXT record that proves it is gone. People at {domain.name} sign in as before; put the record below "
            f"back, so that it stays proved to be yours. {'' if domain.check_result == 'nothing' else result(domain)}"
        ).strip()
    if domain.state == "failed":
        return result(domain)
    if domain.state == "pending":
        return (
            "Add the TXT record below at your DNS provider, then check it. Until it is found, the domain is not used "
            "for signing in."
        )
    if domain.verified_by != "dns":
        return "Verified by support. Addresses at sub-domains count separately."
    if domain.check_result != "found":
        return f"Verified by its TXT record, which could not be read the last time. {result(domain)}"
    return "Verified by its TXT record: keep it, it is looked for daily. Addresses at sub-domains count separately."


def lost_record(domain: Domain) -> tuple[str, str]:
    """Subject and body of the mail to the admins."""
    return f"The TXT record of {domain.name} is gone", (
        f"{domain.name} is verified for your organization by a TXT record, and this record was not found any more.\n"
        "\n"
        "Nothing has changed for anybody: people sign in as before. Put the record back, so that the domain stays\n"
        "proved to be yours. At your DNS provider:\n"
        "\n"
        f"Type   TXT\n"
        f"Name   {domain.record_name}\n"
        f"Value  {domain.record_value}\n"
        "\n"
        f"What was seen: {SHORT[result_of(domain) or 'nothing']}.\n"
        "\n"
        "It is looked for again by itself. To look at once: Settings, Security, Domains, Check now.\n"
    )
