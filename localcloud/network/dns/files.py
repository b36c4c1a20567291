"""What CoreDNS reads: a Corefile, and a file a zone. Pure functions."""

import re
from collections.abc import Iterable
from pathlib import Path

from localcloud.network.dns.zones import PRIVATE_ZONES, TTL
from localcloud.network.fabric.addresses import DNS, UPLINKS

# Only the server itself, which rereads all at a signal, knows when the files belong together.
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
# Who is in a VPC asks through its router's resolver, which asks as the router's uplink.
_INSIDE = f"""
  view vpc {{
    expr incidr(client_ip(), '{UPLINKS}')
  }}"""
_ELSE = f"""\
.:53 {{
  bind {DNS}
  errors
  template ANY ANY . {{
    rcode NXDOMAIN
    authority ". {TTL} IN SOA ns.localcloud. hostmaster.localcloud. 1 60 60 60 {TTL}"
  }}
}}
"""
# A balancer that is gone is not AWS's API, whose name would cover it.
_NO_BALANCER = """\
  template ANY ANY {zone} {{
    match "\\.elb\\.[a-z0-9-]+\\.amazonaws\\.com\\.$"
    rcode NXDOMAIN
    authority "{zone} {ttl} IN SOA ns.{zone} hostmaster.{zone} 1 60 60 60 {ttl}"
    fallthrough
  }}
"""


def corefile(zones: Iterable[str], folder: Path) -> str:
    """The Corefile that serves these zones from their files, and nothing else."""
    return "".join([*(_block(zone, folder) for zone in sorted(zones)), _ELSE])


def _block(zone: str, folder: Path) -> str:
    view = _INSIDE if zone in PRIVATE_ZONES else ""
    block = _ZONE.format(zone=zone, address=DNS, view=view, file=folder / file_name(zone))
    if zone == "amazonaws.com.":
        block = block.replace("  file ", _NO_BALANCER.format(zone=zone, ttl=TTL) + "  file ", 1)
    return block


def file_name(zone: str) -> str:
    """The file of a zone; escapes and slashes of its name are not a path's."""
    return re.sub(r"[^a-z0-9.-]", lambda match: f"_{ord(match[0]):x}_", zone) + "zone"


def zone_file(zone: str, lines: Iterable[str], serial: int) -> str:
    """A zone's file. What does not exist is remembered for a few seconds only."""
    lines = list(lines)
    own = (line.split() for line in lines if line.startswith(f"{zone} "))
    server = next((parts[4] for parts in own if parts[3] == "NS"), f"ns.{zone}")
    soa = f"{zone} {TTL} IN SOA {server} hostmaster.{zone} {serial} 7200 900 1209600 {TTL}"
    return "\n".join([soa, *lines]) + "\n"
