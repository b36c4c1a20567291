"""Which record sets may stand beside each other in a zone."""

from collections.abc import Iterator, Sequence

from localcloud.aws.route53.records import Described, key
from localcloud.aws.route53.targets import Targets

MOST_WEIGHTED = 100  # weighted record sets of one name and type
NO_MULTIVALUE = ("CNAME", "NS", "SOA")
UNROUTED = ("NS", "SOA", "DS")


def conflicts(
    zone: str, records: Sequence[Described], made: Sequence[Described], targets: Targets
) -> list[str]:
    """What is wrong with a zone's record sets, of which some were `made` just now."""
    wrong = []
    at_apex = {record["Type"] for record in records if record["Name"] == zone}
    if "NS" not in at_apex:
        wrong.append("A HostedZone must contain at least one NS record for the zone itself.")
    if "SOA" not in at_apex:
        wrong.append("A HostedZone must contain exactly one SOA record.")
    by_name: dict[str, list[Described]] = {}
    for record in records:
        by_name.setdefault(record["Name"], []).append(record)
    for record in made:
        beside = by_name[record["Name"]]
        wrong += _beside_cname(zone, record, beside)
        wrong += _in_group(record, [each for each in beside if each["Type"] == record["Type"]])
        wrong += targets.problems(zone, record, records)
    return wrong


def _beside_cname(zone: str, record: Described, beside: Sequence[Described]) -> Iterator[str]:
    kind, types = record["Type"], {each["Type"] for each in beside}
    if len(types) > 1 and "CNAME" in types:
        what = f"RRSet of type {kind} with DNS name {record['Name']} is not permitted"
        yield (
            f"{what} as it conflicts with other records with the same DNS name in zone {zone}"
            if kind == "CNAME"
            else f"{what} because a conflicting RRSet of type CNAME with the same DNS name "
            f"already exists in zone {zone}"
        )


def _in_group(record: Described, group: Sequence[Described]) -> Iterator[str]:
    """Problems of a record set beside those of its name and type: another policy or TTL, too many.

    cert-manager/cert-manager/issues/5388, kubernetes-sigs/external-dns/issues/4345,
    aws/aws-sdk-go-v2/issues/518, chef-boneyard/route53/issues/100
    """
    name, kind, identifier = key(record)
    what = f"RRSet with DNS name {name}, type {kind}"
    if not identifier:
        if len(group) > 1:
            yield f"{what} cannot be created as other RRSets exist with the same name and type."
        return
    what += f", SetIdentifier {identifier} cannot be created"
    if kind in UNROUTED or ("MultiValueAnswer" in record and kind in NO_MULTIVALUE):
        yield f"{what} as its type takes no such routing policy."
    if "MultiValueAnswer" in record:
        if "AliasTarget" in record:
            yield f"{what} as a multivalue answer RRSet cannot be an alias."
        if any("MultiValueAnswer" not in each for each in group):
            same = "exists with the same name and type."
            yield f"{what} because a non multivalue answer rrset {same}"
        return
    if any("Weight" not in each for each in group):
        yield f"{what} as a non-weighted set exists with the same name and type."
    if len({each["TTL"] for each in group if "TTL" in each}) > 1:
        yield f"{what} as weighted sets must contain the same TTL."
    if len(group) > MOST_WEIGHTED:
        yield f"{what} as there are {MOST_WEIGHTED} weighted sets with the same name and type."
