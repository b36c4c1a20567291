"""The post's statements on the Ingress: its names, its rules, its records."""

from collections.abc import Callable, Iterator

from checks import listener, names
from checks.statement import Claim, Statement, Verdict
from checks.web import is_page
from checks.world import World, kubectl


def by_name(host: str, page: str) -> Callable[[World], Iterator[Statement]]:
    """`curl <host>.<domain>` prints the one word of the Service that its rule names."""

    def statements(world: World) -> Iterator[Statement]:
        url = f"http://{host}.{world.stack.domain}"
        look = f"checks 9 and 10; {kubectl(world, 'describe ingress')}"
        claim = Claim(f"GET {url}", page, look)
        yield world.patience.until_holds(claim, lambda: is_page(world.here.get(url), page))

    return statements


def rules(world: World) -> Iterator[Statement]:
    """The rules on the Listener: svc1 to Service-1, svc2 to Service-2, else Service-1."""
    first, second = (world.stack.service(key) for key in ("service_1", "service_2"))
    svc, svc1, svc2 = (f"{each}.{world.stack.domain}" for each in ("svc", "svc1", "svc2"))

    def sends() -> Verdict:
        found = world.cluster.services().values()
        ports = {each.name: each.node_port for each in found if each.node_port is not None}
        told = listener.read(world.aws, world.stack.ingress_hostname)
        return listener.sends(told, {svc1: first, svc2: second}, (svc, first), ports)

    expected = f"svc1→{first}, svc2→{second}, default→{first} (all healthy)"
    look = "the ALB's listener and target groups; the controller's log in kube-system"
    yield world.patience.until_holds(Claim("ELB", expected, look), sends)


def records(world: World) -> Iterator[Statement]:
    """Three DNS records, and CNAMEs point them to the URL of the Ingress's load balancer."""
    hosts = [f"{each}.{world.stack.domain}" for each in ("svc", "svc1", "svc2")]
    target = world.stack.ingress_hostname
    expected = f"{len(hosts)} CNAMEs → {target}"
    look = f"Route 53 zone {world.stack.zone_id}; who serves {world.stack.domain} (dig NS)"

    def in_zone() -> Verdict:
        return names.all_point_at(names.zone_cnames(world.aws, world.stack.zone_id, hosts), target)

    def on_dns() -> Verdict:
        return names.all_point_at(names.resolved_cnames(hosts), target)

    yield world.patience.until_holds(Claim("zone", expected, look), in_zone)
    yield world.patience.until_holds(Claim("DNS", expected, look), on_dns)
