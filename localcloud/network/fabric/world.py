"""What every cloud has: the backbone, where AWS itself answers, and the host `world`."""

from localcloud.network.fabric import addresses, files
from localcloud.network.fabric.model import BACKBONE, Fabric, Link, Setting

WORLD = "world"
# Between networks only public addresses are spoken to, whatever routes the backbone has.
RULESET = f"""\
table ip backbone
delete table ip backbone
table ip backbone {{
  chain forward {{
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
    ip daddr {addresses.UPLINKS} drop
  }}
}}
"""


def fabric() -> Fabric:
    """The backbone and the world, without any VPC."""
    own = [f"{addresses.AWS_API}/32", f"{addresses.DNS}/32"]
    settings = {
        *(Setting(BACKBONE, "lo", "address", address) for address in own),
        Setting(BACKBONE, WORLD, "address", addresses.WORLD_GATEWAY),
        Setting(WORLD, "eth0", "address", addresses.WORLD),
        Setting(WORLD, "eth0", "route", f"default via {addresses.WORLD_GATEWAY.split('/')[0]}"),
    }
    return Fabric(
        namespaces=frozenset({WORLD}),
        links=frozenset({Link(BACKBONE, WORLD, WORLD, "eth0")}),
        settings=frozenset(settings),
        forwarding=frozenset({BACKBONE}),
        rulesets={BACKBONE: RULESET},
        files={WORLD: files.files(addresses.DNS)},
    )
