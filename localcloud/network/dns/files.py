"""The files of CoreDNS: a Corefile, and one file per zone. Pure functions."""

import re
from collections.abc import Iterable
from pathlib import Path

from localcloud.network.dns.routing_policies import TTL
from localcloud.network.dns.zones import PRIVATE_ZONES
from localcloud.network.fabric.addresses import DNS, S3, UPLINKS

# No automatic reload: the reconciler sends a signal once it has written all files.
_ZONE = """\
{zone}:53 {{
  bind {address}
  errors
  loadbalance{view}
  file {file} {{
    reload 0
  }}
}}
"""
_VIEW = """
  view {name} {{
    expr {condition}
  }}"""
_OTHER_NAMES = f"""\
.:53 {{
  bind {DNS}
  errors
  template ANY ANY . {{
    rcode NXDOMAIN
    authority ". {TTL} IN SOA ns.localcloud. hostmaster.localcloud. 1 60 60 60 {TTL}"
  }}
}}
"""
# Names that the wildcard record of amazonaws.com must not answer: those of deleted network load
# balancers, which do not exist, and those of S3, which has an address of its own.
_BEFORE_WILDCARD = """\
  template ANY ANY {zone} {{
    match "\\.elb\\.[a-z0-9-]+\\.amazonaws\\.com\\.$"
    rcode NXDOMAIN
    authority "{zone} {ttl} IN SOA ns.{zone} hostmaster.{zone} 1 60 60 60 {ttl}"
    fallthrough
  }}
  template IN A {zone} {{
    match "^([^.]+\\.)?s3\\.[a-z0-9-]+\\.amazonaws\\.com\\.$"
    answer "{{{{ .Name }}}} {ttl} IN A {s3}"
    fallthrough
  }}
"""


def corefile(zones: Iterable[str], folder: Path) -> str:
    """The Corefile that serves exactly these zones, from their files."""
    return "".join([*(_block(zone, folder) for zone in sorted(zones)), _OTHER_NAMES])


def _block(zone: str, folder: Path) -> str:
    name, view = plain_name(zone), _view(zone)
    block = _ZONE.format(zone=name, address=DNS, view=view, file=folder / file_name(zone))
    if zone == "amazonaws.com.":
        before = _BEFORE_WILDCARD.format(zone=zone, ttl=TTL, s3=S3)
        block = block.replace("  file ", before + "  file ", 1)
    return block


def _view(zone: str) -> str:
    """The `view` that limits which queries a zone answers: see zones.py. Queries from a VPC come
    from the address of its router's uplink."""
    name, mark, of = re.fullmatch(r"([^@#]+)([@#]?)(.*)", zone).groups()  # type: ignore[union-attr]  # any text matches
    if mark == "#":
        low, high = of.split("-")
        return _VIEW.format(name="ids", condition=f"id() >= {low} && id() < {high}")
    clients = f"{of}/32" if mark else UPLINKS if name in PRIVATE_ZONES else None
    condition = f"incidr(client_ip(), '{clients}')"
    return _VIEW.format(name="vpc", condition=condition) if clients else ""


def plain_name(zone: str) -> str:
    """The zone's name without the suffix that says which queries it answers."""
    return re.split("[@#]", zone, maxsplit=1)[0]


def file_name(zone: str) -> str:
    """The file name of a zone; characters that a path may not have are replaced."""
    return re.sub(r"[^a-z0-9.-]", lambda match: f"_{ord(match[0]):x}_", zone) + "zone"


def zone_file(zone: str, lines: Iterable[str], serial: int) -> str:
    """The file of a zone. The SOA record makes resolvers cache NXDOMAIN for a few seconds only."""
    lines = list(lines)
    own = (line.split() for line in lines if line.startswith(f"{zone} "))
    server = next((parts[4] for parts in own if parts[3] == "NS"), f"ns.{zone}")
    soa = f"{zone} {TTL} IN SOA {server} hostmaster.{zone} {serial} 7200 900 1209600 {TTL}"
    return "\n".join([soa, *lines]) + "\n"
