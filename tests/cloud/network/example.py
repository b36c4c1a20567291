"""The network of most of these tests."""

from localcloud.aws.snapshots import Rule, Vpc
from tests.unit.localcloud.network.examples import group, interface, tcp, vpc

WEB, WEB_PUBLIC = "10.0.1.10", "198.51.100.10"
NODE, DATABASE = "10.0.2.20", "10.0.3.30"
WORLD, AWS = "198.18.0.10", "192.0.2.10"


def example() -> Vpc:
    """A public web server, a private node with pods, and a database without a way out."""
    groups = [
        group("sg-web", [tcp(80, "0.0.0.0/0"), tcp(81, "198.18.0.0/24")]),
        group("sg-node", [Rule("tcp", 8000, 9000, groups=("sg-web",)),
                          Rule("-1", -1, -1, groups=("sg-node",))]),
        group("sg-database", [tcp(5432, groups=("sg-node",))], egress=[]),
    ]  # fmt: skip
    interfaces = [
        interface("i-web", WEB, "sg-web", public=WEB_PUBLIC),
        interface("i-node", NODE, "sg-node", subnet="private", prefixes=("10.0.128.0/24",)),
        interface("i-database", DATABASE, "sg-database", subnet="closed"),
    ]
    return vpc(interfaces, groups)
