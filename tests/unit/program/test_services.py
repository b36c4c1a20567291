"""Services by setting, beside the post's, and how load balancers reach them."""

from typing import Any

import pytest

from tests.unit.program.recording import Recording, at, run

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
    assert page["data"] == {"index.html": "Hello from shop\n"}
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
