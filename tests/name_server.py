"""A real name server on loopback, over UDP and TCP, whose zones a test writes."""

from __future__ import annotations

from threading import Thread
from types import TracebackType
from typing import Any

from dnslib import CNAME, QTYPE, RCODE, RR, SOA, TXT, DNSRecord
from dnslib.server import BaseResolver, DNSLogger, DNSServer

from models import CHALLENGE_LABEL


class NameServer(BaseResolver):
    """Knows the `.example` domains that were given to it; all others do not exist. Counts what it is asked."""

    def __init__(self) -> None:
        self._records: dict[str, list[RR]] = {}
        self._errors: dict[str, str] = {}
        self.asked: list[str] = []
        self._tcp, self._udp = self._on_the_same_port()
        self.address: tuple[str, int] = self._udp.server.server_address

    def _on_the_same_port(self) -> tuple[DNSServer, DNSServer]:
        """A port that is free for TCP may not be for UDP: then another one."""
        quiet = DNSLogger(log="-request,-reply,-truncated,-error")
        for _ in range(20):
            tcp = DNSServer(self, address="127.0.0.1", port=0, tcp=True, logger=quiet)
            try:
                port = tcp.server.server_address[1]
                return tcp, DNSServer(self, address="127.0.0.1", port=port, logger=quiet)
            except OSError:
                tcp.server.server_close()
        raise OSError("no port is free for both TCP and UDP")

    def __enter__(self) -> NameServer:
        for server in (self._udp, self._tcp):
            # As its start_thread(), which however takes half a second to stop.
            Thread(target=server.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for server in (self._udp, self._tcp):
            server.server.shutdown()
            server.server.server_close()

    # ---- What a test writes ----

    def domain(self, name: str) -> None:
        """It exists, with nothing in it."""
        self._put(name, RR(name, QTYPE.SOA, rdata=SOA("ns.example", "root.example", (1, 60, 60, 60, 60))))

    def txt(self, domain: str, *values: str | list[str], at: str = "") -> None:
        """One record a value at the name of the challenge, or at another; a list is one record of several strings."""
        self.domain(domain)
        name = at or CHALLENGE_LABEL + domain
        self._records.pop(name, None)
        for value in values:
            strings = [value] if isinstance(value, str) else value
            self._put(name, RR(name, QTYPE.TXT, rdata=TXT([part.encode() for part in strings])))

    def cname(self, domain: str, target: str) -> None:
        self.domain(domain)
        name = CHALLENGE_LABEL + domain
        self._put(name, RR(name, QTYPE.CNAME, rdata=CNAME(target)))

    def error(self, domain: str, code: str) -> None:
        self._errors[CHALLENGE_LABEL + domain] = code

    def forget(self, domain: str) -> None:
        """Its challenge is deleted; the domain itself stays."""
        self._records.pop(CHALLENGE_LABEL + domain, None)
        self._errors.pop(CHALLENGE_LABEL + domain, None)

    def forget_all(self) -> None:
        """No domain exists any more."""
        self._records.clear()

    def _put(self, name: str, record: RR) -> None:
        self._records.setdefault(name, []).append(record)

    # ---- What it answers ----

    def resolve(self, request: DNSRecord, handler: Any) -> DNSRecord:
        name, kind = str(request.q.qname).rstrip("."), QTYPE[request.q.qtype]
        self.asked.append(f"{kind} {name}")
        reply = request.reply()
        if name in self._errors:
            reply.header.rcode = getattr(RCODE, self._errors[name])
        elif name not in self._records:
            reply.header.rcode = RCODE.NXDOMAIN
        while name in self._records:
            here = self._records[name]
            for record in here:
                if QTYPE[record.rtype] in (kind, "CNAME"):
                    reply.add_answer(record)
            target = next((str(record.rdata).rstrip(".") for record in here if record.rtype == QTYPE.CNAME), None)
            if target is None:
                break
            name = target
        return reply
