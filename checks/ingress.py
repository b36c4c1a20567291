"""The checks of the Ingress: its load balancer, its names, its rules, its records."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from checks import listener, names
from checks.context import Context, kubectl_hint, pages
from checks.load_balancer import ExpectedLoadBalancer
from checks.outcome import Expectation, FailedProbe, Outcome, Verdict
from checks.web import (
    NGINX_PAGE,
    Page,
    judge_any_page,
    judge_body,
    judge_nginx_page,
    judge_page,
    judge_redirect,
    judge_text,
)

DEFAULT_PAGE = "svc-1"  # of the default backend
MOVED = "301 Moved Permanently"


def by_name(host: str, page: str) -> Callable[[Context], Iterator[Outcome]]:
    """A check that `curl <host>.<domain>` prints `page`."""

    def outcomes(context: Context) -> Iterator[Outcome]:
        url = f"{context.outputs.protocol}://{host}.{context.outputs.domain}"
        look = f"checks 9 and 10; {kubectl_hint(context, 'describe ingress')}"
        expectation = Expectation(f"GET {url}", page, look)
        yield context.patience.until_holds(
            expectation, lambda: judge_page(pages(context, [url])[0](), page)
        )

    return outcomes


def rules(context: Context) -> Iterator[Outcome]:
    """The ALB's listener sends every host and path to its Service, all else to service-1."""
    hosts = [(each.host, each.path, each.service) for each in context.outputs.hosts]
    target_type, default = context.outputs.target_type, context.outputs.service("service_1")

    def judge() -> Verdict:
        outputs = context.outputs
        found = listener.read(context.aws, outputs.ingress_hostname, outputs.protocol)
        targets = context.cluster.targets(target_type)
        other = f"svc.{context.outputs.domain}"
        return listener.judge_rules(found, hosts, (other, default), target_type, targets)

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
    look = f"{kubectl_hint(context, 'describe ingress')}; the controller's log in kube-system"
    expected = ExpectedLoadBalancer("alb", context.outputs.ingress_scheme, look)
    # With TLS its own name is only redirected, as no certificate has that name.
    page, judge = (DEFAULT_PAGE, judge_body) if not context.outputs.tls else (MOVED, judge_text)
    yield from expected.outcomes(
        context, lambda: context.outputs.ingress_hostname, page, lambda body: judge(body, page)
    )


def further_hosts(context: Context) -> Iterator[Outcome]:
    """Every host of the setting `services` answers with its page, or any page for an image."""
    hosts = context.outputs.further_hosts

    def judge() -> Verdict:
        wrong = _wrong_pages(
            context,
            {
                each.url: judge_any_page
                if each.page is None
                else partial(judge_page, expected=each.page)
                for each in hosts
            },
        )
        return Verdict(not wrong, ", ".join(wrong) or f"the page of each ({len(hosts)})")

    if not hosts:
        expectation = Expectation("hosts", "none", "the setting services")
        yield Outcome(expectation, Verdict(True, "none beside the post's"))
        return
    urls = ", ".join(each.url for each in hosts)
    expectation = Expectation(
        f"GET every host ({urls})",
        f"the page of each ({len(hosts)})",
        f"checks 9 and 10; {kubectl_hint(context, 'describe ingress')}",
    )
    yield context.patience.until_holds(expectation, judge)


def secure(context: Context) -> Iterator[Outcome]:
    """With `tls` HTTP is redirected to HTTPS; with `load-balancer-tls` the load balancer of the
    LoadBalancer Service serves TLS."""
    outputs = context.outputs
    if not outputs.load_balancer_tls and not outputs.tls:
        yield Outcome(Expectation("TLS", "off", "the setting tls"), Verdict(True, "off"))
        return
    every_host = [f"svc.{outputs.domain}", *(each.host for each in outputs.hosts)]
    hosts = list(dict.fromkeys(every_host))

    def redirects() -> Verdict:
        # An ALB's redirect names the port, also the default one.
        wrong = _wrong_pages(
            context,
            {
                f"http://{host}/": partial(judge_redirect, expected=f"https://{host}:443/")
                for host in hosts
            },
        )
        return Verdict(not wrong, ", ".join(wrong) or f"status 301, {len(hosts)} times")

    look = kubectl_hint(context, "describe ingress")
    expectation = Expectation("GET http:// of every host", f"status 301, {len(hosts)} times", look)
    yield context.patience.until_holds(expectation, redirects)
    if outputs.load_balancer_tls:
        url = f"https://nlb.{outputs.domain}/"

        def nlb_page() -> Verdict:
            if outputs.load_balancer_scheme == "internal":
                return judge_nginx_page(context.bastion.probe([url])[0].page().body)
            return judge_nginx_page(context.this_host.get(url).body)

        look = kubectl_hint(context, f"describe service {outputs.service('load_balancer')}")
        yield context.patience.until_holds(Expectation(f"GET {url}", NGINX_PAGE, look), nlb_page)


def _wrong_pages(context: Context, judges: Mapping[str, Callable[[Page], Verdict]]) -> list[str]:
    """GET each URL; what is wrong with the pages that its function does not accept."""
    wrong = []
    for url, fetch in zip(judges, pages(context, list(judges)), strict=True):
        try:
            verdict = judges[url](fetch())
        except FailedProbe as failed:
            verdict = Verdict(False, str(failed))
        if not verdict.ok:
            wrong.append(f"{url} {verdict.saw}")
    return wrong
