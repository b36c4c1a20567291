"""The checks of the Ingress: its load balancer, its names, its rules, its records."""

from collections.abc import Callable, Iterator

from checks import listener, names
from checks.context import Context, kubectl, pages
from checks.entrance import Entrance
from checks.outcome import Expectation, FailedProbe, Outcome, Verdict
from checks.outputs import Host
from checks.web import Page, judge_any_page, judge_body, judge_page

DEFAULT_PAGE = "svc-1"  # of the default backend


def by_name(host: str, page: str) -> Callable[[Context], Iterator[Outcome]]:
    """A check that `curl <host>.<domain>` prints `page`, that of its rule's Service."""

    def outcomes(context: Context) -> Iterator[Outcome]:
        url = f"http://{host}.{context.outputs.domain}"
        look = f"checks 9 and 10; {kubectl(context, 'describe ingress')}"
        expectation = Expectation(f"GET {url}", page, look)
        yield context.patience.until_holds(
            expectation, lambda: judge_page(pages(context, [url])[0](), page)
        )

    return outcomes


def rules(context: Context) -> Iterator[Outcome]:
    """The ALB's listener sends every host and path to its Service, all else to service-1."""
    hosts = [(each.host, each.path, each.service) for each in context.outputs.hosts]
    kind, default = context.outputs.target_type, context.outputs.service("service_1")

    def judge() -> Verdict:
        found = listener.read(context.aws, context.outputs.ingress_hostname)
        targets = context.cluster.targets(kind)
        other = f"svc.{context.outputs.domain}"
        return listener.judge_rules(found, hosts, (other, default), kind, targets)

    sent = [f"{listener.place(host, path)}→{service}" for host, path, service in hosts]
    expected = f"{', '.join([*sent, f'default→{default}'])} (all healthy)"
    look = "the ALB's listener and target groups; the controller's log in kube-system"
    yield context.patience.until_holds(Expectation("ELB", expected, look), judge)


def records(context: Context) -> Iterator[Outcome]:
    """The names are CNAME records that point to the Ingress's load balancer."""
    domain, zone_id = context.outputs.domain, context.outputs.zone_id
    hosts = list(dict.fromkeys([f"svc.{domain}", *(each.host for each in context.outputs.hosts)]))
    target = context.outputs.ingress_hostname
    expected = f"{len(hosts)} CNAMEs → {target}"
    look = f"Route 53 zone {zone_id}; the name servers of {domain} (dig NS)"

    def in_zone() -> Verdict:
        return names.judge_cnames(names.zone_cnames(context.aws, zone_id, hosts), target)

    def on_dns() -> Verdict:
        return names.judge_cnames(names.resolved_cnames(hosts), target)

    yield context.patience.until_holds(Expectation("zone", expected, look), in_zone)
    yield context.patience.until_holds(Expectation("DNS", expected, look), on_dns)


def load_balancer(context: Context) -> Iterator[Outcome]:
    """The load balancer is an ALB, and is reached only from where its scheme says."""
    look = f"{kubectl(context, 'describe ingress')}; the controller's log in kube-system"
    entrance = Entrance("alb", context.outputs.ingress_scheme, look)
    yield from entrance.outcomes(
        context,
        lambda: context.outputs.ingress_hostname,
        DEFAULT_PAGE,
        lambda body: judge_body(body, DEFAULT_PAGE),
    )


def further_hosts(context: Context) -> Iterator[Outcome]:
    """Every host of the setting `services` answers with its page or, for an image, any."""
    hosts = context.outputs.further_hosts

    def judge() -> Verdict:
        got = pages(context, [each.url for each in hosts])
        wrong = [
            seen for each, page in zip(hosts, got, strict=True) if (seen := _wrong(each, page))
        ]
        return Verdict(not wrong, ", ".join(wrong) or f"its page, {len(hosts)} times")

    if not hosts:
        expectation = Expectation("hosts", "none", "the setting services")
        yield Outcome(expectation, Verdict(True, "none beside the post's"))
        return
    urls = ", ".join(each.url for each in hosts)
    expectation = Expectation(
        f"GET every host ({urls})",
        f"its page, {len(hosts)} times",
        f"checks 9 and 10; {kubectl(context, 'describe ingress')}",
    )
    yield context.patience.until_holds(expectation, judge)


def _wrong(host: Host, page: Callable[[], Page]) -> str:
    """What is wrong with a host's page, "" if nothing."""
    try:
        verdict = judge_any_page(page()) if host.page is None else judge_page(page(), host.page)
    except FailedProbe as failed:
        return f"{host.url} {failed}"
    return "" if verdict.ok else f"{host.url} {verdict.saw}"
