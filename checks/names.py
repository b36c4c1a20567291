"""The CNAME records of names: in the cluster's DNS, by this host's resolver, and in Route 53."""

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver

from checks.aws import Aws
from checks.outcome import FailedProbe, Verdict

ANSWER_TIMEOUT = 5.0  # seconds
RECORDS = "ResourceRecordSets"
Cnames = dict[str, str]  # a name -> the name that its CNAME points to; neither ends with a dot


def normalize(name: object) -> str:
    """A DNS name in lower case, without the dot at its end."""
    return str(name).lower().removesuffix(".")


def cname_over_tcp(server: str, port: int, name: str) -> str:
    """The CNAME of a name, asked of one DNS server over TCP; FailedProbe if it has none."""
    query = dns.message.make_query(f"{name}.", dns.rdatatype.CNAME)
    try:
        answer = dns.query.tcp(query, server, timeout=ANSWER_TIMEOUT, port=port)
    except (OSError, EOFError, dns.exception.DNSException) as error:
        raise FailedProbe(f"no answer ({error or type(error).__name__})") from error
    if answer.rcode() != dns.rcode.NOERROR:
        raise FailedProbe(f"{dns.rcode.to_text(answer.rcode())} for {name}")
    for records in answer.answer:
        if records.rdtype == dns.rdatatype.CNAME and normalize(records.name) == normalize(name):
            return normalize(records[0].target)
    raise FailedProbe(f"{name} has no CNAME")


def resolved_cnames(names: list[str]) -> Cnames:
    """The CNAMEs of names by this host's resolver; FailedProbe if one has none."""
    try:
        resolver = dns.resolver.Resolver()
        answers = {
            name: resolver.resolve(f"{name}.", "CNAME", lifetime=ANSWER_TIMEOUT) for name in names
        }
    except dns.exception.DNSException as error:
        raise FailedProbe(str(error).rstrip(".")) from error
    return {name: normalize(answer[0].target) for name, answer in answers.items()}


def zone_cnames(aws: Aws, zone_id: str, names: list[str]) -> Cnames:
    """The CNAME records that a Route 53 zone holds of these names; FailedProbe if one has none."""
    wanted = {normalize(name) for name in names}
    types: dict[str, set[str]] = {}
    found: Cnames = {}
    with aws.translating_errors("Route 53", f"for zone {zone_id}") as make_client:
        pages = make_client("route53").get_paginator("list_resource_record_sets")
        for each in (it for page in pages.paginate(HostedZoneId=zone_id) for it in page[RECORDS]):
            if (name := normalize(each["Name"])) in wanted:
                types.setdefault(name, set()).add(each["Type"])
                if each["Type"] == "CNAME":
                    found[name] = normalize(each["ResourceRecords"][0]["Value"])
    for name in names:
        if normalize(name) not in found:
            others = ", ".join(sorted(types.get(normalize(name), ()))) or "none"
            raise FailedProbe(f"{name} has no CNAME record (records: {others})")
    return found


def judge_cnames(names: Cnames, target: str) -> Verdict:
    wrong = [f"{name} → {to}" for name, to in names.items() if to != normalize(target)]
    if wrong or not names:
        return Verdict(False, ", ".join(wrong) or "no names")
    return Verdict(True, f"{len(names)} CNAMEs → {normalize(target)}")
