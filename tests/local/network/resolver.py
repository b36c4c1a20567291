"""A DNS client for tests: one question over UDP from a host of the cloud."""

import dns.message
import dns.query
import dns.rcode

from localcloud.network.netns import path, run_in


def ask(host: str, server: str, name: str, kind: str = "A", timeout: float = 5) -> list[str]:
    """The answers as "TYPE value", or the one code that is not NOERROR.

    Raises dns.exception.Timeout when no answer comes.
    """
    question = dns.message.make_query(name, kind)
    reply = run_in(path(host), lambda: dns.query.udp(question, server, timeout))
    if reply.rcode():
        return [dns.rcode.to_text(reply.rcode())]
    return [f"{found.rdtype.name} {value}" for found in reply.answer for value in found]
