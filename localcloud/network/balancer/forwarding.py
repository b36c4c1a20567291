"""A network load balancer as nftables rules in the router of its VPC.

The first packet of a flow chooses the target, and the kernel remembers it: new rules change nothing
for flows that exist. What no rule matches goes on to the load balancer's own namespace, which
refuses it, or where nginx listens.

Behind a TLS listener nginx connects to targets under its client's address, which the kernel would
take to be forged, and the answers would go to the client. So while the router finds out the way of
these packets they have one of the load balancer's own addresses instead.
"""

from collections.abc import Callable, Iterator, Mapping

from localcloud.aws.snapshots import Forward, Listener, LoadBalancer, TargetGroup, Zone
from localcloud.network.balancer import flows, routing
from localcloud.network.balancer.probe_results import Key, State
from localcloud.network.fabric.model import device

# The listener protocols that are forwarded so, by what nftables calls them.
PROTOCOLS = {"TCP": ("tcp",), "UDP": ("udp",), "TCP_UDP": ("tcp", "udp")}
# Of TCP only a first packet: that of a flow which has ended is refused by the load balancer.
_FIRST = {"tcp": "tcp flags & (syn | ack) == syn tcp", "udp": "udp"}
# Flushed, not made anew: so no packet meets a table without rules.
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
# After the idle time-out of a TCP connection the kernel forgets it.
_TIMEOUT = """\
  ct timeout idle-{seconds} {{
    protocol tcp;
    l3proto ip;
    policy = {{ established: {seconds} }};
  }}
"""
# What decides for a target: the flow, or with stickiness the client alone.
_FLOW = "ip saddr . ip daddr . th sport . th dport"
_CLIENT = "ip saddr"


def script(
    balancer: LoadBalancer, groups: Mapping[str, TargetGroup], state: Callable[[Key], State]
) -> str:
    """The nftables script that makes or replaces the rules.

    Raises ValueError for a listener that does not forward to one target group.
    """
    targets: list[str] = []
    sources: list[str] = []
    for listener in balancer.listeners:
        if listener.protocol not in PROTOCOLS:
            continue
        group = groups[group_of(listener)]
        within_zone = not (balancer.cross_zone if group.cross_zone is None else group.cross_zone)
        for zone in balancer.zones:
            used = routing.in_use(group, state, zone.name if within_zone else None)
            if used:
                targets += _destinations(listener, zone, _pick(balancer, used, group))
            if used and not group.preserve_client_ip:
                sources += _sources(listener, zone)
    idle = {each.idle_timeout for each in balancer.listeners if each.protocol in PROTOCOLS}
    return _TABLE.format(
        name=balancer.host,
        device=device(balancer.host),
        addresses=", ".join(zone.private_ip for zone in balancer.zones),
        address=balancer.zones[0].private_ip,
        mark=flows.mark(balancer.host),
        timeouts="".join(_TIMEOUT.format(seconds=seconds) for seconds in sorted(idle)),
        targets="".join(f"    {line}\n" for line in targets),
        sources="".join(f"    {line}\n" for line in sources),
    )


def removal(name: str) -> str:
    """The nftables script that removes the rules of the load balancer with this namespace."""
    return f"table ip {name}\ndelete table ip {name}\n"


def group_of(listener: Listener) -> str:
    """The ARN of the target group to which a listener forwards. Raises ValueError for several."""
    actions = [rule.action for rule in listener.rules]
    if len(actions) != 1 or not isinstance(actions[0], Forward) or len(actions[0].groups) != 1:
        raise ValueError(
            f"{listener.arn}: a {listener.protocol} listener forwards to one target group"
        )
    return actions[0].groups[0][0]


def _destinations(listener: Listener, zone: Zone, target: str) -> Iterator[str]:
    """The rules for the private and the public address; up0 is the router's uplink."""
    for protocol in PROTOCOLS[listener.protocol]:
        what = f"{_FIRST[protocol]} dport {listener.port} "
        if protocol == "tcp":
            what += f"ct timeout set idle-{listener.idle_timeout} "
        yield f'iifname != "up0" ip daddr {zone.private_ip} {what}{target}'
        if zone.public_ip:
            yield f'iifname "up0" ip daddr {zone.public_ip} {what}{target}'


def _pick(balancer: LoadBalancer, used: tuple[str, ...], group: TargetGroup) -> str:
    """What marks the flow with its target, and sends it there."""
    marks = [str(flows.mark(balancer.host, target)) for target in used]
    if len(used) == 1:
        return f"ct mark set {marks[0]} dnat to {used[0]}"
    # The seed is given, since a random one would send a client elsewhere after each change.
    by = f"jhash {_CLIENT if group.stickiness else _FLOW} mod {len(used)} seed 1 map"
    ends = [target.replace(":", " . ") for target in used]
    return f"ct mark set {by} {_numbered(marks)} dnat to {by} {_numbered(ends)}"


def _numbered(values: list[str]) -> str:
    return f"{{ {', '.join(f'{number} : {value}' for number, value in enumerate(values))} }}"


def _sources(listener: Listener, zone: Zone) -> Iterator[str]:
    addresses = ", ".join(filter(None, (zone.private_ip, zone.public_ip)))
    for protocol in PROTOCOLS[listener.protocol]:
        yield (
            f"meta l4proto {protocol} ct original ip daddr {{ {addresses} }} "
            f"ct original proto-dst {listener.port} snat to {zone.private_ip}"
        )
