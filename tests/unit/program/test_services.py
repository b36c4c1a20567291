"""Services by setting, beside the post's, and how load balancers reach them."""

import json
from typing import Any

import pulumi
import pytest

from settings.rules import LONGEST_HOST
from tests.unit.program.recording import PROJECT, Recording, at, run

SERVICE = "kubernetes:core/v1:Service"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NLB = "service.beta.kubernetes.io/aws-load-balancer"
ALB = "alb.ingress.kubernetes.io"
DOMAIN = "dev.shop.internal"  # of the stack dev in the tests
IP = {"target-type": "ip"}
WAIT = "pulumi.com/waitFor"


def serving(changes: dict[str, Any] | None = None, **entries: Any) -> Recording:
    return run("dev", {"services": entries, **(changes or {})})


def annotations(program: Recording, type_: str, name: str | None = None) -> dict[str, Any]:
    return dict(at(program.one(type_, name).inputs, "metadata.annotations"))


def rules(program: Recording) -> dict[str, list[tuple[str, str]]]:
    """The Ingress's paths and their Services, by host."""
    return {
        rule["host"].removesuffix(f".{DOMAIN}"): [
            (path["path"], at(path, "backend.service.name")) for path in at(rule, "http.paths")
        ]
        for rule in at(program.one(INGRESS).inputs, "spec.rules")
    }


POST_RULES = {"svc1": [("/", "service-1")], "svc2": [("/", "service-2")]}


def test_five_lines_are_a_server_with_a_host_of_its_own() -> None:
    shop = {
        "page": "Hello from shop",
        "type": "NodePort",
        "host": "shop",
        "path": "/",
        "replicas": 3,
    }
    program = serving(shop=shop)
    assert program.one(DEPLOYMENT, "workloads-shop").inputs["spec"]["replicas"] == 3
    page = program.one("kubernetes:core/v1:ConfigMap", "workloads-shop-page").inputs
    assert page["data"] == {"index.html": "Hello from shop"}
    service = program.one(SERVICE, "services-shop").inputs["spec"]
    assert (service["type"], service["selector"]) == ("NodePort", {"app": "shop"})
    assert rules(program) == {**POST_RULES, "shop": [("/", "shop")]}
    assert program.one("aws:route53/record:Record", "dns-shop").inputs["name"] == f"shop.{DOMAIN}"
    assert program.exports["services"]["shop"] == "shop"
    route = {"host": f"shop.{DOMAIN}", "path": "/", "service": "shop", "page": "Hello from shop"}
    assert program.exports["hosts"][2:] == [route]
    assert program.exports["record_names"][3:] == [f"shop.{DOMAIN}"]


def test_a_host_may_have_several_paths_and_a_full_name() -> None:
    program = serving(
        shop={"page": "shop", "host": f"a.b.{DOMAIN}"},
        cart={"page": "cart", "host": f"a.b.{DOMAIN}", "path": "/cart"},
    )
    assert rules(program)["a.b"] == [("/", "shop"), ("/cart", "cart")]
    assert program.exports["record_names"][3:] == [f"a.b.{DOMAIN}"]
    for name, folder in (("shop", ""), ("cart", "/cart")):
        deployment = program.one(DEPLOYMENT, f"workloads-{name}").inputs
        container = at(deployment, "spec.template.spec.containers.0")
        assert container["volumeMounts"][-1]["mountPath"] == f"/usr/share/nginx/html{folder}"
        assert at(container, "readinessProbe.httpGet.path") == "/"


