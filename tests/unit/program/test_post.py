"""What the post describes, and what the settings change of it."""

from typing import Any

import pytest

from tests.unit.program.answers import BALANCER
from tests.unit.program.recording import Recording, at, run_once

SERVICE = "kubernetes:core/v1:Service"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
RELEASE = "kubernetes:helm.sh/v3:Release"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"


def spec(program: Recording, service: str) -> dict[str, Any]:
    found: dict[str, Any] = program.one(SERVICE, f"services-{service}").inputs["spec"]
    return found


@pytest.mark.parametrize(
    ("service", "type_", "app"),
    [
        ("nginx-cluster-ip", "ClusterIP", "nginx"),
        ("nginx-node-port", "NodePort", "nginx"),
        ("nginx-load-balancer", "LoadBalancer", "nginx"),
        ("service-1", "NodePort", "svc-1"),
        ("service-2", "NodePort", "svc-2"),
    ],
)
def test_a_service_leads_to_pods_by_label(
    program: Recording, service: str, type_: str, app: str
) -> None:
    found = spec(program, service)
    assert (found["type"], found["selector"]) == (type_, {"app": app})
    assert [(it["port"], it["targetPort"]) for it in found["ports"]] == [(80, "http")]
    labels = [at(it.inputs, "spec.template.metadata.labels") for it in program.of(DEPLOYMENT)]
    assert {"app": app} in labels


def test_google_service_is_a_name_only(program: Recording) -> None:
    found = spec(program, "google-service")
    assert found == {"type": "ExternalName", "externalName": "google.com"}


