"""The checks of port-forward and the four Service types.

A check is a generator of outcomes. What must work is tried until it does or the time is up. What
must not be reached is tried until a try decides: the target was reached, or it was not while a
control was.
"""

from collections.abc import Iterator

from checks import names
from checks.context import (
    Context,
    kubectl_hint,
    load_balancer_controls,
    node_port_controls,
    require_type,
)
from checks.kubernetes import DNS_DOMAIN
from checks.load_balancer import NOT_REACHED, ExpectedLoadBalancer
from checks.outcome import Expectation, FailedProbe, Outcome, Verdict
from checks.reach import judge_unreached
from checks.web import NGINX_PAGE, judge_nginx_page

EXTERNAL_NAME = "google.com"


def port_forward(context: Context) -> Iterator[Outcome]:
    """A Ready pod serves nginx's page through `kubectl port-forward`."""

    def page() -> Verdict:
        pod = context.cluster.ready_pod("nginx")
        with context.cluster.port_forward(context.outputs.namespace, f"pod/{pod}", 80) as port:
            return judge_nginx_page(context.this_host.get(f"http://127.0.0.1:{port}/").body)

    expectation = Expectation(
        "port-forward to pod", NGINX_PAGE, kubectl_hint(context, "describe pods -l app=nginx")
    )
    yield context.patience.until_holds(expectation, page)


def cluster_ip(context: Context) -> Iterator[Outcome]:
    """Pods and the API server's proxy reach the ClusterIP Service; the bastion does not."""
    name = context.outputs.service("cluster_ip")
    host = f"{name}.{context.outputs.namespace}.svc.{DNS_DOMAIN}"
    look = kubectl_hint(context, f"describe service,endpoints {name}")

    def by_proxy() -> Verdict:
        return judge_nginx_page(context.cluster.proxied(context.cluster.service(name)))

    def from_inside() -> Verdict:
        port = context.cluster.service(name).port
        pod = context.cluster.ready_pod("nginx")
        return judge_nginx_page(context.cluster.page_from_pod(pod, f"http://{host}:{port}/"))

    def from_bastion() -> Verdict:
        services = context.cluster.services()
        service = require_type(services.get(name), "ClusterIP")
        urls = [f"http://{address}:{service.port}/" for address in (service.cluster_ip, host)]
        controls = node_port_controls(context, services)
        answers = context.bastion.probe(urls + controls)
        attempts = [each.attempt for each in answers]
        return judge_unreached(attempts[: len(urls)], attempts[len(urls) :])

    yield context.patience.until_holds(
        Expectation(f"proxy (of the API server, to Service {name})", NGINX_PAGE, look), by_proxy
    )
    yield context.patience.until_holds(
        Expectation(f"pod (GET http://{host} inside)", NGINX_PAGE, look), from_inside
    )
    look = "the routes and security groups of the VPC: what leads into the service network?"
    yield context.patience.until_judged(
        Expectation(f"bastion (curl to {name}'s address and name)", NOT_REACHED, look), from_bastion
    )


def node_port(context: Context) -> Iterator[Outcome]:
    """The bastion reaches the node port on every node; this host does not."""
    name = context.outputs.service("node_port")

    def addresses() -> list[tuple[str, int]]:
        port = require_type(context.cluster.service(name), "NodePort").node_port
        return [(each.internal_ip, port or 0) for each in context.cluster.nodes()]

    def from_bastion() -> Verdict:
        urls = [f"http://{address}:{port}/" for address, port in addresses()]
        verdicts = [judge_nginx_page(each.page().body) for each in context.bastion.probe(urls)]
        wrong = next((each for each in verdicts if not each.ok), None)
        return wrong or Verdict(True, f"{NGINX_PAGE} ({', '.join(urls)})")

    def public_addresses() -> Verdict:
        nodes = [each.instance_id for each in context.cluster.nodes()]
        public = context.aws.public_addresses(nodes)
        seen = ", ".join(f"{node} has {address}" for node, address in public.items())
        return Verdict(not public, seen or f"private ({', '.join(nodes)})")

    def from_here() -> Verdict:
        attempts = context.this_host.connect(addresses())
        return judge_unreached(attempts, load_balancer_controls(context))

    look = (
        kubectl_hint(context, f"describe service,endpoints {name}") + "; the nodes' security group"
    )
    yield context.patience.until_holds(
        Expectation("bastion (curl to every node)", NGINX_PAGE, look), from_bastion
    )
    look = "EC2: the nodes' network interfaces and their subnets' settings"
    yield context.patience.until_judged(Expectation("IPs", "private", look), public_addresses)
    look = "the nodes' route tables and security groups"
    yield context.patience.until_judged(Expectation("here", NOT_REACHED, look), from_here)


def load_balancer(context: Context) -> Iterator[Outcome]:
    """The load balancer has the kind and scheme of the settings, and is reached only from where
    its scheme says."""
    name, outputs = context.outputs.service("load_balancer"), context.outputs
    look = (
        kubectl_hint(context, f"describe service,endpoints {name}") + "; the health of its targets"
    )

    def hostname() -> str:
        service = require_type(context.cluster.service(name), "LoadBalancer")
        if service.hostname is None:
            raise FailedProbe(f"Service {name} has no load balancer (yet)")
        return service.hostname

    kind, scheme = outputs.load_balancer_kind, outputs.load_balancer_scheme
    expected = ExpectedLoadBalancer(kind, scheme, look)
    yield from expected.outcomes(context, hostname, NGINX_PAGE, judge_nginx_page)


def external_name(context: Context) -> Iterator[Outcome]:
    """The cluster's DNS answers the Service's name with a CNAME to the name in externalName."""
    name = context.outputs.service("external_name")

    def cname() -> Verdict:
        # Over TCP through a port-forward: images need no tool for DNS then.
        with context.cluster.port_forward("kube-system", "service/kube-dns", 53) as port:
            host = f"{name}.{context.outputs.namespace}.svc.{DNS_DOMAIN}"
            target = names.cname_over_tcp("127.0.0.1", port, host)
        return Verdict(target == EXTERNAL_NAME, f"CNAME {target}")

    look = kubectl_hint(context, f"describe service {name}") + "; the coredns pods in kube-system"
    expectation = Expectation(f"cluster DNS: {name}", f"CNAME {EXTERNAL_NAME}", look)
    yield context.patience.until_holds(expectation, cname)
