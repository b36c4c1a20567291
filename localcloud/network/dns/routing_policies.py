"""Weighted, multivalue and alias records of a hosted zone as plain records.

CoreDNS does not know these policies. So the zone has variants, in which every name has one answer,
and the id of a query, a random number of 16 bits, decides which of them answers it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from localcloud.aws.snapshots import RecordSet
from localcloud.network.dns import syntax

log = logging.getLogger(__name__)
Answer = tuple[tuple[int, str], ...]  # TTLs and values
Group = tuple[str, str]  # name and type of its record sets
QUERY_IDS = 0x10000  # how many there are
MULTIVALUE = 8  # values of a multivalue answer, at most
ALIAS_DEPTH = 8  # aliases that are followed, one to the next
TTL = 5  # seconds (60 on AWS): load balancers and instances appear quickly here


def variants(
    records: Sequence[RecordSet], balancers: Mapping[str, list[str]]
) -> Iterator[tuple[range, list[str]]]:
    """The lines of a zone for each range of query ids; `balancers` are addresses by name."""
    groups: dict[Group, list[RecordSet]] = {}
    for record in records:
        groups.setdefault((syntax.name(record.name), record.type), []).append(record)
    parts = {}
    for group in groups:
        try:
            parts[group] = _parts(_answers(group, groups, balancers, ALIAS_DEPTH))
        except ValueError as error:
            log.warning("%s %s is not served: %s", *group, error)
    ends = sorted({QUERY_IDS, *(end for found in parts.values() for end, _ in found)})
    for start, end in zip([0, *ends], ends, strict=False):
        yield (
            range(start, end),
            [
                f"{name} {ttl} IN {kind} {value}"
                for (name, kind), found in parts.items()
                for ttl, value in next((answer for limit, answer in found if start < limit), ())
            ],
        )


def _parts(answers: Sequence[tuple[Fraction, Answer]]) -> list[tuple[int, Answer]]:
    """Answers, each with the end of its range of query ids."""
    shares = [share for share, _ in answers]
    return [
        (round(QUERY_IDS * sum(shares[:number])), answer)
        for number, (_, answer) in enumerate(answers, 1)
    ]


def _answers(
    group: Group,
    groups: Mapping[Group, list[RecordSet]],
    balancers: Mapping[str, list[str]],
    depth: int,
) -> list[tuple[Fraction, Answer]]:
    """The answers of the record sets of one name and type, each with its share of queries."""
    found: list[tuple[Fraction, Answer]] = []
    for share, records in _routed(groups[group]):
        if (alias := records[0].alias) is None:
            values = [(r.ttl, syntax.value(r.type, value)) for r in records for value in r.values]
            found.append((share, tuple(values)))
            continue
        target = (syntax.name(alias), group[1])
        if target[0] in balancers:
            addresses = balancers[target[0]] if group[1] == "A" else []
            found.append((share, tuple((TTL, address) for address in addresses)))
        elif target in groups and depth:
            through = _answers(target, groups, balancers, depth - 1)
            found += [(share * part, answer) for part, answer in through]
        else:
            found.append((share, ()))
    return found


def _routed(records: Sequence[RecordSet]) -> list[tuple[Fraction, Sequence[RecordSet]]]:
    """The record sets of one name and type that answer together, with their share of the queries.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html,
    .../routing-policy-multivalue.html
    """
    if any(record.multivalue for record in records):
        if len(records) <= MULTIVALUE:
            return [(Fraction(1), records)]
        twice, count = [*records, *records], len(records)
        return [(Fraction(1, count), twice[n : n + MULTIVALUE]) for n in range(count)]
    total = sum(record.weight or 0 for record in records)
    return [
        (Fraction(record.weight or 0, total) if total else Fraction(1, len(records)), [record])
        for record in records
        if record.weight or not total
    ]
