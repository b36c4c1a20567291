"""A network load balancer's TCP and UDP listeners as nftables rules in the router of its VPC.

The rules choose a target for the first packet of a flow. The kernel remembers it, so new rules do
not change existing flows. Packets that no rule matches go on to the load balancer's own namespace.
There nginx accepts those for TLS listeners, and the kernel refuses the others.

For TLS listeners that preserve client addresses, nginx connects to targets with its client's source
address. The router would drop these packets as forged, and route the answers to the client. So the
chain before_routing replaces that address by one of the load balancer's own until the router has
chosen the route, and after_routing puts it back.
"""

from collections.abc import Callable, Iterator, Mapping

from localcloud.aws.elbv2.snapshots import Forward, Listener, LoadBalancer, TargetGroup, Zone
from localcloud.aws.elbv2.target_states import Key, State
from localcloud.network.balancer import flow_marks
from localcloud.network.balancer.targets import addresses_in_use
from localcloud.network.fabric.model import device

# The listener protocols that these rules serve, with nftables' names for them.
PROTOCOLS = {"TCP": ("tcp",), "UDP": ("udp",), "TCP_UDP": ("tcp", "udp")}
# Of TCP only SYN packets: later ones of a flow that has ended reach the namespace, which resets it.
_FIRST = {"tcp": "tcp flags & (syn | ack) == syn tcp", "udp": "udp"}
# One transaction flushes and refills the table, so no packet meets it empty.
_TABLE = """\
table ip {name}
flush table ip {name}
table ip {name} {{
{timeouts}  chain prerouting {{
    type nat hook prerouting priority dstnat - 1; policy accept;
{targets}  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat - 1; policy accept;
{sources}  }}
  chain before_routing {{
    type filter hook prerouting priority mangle - 1; policy accept;
    iifname "{device}" ip saddr != {{ {addresses} }} ct mark set {mark} ip saddr set {address}
    ct mark {mark} ct direction reply ip daddr set {address}
  }}
  chain after_routing {{
    type filter hook postrouting priority srcnat - 1; policy accept;
    ct mark {mark} ct direction original ip saddr set ct original ip saddr
    ct mark {mark} ct direction reply ip daddr set ct original ip saddr
  }}
}}
"""
# The kernel forgets a TCP connection after its idle timeout.
_TIMEOUT = """\
  ct timeout idle-{seconds} {{
    protocol tcp;
    l3proto ip;
    policy = {{ established: {seconds} }};
  }}
"""
# What is hashed to choose a target: the flow, or with stickiness the client's address alone.
_FLOW = "ip saddr . ip daddr . th sport . th dport"
_CLIENT = "ip saddr"


def script(
    balancer: LoadBalancer, groups: Mapping[str, TargetGroup], state: Callable[[Key], State]
) -> str:
    """The nftables script that creates or replaces the load balancer's table.

    Raises ValueError for a listener that does not forward to one target group.
    """
    targets: list[str] = []
    sources: list[str] = []
    for listener in balancer.listeners:
        if listener.protocol not in PROTOCOLS:
            continue
        group = groups[target_group_of(listener)]
        within_zone = not (balancer.cross_zone if group.cross_zone is None else group.cross_zone)
        for zone in balancer.zones:
            used = addresses_in_use(group, state, zone.name if within_zone else None)
            if used:
                targets += _destinations(listener, zone, _choose(balancer, used, group))
            if used and not group.preserve_client_ip:
                sources += _sources(listener, zone)
    idle = {each.idle_timeout for each in balancer.listeners if each.protocol in PROTOCOLS}
    return _TABLE.format(
        name=balancer.host,
        device=device(balancer.host),
        addresses=", ".join(zone.private_ip for zone in balancer.zones),
        address=balancer.zones[0].private_ip,
        mark=flow_marks.mark(balancer.host),
        timeouts="".join(_TIMEOUT.format(seconds=seconds) for seconds in sorted(idle)),
        targets="".join(f"    {line}\n" for line in targets),
        sources="".join(f"    {line}\n" for line in sources),
    )


def removal(name: str) -> str:
    """The nftables script that removes the table of the load balancer with this namespace."""
    return f"table ip {name}\ndelete table ip {name}\n"


def target_group_of(listener: Listener) -> str:
    """The ARN of the target group to which a listener forwards. Raises ValueError if not to one."""
    actions = [rule.action for rule in listener.rules]
    if len(actions) != 1 or not isinstance(actions[0], Forward) or len(actions[0].groups) != 1:
        raise ValueError(
            f"{listener.arn}: a {listener.protocol} listener must forward to just one target group"
        )
    return actions[0].groups[0][0]


def _destinations(listener: Listener, zone: Zone, target: str) -> Iterator[str]:
    """The rules for packets to a zone's private address, and from the uplink to its public one."""
    for protocol in PROTOCOLS[listener.protocol]:
        what = f"{_FIRST[protocol]} dport {listener.port} "
        if protocol == "tcp":
            what += f"ct timeout set idle-{listener.idle_timeout} "
        yield f'iifname != "up0" ip daddr {zone.private_ip} {what}{target}'
        if zone.public_ip:
            yield f'iifname "up0" ip daddr {zone.public_ip} {what}{target}'


def _choose(balancer: LoadBalancer, used: tuple[str, ...], group: TargetGroup) -> str:
    """The statements that choose one of the targets `used`, mark the flow and send it there."""
    marks = [str(flow_marks.mark(balancer.host, target)) for target in used]
    if len(used) == 1:
        return f"ct mark set {marks[0]} dnat to {used[0]}"
    # With nftables' default, a random seed, a client would change targets whenever rules change.
    by = f"jhash {_CLIENT if group.stickiness else _FLOW} mod {len(used)} seed 1 map"
    ends = [target.replace(":", " . ") for target in used]
    return f"ct mark set {by} {_numbered(marks)} dnat to {by} {_numbered(ends)}"


def _numbered(values: list[str]) -> str:
    return f"{{ {', '.join(f'{number} : {value}' for number, value in enumerate(values))} }}"


def _sources(listener: Listener, zone: Zone) -> Iterator[str]:
    """The rules of SNAT: to targets, packets come from the load balancer's address in the zone."""
    addresses = ", ".join(filter(None, (zone.private_ip, zone.public_ip)))
    for protocol in PROTOCOLS[listener.protocol]:
        yield (
            f"meta l4proto {protocol} ct original ip daddr {{ {addresses} }} "
            f"ct original proto-dst {listener.port} snat to {zone.private_ip}"
        )
