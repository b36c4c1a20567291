"""DNS: what the cluster's, the machine's and Route 53's own records say of a name."""

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver

from checks.aws import Aws
from checks.statement import FailedProbe, Verdict

ANSWER_TIMEOUT = 5.0  # seconds
Names = dict[str, str]  # a name -> what its CNAME points at; neither ends with a dot


def bare(name: object) -> str:
    """A DNS name as people write it: in lower case, without the last dot."""
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
        if records.rdtype == dns.rdatatype.CNAME and bare(records.name) == bare(name):
            return bare(records[0].target)
    raise FailedProbe(f"{name} has no CNAME")


def resolved_cnames(names: list[str]) -> Names:
    """The CNAMEs of names by the machine's resolver; FailedProbe if one has none."""
    try:
        resolver = dns.resolver.Resolver()
        answers = {
            name: resolver.resolve(f"{name}.", "CNAME", lifetime=ANSWER_TIMEOUT) for name in names
        }
    except dns.exception.DNSException as error:
        raise FailedProbe(str(error).rstrip(".")) from error
    return {name: bare(answer[0].target) for name, answer in answers.items()}


def zone_cnames(aws: Aws, zone_id: str, names: list[str]) -> Names:
    """The CNAME records that a Route 53 zone holds of these names; FailedProbe if one has none."""
    found: Names = {}
    with aws.asking("Route 53", f"for zone {zone_id}") as client:
        for name in names:
            told = client("route53").list_resource_record_sets(
                HostedZoneId=zone_id, StartRecordName=name, MaxItems="10"
            )
            sets = told["ResourceRecordSets"]
            here = [each for each in sets if bare(each["Name"]) == bare(name)]
            cnames = [each for each in here if each["Type"] == "CNAME"]
            if not cnames:
                kinds = ", ".join(sorted({each["Type"] for each in here})) or "none"
                raise FailedProbe(f"{name} has no CNAME record (records: {kinds})")
            found[name] = bare(cnames[0]["ResourceRecords"][0]["Value"])
    return found


def all_point_at(names: Names, target: str) -> Verdict:
    """Whether every name is a CNAME to one target."""
    wrong = [f"{name} → {to}" for name, to in names.items() if to != bare(target)]
    if wrong or not names:
        return Verdict(False, ", ".join(wrong) or "no names")
    return Verdict(True, f"{len(names)} CNAMEs → {bare(target)}")
