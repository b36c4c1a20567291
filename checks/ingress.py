"""The checks of the Ingress: its names, its rules, its records."""

from collections.abc import Callable, Iterator

from checks import listener, names
from checks.context import Context, kubectl
from checks.outcome import Expectation, Outcome, Verdict
from checks.web import judge_page


def by_name(host: str, page: str) -> Callable[[Context], Iterator[Outcome]]:
    """A check that `curl <host>.<domain>` prints `page`, that of its rule's Service."""

    def outcomes(context: Context) -> Iterator[Outcome]:
        url = f"http://{host}.{context.outputs.domain}"
        look = f"checks 9 and 10; {kubectl(context, 'describe ingress')}"
        expectation = Expectation(f"GET {url}", page, look)
        yield context.patience.until_holds(
            expectation, lambda: judge_page(context.here.get(url), page)
        )

    return outcomes


def rules(context: Context) -> Iterator[Outcome]:
    """The ALB's listener sends svc1 to service-1, svc2 to service-2, all else to service-1."""
    service_1, service_2 = (context.outputs.service(key) for key in ("service_1", "service_2"))
    host, host_1, host_2 = (f"{each}.{context.outputs.domain}" for each in ("svc", "svc1", "svc2"))
    by_host = {host_1: service_1, host_2: service_2}

    def judge() -> Verdict:
        services = context.cluster.services().values()
        ports = {each.name: each.node_port for each in services if each.node_port is not None}
        found = listener.read(context.aws, context.outputs.ingress_hostname)
        return listener.judge_rules(found, by_host, (host, service_1), ports)

    expected = f"svc1→{service_1}, svc2→{service_2}, default→{service_1} (all healthy)"
    look = "the ALB's listener and target groups; the controller's log in kube-system"
    yield context.patience.until_holds(Expectation("ELB", expected, look), judge)


def records(context: Context) -> Iterator[Outcome]:
    """The three names are CNAME records that point to the Ingress's load balancer."""
    domain, zone_id = context.outputs.domain, context.outputs.zone_id
    hosts = [f"{each}.{domain}" for each in ("svc", "svc1", "svc2")]
    target = context.outputs.ingress_hostname
    expected = f"{len(hosts)} CNAMEs → {target}"
    look = f"Route 53 zone {zone_id}; the name servers of {domain} (dig NS)"

    def in_zone() -> Verdict:
        return names.judge_cnames(names.zone_cnames(context.aws, zone_id, hosts), target)

    def on_dns() -> Verdict:
        return names.judge_cnames(names.resolved_cnames(hosts), target)

    yield context.patience.until_holds(Expectation("zone", expected, look), in_zone)
    yield context.patience.until_holds(Expectation("DNS", expected, look), on_dns)