def test_an_image_runs_as_its_own_user_and_is_asked_where_it_answers() -> None:
    program = serving(
        api={"image": "team/api:1.2", "port": 8080, "host": "api", "path": "/v1"},
        old={"image": "team/old:1.2", "type": "ClusterIP", "user": 1000},
    )
    pod = at(program.one(DEPLOYMENT, "workloads-api").inputs, "spec.template.spec")
    (container,) = pod["containers"]
    assert container["image"] == "team/api:1.2"
    assert container["ports"] == [{"name": "http", "containerPort": 8080}]
    assert at(container, "livenessProbe.httpGet.path") == "/v1"
    security = {**pod["securityContext"], **container["securityContext"]}
    assert security["runAsNonRoot"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert "runAsUser" not in security
    assert security["readOnlyRootFilesystem"] is False
    old = program.one(DEPLOYMENT, "workloads-old").inputs
    assert at(old, "spec.template.spec.securityContext.runAsUser") == 1000
    health = {f"{ALB}/healthcheck-path": "/v1", f"{ALB}/success-codes": "200-399"}
    assert health.items() <= annotations(program, SERVICE, "services-api").items()
    assert f"{ALB}/success-codes" not in annotations(program, SERVICE, "services-old")
    assert program.exports["hosts"][2]["page"] is None


def test_services_of_the_other_types() -> None:
    program = serving(
        own={"page": "own", "type": "LoadBalancer"},
        inside={"page": "inside", "type": "ClusterIP"},
        mirror={"type": "ExternalName", "target": "www.example.com"},
    )
    own = program.one(SERVICE, "services-own")
    assert own.inputs["spec"]["loadBalancerClass"] == "service.k8s.aws/nlb"
    assert program.one("kubernetes:helm.sh/v3:Release").urn in program.needs(own)
    assert program.one(SERVICE, "services-inside").inputs["spec"]["type"] == "ClusterIP"
    mirror = program.one(SERVICE, "services-mirror").inputs["spec"]
    assert mirror == {"type": "ExternalName", "externalName": "www.example.com"}
    assert rules(program) == POST_RULES


def test_with_targets_of_type_ip_balancers_send_to_pods_that_leave_late_enough() -> None:
    """kubernetes-sigs.github.io/aws-load-balancer-controller, deploy/pod_readiness_gate;
    docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html"""
    program = serving(IP, shop={"page": "shop", "type": "ClusterIP", "host": "shop"})
    ingress = annotations(program, INGRESS)
    service = annotations(program, SERVICE, "services-nginx-load-balancer")
    assert ingress[f"{ALB}/target-type"] == service[f"{NLB}-nlb-target-type"] == "ip"
    delay = "deregistration_delay.timeout_seconds=15"
    assert ingress[f"{ALB}/target-group-attributes"] == delay
    assert service[f"{NLB}-target-group-attributes"] == delay
    labels = program.one("kubernetes:core/v1:Namespace").inputs["metadata"]["labels"]
    assert labels["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"
    for deployment in program.of(DEPLOYMENT):
        pod = at(deployment.inputs, "spec.template.spec")
        pause = at(pod, "containers.0.lifecycle.preStop.sleep.seconds")
        assert (pause, pod["terminationGracePeriodSeconds"]) == (20, 50)
    assert rules(program)["shop"] == [("/", "shop")]


def test_without_them_or_with_an_old_controller_there_are_no_gates(dev: Recording) -> None:
    """The webhook of 2.4.5 drops preStop's sleep, and Kubernetes refuses the pod."""
    for program in (dev, run("local", IP)):
        labels = program.one("kubernetes:core/v1:Namespace").inputs["metadata"]["labels"]
        assert "elbv2.k8s.aws/pod-readiness-gate-inject" not in labels
    assert f"{ALB}/target-group-attributes" not in annotations(dev, INGRESS)


def test_scheme_and_blocks_of_the_ingress_and_the_load_balancer(dev: Recording) -> None:
    blocks = ["10.0.0.0/8", "8.8.8.0/24"]
    program = serving({"ingress-scheme": "internal", "inbound-cidrs": blocks})
    found = annotations(program, INGRESS)
    assert found[f"{ALB}/scheme"] == "internal"
    assert found[f"{ALB}/subnets"] == "network-private-1-id,network-private-2-id"
    assert found[f"{ALB}/inbound-cidrs"] == "10.0.0.0/8,8.8.8.0/24"
    service = program.one(SERVICE, "services-nginx-load-balancer").inputs["spec"]
    assert service["loadBalancerSourceRanges"] == blocks
    assert annotations(dev, INGRESS)[f"{ALB}/inbound-cidrs"] == "0.0.0.0/0"


@pytest.mark.parametrize(
    ("scheme", "more"), [("internet-facing", {}), ("internal", {f"{NLB}-internal": "true"})]
)
def test_a_classic_load_balancer_is_made_by_eks_itself(scheme: str, more: dict[str, str]) -> None:
    """docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html: of Services without a
    class, the legacy controller makes Classic Load Balancers."""
    program = serving({"load-balancer": "classic", "load-balancer-scheme": scheme})
    service = program.one(SERVICE, "services-nginx-load-balancer")
    assert "loadBalancerClass" not in service.inputs["spec"]
    found = service.inputs["metadata"]["annotations"]
    assert found == {**more, WAIT: found[WAIT]}
    assert program.one("kubernetes:helm.sh/v3:Release").urn not in program.needs(service)
    assert program.exports["load_balancing"]["kind"] == "classic"


def hosts(count: int) -> dict[str, Any]:
    """That many entries, each with a host of its own."""
    return {f"s{n}": {"page": "x", "host": f"h{n}"} for n in range(count)}


PAGE = {"page": "x"}
# An entry, the key that the line names and its value there, and what it says besides.
REFUSED: dict[str, tuple[dict[str, Any], str, Any, str]] = {
    "name of the post": ({"service-1": PAGE}, "", "service-1", "a Service or server of the post"),
    "server of the post": ({"svc-1": PAGE}, "", "svc-1", "a Service or server of the post"),
    "no label": ({"my_shop": PAGE}, "", "my_shop", "lower-case letters, digits and -"),
    "a digit first": ({"1a": PAGE}, "", "1a", "a letter first; rename it"),
    "a label too long": ({"a" * 64: PAGE}, "", "a" * 64, "must be at most 63"),
    "no object": ({"a": "Hello"}, ".a", "Hello", "must be an object, such as {page"),
    "misspelt key": ({"a": {"paeg": "x"}}, ".a.paeg", "x", "no such key; did you mean page?"),
    "unknown key": ({"a": {"zzz": 1}}, ".a.zzz", 1, "no such key; it may be page, image"),
    "page as a number": ({"a": {"page": 7}}, ".a.page", 7, "must be text, in quotes"),
    "replicas as text": ({"a": {**PAGE, "replicas": "2"}}, ".a.replicas", "2", "a whole number"),
    "replicas as a flag": ({"a": {**PAGE, "replicas": True}}, ".a.replicas", True, "whole number"),
    "no replicas": ({"a": {**PAGE, "replicas": 0}}, ".a.replicas", 0, "must be 1 to 1000"),
    "less than none": ({"a": {**PAGE, "replicas": -1}}, ".a.replicas", -1, "must be 1 to 1000"),
    "unknown type": ({"a": {**PAGE, "type": "Nlb"}}, ".a.type", "Nlb", "must be one of ClusterIP"),
    "neither page nor image": ({"a": {"host": "a"}}, ".a", {"host": "a"}, "must have one of page"),
    "page and image": (
        {"a": {"page": "x", "image": "b:1"}}, ".a", {"page": "x", "image": "b:1"}, "one of page",
    ),
    "image that moves": ({"a": {"image": "b:latest"}}, ".a.image", "b:latest", "a tag other than"),
    "port of a page": ({"a": {**PAGE, "port": 81}}, ".a.port", 81, "for an image only"),
    "user of a page": ({"a": {**PAGE, "user": 1}}, ".a.user", 1, "for an image only"),
    "root": ({"a": {"image": "b:1", "user": 0}}, ".a.user", 0, "must be 1 to 65535"),
    "no port": ({"a": {"image": "b:1", "port": 65536}}, ".a.port", 65536, "must be 1 to 65535"),
    "path without a host": ({"a": {**PAGE, "path": "/a"}}, ".a.path", "/a", "needs a host; set"),
    "relative path": ({"a": {**PAGE, "host": "a", "path": "b"}}, ".a.path", "b", "must be such as"),
    "path upwards": ({"a": {"image": "b:1", "path": "/../b"}}, ".a.path", "/../b", "such as / or"),
    "pattern": ({"a": {"image": "b:1", "path": "/*"}}, ".a.path", "/*", "must be such as / or"),
    "the post's host": ({"a": {**PAGE, "host": "svc2"}}, ".a.host", f"svc2.{DOMAIN}",
                        "with path / is taken by service-2; set another host or path"),
    "the post's default": ({"a": {**PAGE, "host": "svc"}}, ".a.host", f"svc.{DOMAIN}",
                           "with path / is taken by the post's default backend"),
    "a host twice": (
        {"a": {**PAGE, "host": "h", "path": "/x"}, "b": {**PAGE, "host": "h", "path": "/x/"}},
        ".b.host", f"h.{DOMAIN}", "with path /x/ is taken by a; set another host or path",
    ),
    "host outside": ({"a": {**PAGE, "host": "a.org"}}, ".a.host", "a.org", "be one label, such"),
    "apex": ({"a": {**PAGE, "host": DOMAIN}}, ".a.host", DOMAIN, f"or a name below {DOMAIN}"),
    "host in capitals": ({"a": {**PAGE, "host": "Shop"}}, ".a.host", "Shop", "in lower case"),
    "wildcard": ({"a": {**PAGE, "host": "*"}}, ".a.host", "*", "must be a DNS name"),
    "host too long": (
        {"a": {**PAGE, "host": f"{'a.' * 60}{DOMAIN}"}}, ".a.host", f"{'a.' * 60}{DOMAIN}",
        f"{LONGEST_HOST} characters at most",
    ),
    "image without the tag's name": ({"a": {"image": "b:"}}, ".a.image", "b:", "in lower case"),
    "image with two tags": ({"a": {"image": "b:1:2"}}, ".a.image", "b:1:2", "in lower case"),
    "image in capitals": ({"a": {"image": "b/C:1"}}, ".a.image", "b/C:1", "in lower case"),
    "image of other letters": ({"a": {"image": "bé:1"}}, ".a.image", "bé:1", "in lower case"),
    "part of a digest": (
        {"a": {"image": "b@sha256:0"}}, ".a.image", "b@sha256:0", "of 64 hexadecimal digits",
    ),
    "other letters in a path": ({"a": {"image": "b:1", "path": "/é"}}, ".a.path", "/é", "such as"),
    "a file of nginx": (
        {"a": {**PAGE, "host": "a", "path": "/index.html"}}, ".a.path", "/index.html",
        "begins with index.html or 50x.html, files of nginx's image",
    ),
    "target too long": (
        {"a": {"type": "ExternalName", "target": "a." * 126 + "de"}}, ".a.target",
        f"{'a.' * 126}de", "of 253 characters at most",
    ),
    "host of a ClusterIP": (
        {"a": {**PAGE, "type": "ClusterIP", "host": "a"}}, ".a.host", "a",
        "needs type NodePort or LoadBalancer, whose node ports the Ingress uses while target-t",
    ),
    "host of an ExternalName": (
        {"a": {"type": "ExternalName", "target": "a.org", "host": "a"}}, ".a.host", "a",
        "must not be set with type ExternalName",
    ),
    "no target": ({"a": {"type": "ExternalName"}}, ".a.target", None, "must be a DNS name in low"),
    "an address as target": (
        {"a": {"type": "ExternalName", "target": "1.2.3.4"}}, ".a.target", "1.2.3.4", "a DNS name",
    ),
    "target of a server": ({"a": {**PAGE, "target": "a.org"}}, ".a.target", "a.org", "for type E"),
    "more rules than a load balancer takes": (
        hosts(99), "", "101 hosts and paths", "must be 100 at most, two of them the post's",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_entry_stops_the_run_in_one_line_before_any_resource(case: str) -> None:
    entries, key, value, rule = REFUSED[case]
    recording = Recording()
    with pytest.raises(pulumi.RunError) as stopped:
        run("dev", {"services": entries}, recording)
    line = str(stopped.value)
    assert line.startswith(f"{PROJECT}:services{key} is {json.dumps(value)}: ")
    assert rule in line
    assert "\n" not in line
    assert [it.type for it in recording.resources.values()] == ["pulumi:pulumi:Stack"]


def test_the_name_of_the_load_balancer_with_tls_is_no_host() -> None:
    entries = {"a": {**PAGE, "host": "nlb", "path": "/a"}}
    assert "nlb" in rules(serving(**entries))
    line = rf"services\.a\.host is \"nlb\.{DOMAIN}\": leads to the load balancer of nginx-load-"
    with pytest.raises(pulumi.RunError, match=line):
        serving({"load-balancer-tls": True}, **entries)


@pytest.mark.parametrize(
    ("changes", "replicas", "rule"),
    [
        ({"node-count": 333}, 2, None),
        ({"node-count": 334}, 2, "node-count is 334: must be 333 at most, as the Ingress's load"),
        ({"node-count": 334, **IP}, 996, None),
        (IP, 997, 'services is "1001 pods with hosts": must be 1000 at most'),
    ],
)
def test_a_load_balancer_has_a_thousand_targets(
    changes: dict[str, Any], replicas: int, rule: str | None
) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""
    entries = {"a": {**PAGE, "host": "a", "replicas": replicas}}
    if rule is None:
        assert "a" in rules(serving(changes, **entries))
        return
    with pytest.raises(pulumi.RunError, match=rule):
        serving(changes, **entries)


def test_a_hundred_rules_are_what_a_load_balancer_takes() -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""
    assert len(rules(serving(**hosts(98)))) == 100


def test_without_nat_no_image_comes_from_the_internet() -> None:
    own = "10.0.0.9:5000/a"
    images = {"nginx-image": f"{own}:1.0", "controller-image-repository": own}
    network = {"nat": "none", "vpc-endpoints": True}
    with pytest.raises(pulumi.RunError, match=r"cannot pull services\.a\.image team/api:1\.2"):
        serving({**network, **images}, a={"image": "team/api:1.2"})
