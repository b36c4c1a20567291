"""The post's statements on port-forward and the four Service types.

A check is a generator of statements. What should be there is tried until it holds or the run's
patience ends; what should not be reachable is tried next to a control, until that is reachable.
"""

from collections.abc import Iterator

from checks import listener, names
from checks.kubernetes import DNS_DOMAIN
from checks.reach import none_reached
from checks.statement import Claim, FailedProbe, Statement, Verdict
from checks.web import NGINX_PAGE, are_private, shows_nginx
from checks.world import World, balancers, kubectl, node_port_urls, of_type

EXTERNAL_NAME = "google.com"
NO_WAY = "not reached (while a control is)"


def port_forward(world: World) -> Iterator[Statement]:
    """To make sure that our pod is up and running, use kubectl port-forward: "It works!"."""

    def page() -> Verdict:
        pod = world.cluster.ready_pod("nginx")
        with world.cluster.port_forward(world.stack.namespace, f"pod/{pod}", 80) as port:
            return shows_nginx(world.here.get(f"http://127.0.0.1:{port}/").body)

    claim = Claim("port-forward to pod", NGINX_PAGE, kubectl(world, "describe pods -l app=nginx"))
    yield world.patience.until_holds(claim, page)


def cluster_ip(world: World) -> Iterator[Statement]:
    """An IP from the cluster's pool and a DNS name in its scope; no access from the world."""
    name = world.stack.service("cluster_ip")
    host = f"{name}.{world.stack.namespace}.svc.{DNS_DOMAIN}"
    look = kubectl(world, f"describe service,endpoints {name}")

    def by_proxy() -> Verdict:
        return shows_nginx(world.cluster.proxied(world.cluster.service(name)))

    def from_inside() -> Verdict:
        port = world.cluster.service(name).port
        pod = world.cluster.ready_pod("nginx")
        return shows_nginx(world.cluster.page_from_pod(pod, f"http://{host}:{port}/"))

    def from_bastion() -> Verdict:
        services = world.cluster.services()
        service = of_type(services.get(name), "ClusterIP")
        urls = [f"http://{address}:{service.port}/" for address in (service.cluster_ip, host)]
        controls = node_port_urls(world, services)
        answers = world.bastion.probe(urls + controls)
        attempts = [each.attempt for each in answers]
        return none_reached(attempts[: len(urls)], attempts[len(urls) :])

    yield world.patience.until_holds(
        Claim(f"proxy (of the API server, to Service {name})", NGINX_PAGE, look), by_proxy
    )
    yield world.patience.until_holds(
        Claim(f"pod (GET http://{host} inside)", NGINX_PAGE, look), from_inside
    )
    look = "the routes and security groups of the VPC: what leads into the service network?"
    yield world.patience.until_seen(
        Claim(f"bastion (curl to {name}'s address and name)", NO_WAY, look), from_bastion
    )


def node_port(world: World) -> Iterator[Statement]:
    """A TCP port on every node, for the same network; not for the world with private nodes."""
    name = world.stack.service("node_port")

    def addresses() -> list[tuple[str, int]]:
        port = of_type(world.cluster.service(name), "NodePort").node_port
        return [(each.internal_ip, port or 0) for each in world.cluster.nodes()]

    def from_bastion() -> Verdict:
        urls = [f"http://{address}:{port}/" for address, port in addresses()]
        verdicts = [shows_nginx(each.page()) for each in world.bastion.probe(urls)]
        wrong = next((each for each in verdicts if not each.ok), None)
        return wrong or Verdict(True, f"{NGINX_PAGE} ({', '.join(urls)})")

    def public_addresses() -> Verdict:
        nodes = [each.instance_id for each in world.cluster.nodes()]
        public = world.aws.public_addresses(nodes)
        seen = ", ".join(f"{node} has {address}" for node, address in public.items())
        return Verdict(not public, seen or f"private ({', '.join(nodes)})")

    def from_here() -> Verdict:
        return none_reached(world.here.knock(addresses()), balancers(world))

    look = kubectl(world, f"describe service,endpoints {name}") + "; the nodes' security group"
    yield world.patience.until_holds(
        Claim("bastion (curl to every node)", NGINX_PAGE, look), from_bastion
    )
    look = "EC2: the nodes' network interfaces and their subnets' settings"
    yield world.patience.until_seen(Claim("IPs", "private", look), public_addresses)
    look = "the nodes' route tables and security groups"
    yield world.patience.until_seen(Claim("here", NO_WAY, look), from_here)


def load_balancer(world: World) -> Iterator[Statement]:
    """External access through a load balancer of AWS: Internal or External, as its scheme says."""
    name, scheme = world.stack.service("load_balancer"), world.stack.load_balancer_scheme
    look = kubectl(world, f"describe service,endpoints {name}") + "; its target group's health"

    def hostname() -> str:
        service = of_type(world.cluster.service(name), "LoadBalancer")
        if service.hostname is None:
            raise FailedProbe(f"Service {name} has no load balancer (yet)")
        return service.hostname

    def told_scheme() -> Verdict:
        told = listener.scheme(world.aws, hostname())
        return Verdict(told == scheme, told)

    def from_here() -> Verdict:
        return shows_nginx(world.here.get(f"http://{hostname()}/").body)

    def from_bastion() -> Verdict:
        return shows_nginx(world.bastion.probe([f"http://{hostname()}/"])[0].page())

    def resolved() -> Verdict:
        return are_private(world.here.addresses(hostname()))

    def not_from_here() -> Verdict:
        return none_reached(world.here.knock([(hostname(), 80)]), balancers(world))

    yield world.patience.until_holds(Claim("scheme", scheme, look), told_scheme)
    if scheme == "internet-facing":
        yield world.patience.until_holds(Claim("here", NGINX_PAGE, look), from_here)
        return
    yield world.patience.until_holds(Claim("bastion", NGINX_PAGE, look), from_bastion)
    yield world.patience.until_holds(Claim("its name", "private addresses", look), resolved)
    yield world.patience.until_seen(Claim("here", NO_WAY, look), not_from_here)


def external_name(world: World) -> Iterator[Statement]:
    """A DNS proxy: the cluster's DNS answers with a CNAME to the name in externalName."""
    name = world.stack.service("external_name")

    def cname() -> Verdict:
        # kube-dns over TCP: asks the cluster's own DNS whatever tools the images have
        with world.cluster.port_forward("kube-system", "service/kube-dns", 53) as port:
            host = f"{name}.{world.stack.namespace}.svc.{DNS_DOMAIN}"
            target = names.cname_over_tcp("127.0.0.1", port, host)
        return Verdict(target == EXTERNAL_NAME, f"CNAME {target}")

    look = kubectl(world, f"describe service {name}") + "; the coredns pods in kube-system"
    claim = Claim(f"cluster DNS: {name}", f"CNAME {EXTERNAL_NAME}", look)
    yield world.patience.until_holds(claim, cname)