def test_every_web_server_listens_on_port_80_as_another_user_than_root(
    program: Recording,
) -> None:
    assert len(program.of(DEPLOYMENT)) == 3
    for deployment in program.of(DEPLOYMENT):
        pod = at(deployment.inputs, "spec.template.spec")
        assert pod["containers"][0]["ports"] == [{"name": "http", "containerPort": 80}]
        assert pod["securityContext"]["sysctls"] == [
            {"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}
        ]
        assert deployment.inputs["spec"]["replicas"] == 2


def test_the_pages_are_their_servers_names_and_nothing_else(program: Recording) -> None:
    maps = program.of("kubernetes:core/v1:ConfigMap")
    pages = {it.inputs["metadata"]["name"]: it.inputs["data"] for it in maps}
    assert pages == {f"{name}-page": {"index.html": f"{name}\n"} for name in ("svc-1", "svc-2")}
    for page in maps:  # for which its server waits
        server = program.one(DEPLOYMENT, page.name.removesuffix("-page"))
        assert page.urn in program.needs(server)


def test_the_load_balancer_is_a_network_one_with_the_stacks_scheme(
    local: Recording, prod: Recording
) -> None:
    for program, scheme in ((local, "internet-facing"), (prod, "internal")):
        service = program.one(SERVICE, "services-nginx-load-balancer").inputs
        assert service["spec"]["loadBalancerClass"] == "service.k8s.aws/nlb"
        prefix = "service.beta.kubernetes.io/aws-load-balancer"
        assert service["metadata"]["annotations"][f"{prefix}-scheme"] == scheme
        assert service["metadata"]["annotations"][f"{prefix}-nlb-target-type"] == "instance"
        assert "loadBalancerSourceRanges" not in service["spec"]
        assert program.exports["load_balancing"]["scheme"] == scheme


def test_the_ingress_picks_a_service_by_host(local: Recording) -> None:
    inputs = local.one(INGRESS).inputs
    rules = {
        rule["host"]: [path["backend"]["service"]["name"] for path in rule["http"]["paths"]]
        for rule in inputs["spec"]["rules"]
    }
    assert rules == {"svc1.example.com": ["service-1"], "svc2.example.com": ["service-2"]}
    assert inputs["spec"]["defaultBackend"]["service"]["name"] == "service-1"
    assert inputs["spec"]["ingressClassName"] == "alb"
    annotations = inputs["metadata"]["annotations"]
    assert annotations["alb.ingress.kubernetes.io/scheme"] == "internet-facing"
    assert annotations["alb.ingress.kubernetes.io/target-type"] == "instance"


def test_three_names_lead_to_the_ingresss_load_balancer(local: Recording) -> None:
    records = {it.inputs["name"]: it.inputs for it in local.of("aws:route53/record:Record")}
    assert set(records) == {"svc.example.com", "svc1.example.com", "svc2.example.com"}
    for record in records.values():
        assert (record["type"], record["records"], record["ttl"]) == ("CNAME", [BALANCER], 60)


def test_the_zone_is_made_or_looked_up(local: Recording, dev: Recording, prod: Recording) -> None:
    lookup = "aws:route53/getZone:getZone"
    assert dev.one("aws:route53/zone:Zone").inputs["name"] == "dev.shop.internal"
    assert lookup not in dev.calls
    for program in (local, prod):
        assert program.of("aws:route53/zone:Zone") == []
        assert lookup in program.calls
        assert program.exports["zone_id"] == "Z0LOOKEDUP"


@pytest.mark.parametrize(
    ("stack", "changes", "count"),
    [("local", {"nat": "none", "vpc-endpoints": "true"}, 0), ("dev", {}, 1), ("prod", {}, 3)],
    ids=["none", "single", "one-per-zone"],
)
def test_nat_gives_private_subnets_their_way_out(
    stack: str, changes: dict[str, str], count: int
) -> None:
    program = run_once(stack, **changes)
    private = [it for it in program.of("aws:ec2/subnet:Subnet") if "private" in it.name]
    gateways = program.of("aws:ec2/natGateway:NatGateway")
    assert len(gateways) == len(program.of("aws:ec2/eip:Eip")) == count
    internet = program.one("aws:ec2/internetGateway:InternetGateway").urn
    assert all(internet in program.needs(it) for it in gateways)  # AWS makes them in this order
    assert {it.inputs["subnetId"] for it in gateways} == {
        f"network-public-{number}-id" for number in range(1, count + 1)
    }
    routes = [it.inputs for it in program.of("aws:ec2/route:Route")]
    used = {it["routeTableId"]: it["natGatewayId"] for it in routes if "natGatewayId" in it}
    assert used == {
        f"network-private-{number}-table-id": f"network-nat-{min(number, count)}-id"
        for number in range(1, len(private) + 1)
        if count
    }


def test_subnets_carry_the_tags_by_which_load_balancers_find_them(program: Recording) -> None:
    cluster = program.one("eks:index:Cluster").inputs["name"]
    roles = {"public": "kubernetes.io/role/elb", "private": "kubernetes.io/role/internal-elb"}
    assert program.of("aws:ec2/subnet:Subnet")
    for subnet in program.of("aws:ec2/subnet:Subnet"):
        tags = subnet.inputs["tags"]
        own, other = sorted(roles, key=lambda kind: kind not in subnet.name)
        assert tags[roles[own]] == "1"
        assert roles[other] not in tags
        assert tags[f"kubernetes.io/cluster/{cluster}"] == "shared"


def test_load_balancers_name_their_subnets(prod: Recording) -> None:
    """Found by its tags, a subnet of a zone that goes would keep its load balancer."""
    prefix = "service.beta.kubernetes.io/aws-load-balancer"
    service = prod.one(SERVICE, "services-nginx-load-balancer")
    ingress = prod.one(INGRESS)
    for found, key, kind in (
        (service, f"{prefix}-subnets", "private"),
        (ingress, "alb.ingress.kubernetes.io/subnets", "public"),
    ):
        named = found.inputs["metadata"]["annotations"][key]
        assert named == ",".join(f"network-{kind}-{number}-id" for number in (1, 2, 3))


def test_chart_and_image_of_the_controller_are_the_stacks(local: Recording, dev: Recording) -> None:
    old, new = (program.one(RELEASE).inputs for program in (local, dev))
    chart = "aws-load-balancer-controller"
    assert (old["version"], old["chart"]) == ("1.4.6", f".charts/{chart}-1.4.6")
    assert "repositoryOpts" not in old
    image = {"repository": f"localhost/{chart}", "tag": "v2.4.5"}
    assert image.items() <= old["values"]["image"].items()
    assert "enableServiceMutatorWebhook" not in old["values"]  # which that chart does not know
    assert (new["version"], new["chart"]) == ("3.4.3", chart)
    assert new["repositoryOpts"] == {"repo": "https://aws.github.io/eks-charts"}
    assert new["values"]["image"] == {}
    assert new["values"]["enableServiceMutatorWebhook"] is False


def test_the_controller_gets_what_its_pods_cannot_ask_for(program: Recording) -> None:
    release = program.one(RELEASE).inputs
    assert release["name"] == "aws-load-balancer-controller"
    assert release["namespace"] == "kube-system"
    values = release["values"]
    assert values["clusterName"] == program.one("eks:index:Cluster").inputs["name"]
    assert (values["region"], values["vpcId"]) == ("eu-west-1", "network-vpc-id")
    assert values["keepTLSSecret"] is True
    # The Ingress class is the chart's: it makes one by default.
    assert "createIngressClassResource" not in values
    assert program.of("kubernetes:networking.k8s.io/v1:IngressClass") == []
    assert values["backendSecurityGroup"] == "load-balancer-controller-security-group-id"
    assert values["replicaCount"] == 2


def test_credentials_come_by_annotation_or_by_association(local: Recording, dev: Recording) -> None:
    account = local.one(RELEASE).inputs["values"]["serviceAccount"]
    assert list(account["annotations"]) == ["eks.amazonaws.com/role-arn"]
    assert local.of(ASSOCIATION) == []
    account = dev.one(RELEASE).inputs["values"]["serviceAccount"]
    assert account["annotations"] == {}
    assert dev.one(ASSOCIATION).inputs["serviceAccount"] == account["name"]
