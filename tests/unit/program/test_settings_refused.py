"""A bad setting stops the run before any resource, in one line: key, value, rule."""

from typing import Any

import pulumi
import pytest

from tests.unit.program.answers import NO_ZONE
from tests.unit.program.recording import PROJECT, Recording, run

ARN = "arn:aws:iam::111122223333:role/operators"
CIDRS = "endpoint-public-access-cidrs"
CHART = "controller-chart-repository"
ENTRIES = "access-entries"
BLOCKS = "inbound-cidrs"
ACCESS = "endpoint-public-access"
ROLES = "aws:assumeRoles"
CREDENTIALS = "controller-credentials"
CHART_VERSION = "controller-chart-version"
OLD = {"controller-version": "2.4.5", CHART_VERSION: "1.4.6"}
OPS = {"principal": ARN, "policy": "AmazonEKSViewPolicy"}


def entry(**changes: Any) -> dict[str, Any]:
    """One access entry, named ops, of an ARN with a policy."""
    return {ENTRIES: {"ops": {**OPS, **changes}}}


def blocks(count: int) -> list[str]:
    """That many IPv4 blocks."""
    return [f"10.{number}.0.0/16" for number in range(count)]


# Settings over those of dev, and what the line says beyond the first key and its value.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "TLS of balancers without a certificate": (
        {"load-balancer-tls": True, "tls": False},
        "tls is false: it must be true",
    ),
    "TLS of Classic": (
        {"load-balancer-tls": True, "load-balancer": "classic"},
        "load-balancer is classic: it must be nlb",
    ),
    "misspelt key": ({"zone-cuont": 3}, "no such setting; did you mean zone-count?"),
    "unknown key": ({"colour": "blue"}, "no such setting; Pulumi.yaml lists all"),
    "missing key": ({"domain": None}, "must be set"),
    "region unset": ({"aws:region": None}, "must be a region of the partition aws"),
    "region of China": ({"aws:region": "cn-north-1"}, "must be a region of the partition aws"),
    "region of GovCloud": ({"aws:region": "us-gov-west-1"}, "must be a region of"),
    "region of an isolated partition": ({"aws:region": "us-iso-east-1"}, "must be a region of"),
    "region without a number": ({"aws:region": "eu-west"}, "must be a region of"),
    "region in upper case": ({"aws:region": "EU-WEST-1"}, "must be a region of"),
    "domain of one label": ({"domain": "example"}, "must be a DNS name of two labels or more"),
    "domain in upper case": ({"domain": "Example.com"}, "must be a DNS name"),
    "domain with a dot at its end": ({"domain": "example.com."}, "must be a DNS name"),
    "domain with an underscore": ({"domain": "my_zone.com"}, "must be a DNS name"),
    "domain below a number": ({"domain": "10.0.0.1"}, "must end with a label of letters alone, as"),
    "domain below an IDN": ({"domain": "a.xn--p1ai"}, "must end with a label of letters alone"),
    "domain below a letter": ({"domain": "a.b"}, "must end with a label of letters alone"),
    "domain too long": ({"domain": f"{'a.' * 124}com"}, "must have at most 123 characters"),
    "domain unset": ({"domain": ""}, "must be set to a domain of yours"),
    "zone of a reserved name": (
        {"domain": "dev.example.com", "create-zone": True},
        "Route 53 creates no hosted zone with a name for documentation; set a domain of yours",
    ),
    "tags that are no strings": (
        {"aws:defaultTags": {"tags": {"cost": 7}}},
        "must be an object with tags: strings by key",
    ),
    "flag that is none": ({"create-zone": "yes"}, "must be one of false, true"),
    "host bits": ({"vpc-cidr": "10.0.0.1/16"}, "must have no host bits and a plain prefix"),
    "a netmask": ({"vpc-cidr": "10.0.0.0/255.255.0.0"}, "use 10.0.0.0/16"),
    "a prefix too long": ({"vpc-cidr": "10.0.0.0/33"}, "must be an IPv4 block such as"),
    "no prefix length": ({"vpc-cidr": "10.0.0.0"}, "must be an IPv4 block with a prefix"),
    "no block": ({"vpc-cidr": "10.0.0.0.0/16"}, "must be an IPv4 block such as"),
    "IPv6": ({"vpc-cidr": "fd00::/56"}, "must be an IPv4 block such as"),
    "public block": ({"vpc-cidr": "172.32.0.0/16"}, "must be a private block, within one of"),
    "too small": ({"vpc-cidr": "10.0.0.0/23"}, "is too small: a private subnet is 1/16"),
    "too large": ({"vpc-cidr": "10.0.0.0/15"}, "is too large: AWS takes a VPC of /16 at most"),
    "one zone": ({"zone-count": 1}, "must be 2 to 6"),
    "too many zones": ({"zone-count": 7}, "must be 2 to 6"),
    "no whole number": ({"zone-count": "two"}, "must be a whole number"),
    "a number without an end": ({"zone-count": "9" * 5000}, "must be a whole number"),
    "replicas without an end": (
        {"services": f'{{"a": {{"page": "x", "replicas": {"9" * 5000}}}}}'},
        "must be an object",
    ),
    "a structure without an end": ({"services": "[" * 9999}, "must be an object"),
    "fraction": ({"zone-count": 2.5}, "must be a whole number"),
    "unknown NAT mode": ({"nat": "double"}, 'is "double": must be one of none, single, one-per-'),
    "no way to AWS": ({"nat": "none"}, "set vpc-endpoints to true, or nat to single"),
    "no NAT": (
        {"nat": "none", "vpc-endpoints": True},
        "private nodes cannot pull nginx-image public.ecr.aws/docker",
    ),
    "version as a number": ({"kubernetes-version": 1.3}, "must be a minor version, such as"),
    "a chain of roles": ({ROLES: [{"roleArn": "a"}, {"roleArn": "b"}]}, "must be one role, not a"),
    "role without an ARN": ({ROLES: [{"sessionName": "a"}]}, "must have a roleArn, as `aws eks"),
    "role with an external id": (
        {ROLES: [{"roleArn": "a", "externalId": "b"}]},
        "must have no externalId, as `aws eks get-token` assumes it for kubectl",
    ),
    "chart from a file URL": ({CHART: "file:///charts"}, "must be an https, http or oci URL"),
    "chart from nowhere": ({CHART: ""}, "must name a URL or a folder"),
    "chart from a URL with a slash": ({CHART: "https://a.org/"}, "and not end with a slash"),
    "no address reaches the API": ({CIDRS: []}, "must name who may reach the API"),
    "blocks without access": ({CIDRS: ["8.8.8.0/24"], ACCESS: False}, "must be empty, as"),
    "block for documentation": ({CIDRS: ["203.0.113.0/25"]}, "is for documentation, no host"),
    "private block": ({CIDRS: ["10.1.0.0/16"]}, "is not public: EKS refuses it"),
    "blocks as text": ({CIDRS: "8.8.8.0/24"}, "must be a list"),
    "more blocks than EKS takes": (
        {CIDRS: [f"8.8.{i}.0/24" for i in range(41)]},
        "must be 40 blocks at most",
    ),
    "host that is no address": ({"api-tunnel-host": "1.2.3.999"}, "must be a DNS name in lower"),
    "block with host bits": ({CIDRS: ["8.8.8.7/24"]}, "must have no host bits"),
    "block that is no string": ({CIDRS: [7]}, "must be a list of strings"),
    "source that is none": (
        {"endpoint-private-access-sources": ["sg-x"]},
        "'sg-x' must be an IPv4 block with a prefix length, such as 10.0.0.0/16, or a security",
    ),
    "no port": ({"api-tunnel-port": 65536}, "must be 0 to 65535"),
    "no host": ({"api-tunnel-host": "a;b"}, "must be a DNS name in lower case, an IPv4 address"),
    "entries as a list": ({ENTRIES: [ARN]}, "must be an object"),
    "entry without policy": ({ENTRIES: {"ops": {"principal": ARN}}}, "'ops' must have principal"),
    "entry with another key": (entry(groups=[]), "'ops' must have principal and policy"),
    "entry without an ARN": (entry(principal="x"), "'ops' principal 'x' must be the ARN of an IAM"),
    "entry with an unknown policy": (entry(policy="Admin"), "'ops' policy 'Admin' must be one of"),
    "entry with bad namespaces": (entry(namespaces="a"), "'ops' namespaces must be a list of Kube"),
    "one principal twice": ({ENTRIES: {"ops": OPS, "too": OPS}}, "must name no principal twice"),
    "unknown log type": ({"cluster-log-types": ["api", "kubelet"]}, "must be one of api, audit"),
    "log type twice": ({"cluster-log-types": ["api", "api"]}, "must not name anything twice"),
    "retention unknown": ({"log-retention-days": 100}, "must be one of 1, 3, 5, 7"),
    "no instance type": ({"node-instance-type": "large"}, "must be an EC2 instance type"),
    "arm64 nodes": ({"node-instance-type": "m7g.large"}, "must be of an x86_64 family"),
    "arm64 bastion": ({"bastion-instance-type": "t4g.micro"}, "must be of an x86_64 family"),
    "no nodes": ({"node-count": 0}, "must be 1 to 449"),
    "no room for one more node": ({"node-count": 450}, "must be 1 to 449"),
    "disk smaller than the image": ({"node-disk-size": 19}, "must be 20 to 16384"),
    "the least and the most nodes": ({"node-max": 4}, "no such setting"),
    "unknown credentials": ({CREDENTIALS: "keys"}, "must be one of irsa, pod-id"),
    "credentials of a newer release": ({CREDENTIALS: "pod-identity", **OLD}, "must be irsa, as"),
    "unknown controller": ({"controller-version": "9.9.9"}, "IAM policy is known: 2.4.5, 3.0"),
    "chart of another release": ({CHART_VERSION: "1.4.6"}, "must be 3.4.3, the chart of control"),
    "image with a tag": (
        {"controller-image-repository": "a/b:v3.4.3"},
        "must be an image's name in lower case, without tag and digest",
    ),
    "no tag": ({"controller-image-tag": "v3.4.3-a b"}, "must be at most 128 letters, digits"),
    "image of another release": ({"controller-image-tag": "v2.4.5"}, "must be v3.4.3, as contr"),
    "image without a tag": ({"nginx-image": "nginx"}, "must name a tag other than latest"),
    "image that moves": ({"nginx-image": "nginx:latest"}, "must name a tag other than latest"),
    "image with a port, no tag": ({"nginx-image": "host:5000/nginx"}, "must name a tag"),
    "nobody gets in": ({"inbound-cidrs": []}, "must name who gets in, such as 0.0.0.0/0"),
    "who gets in with host bits": ({"inbound-cidrs": ["10.0.0.1/8"]}, "must have no host bits"),
    "more blocks than rules": ({BLOCKS: blocks(61), "tls": False}, "must be 60 blocks at most"),
    "more blocks for two ports": ({BLOCKS: blocks(31)}, "must be 30 blocks at most, as a security"),
    "more blocks for Classic": (
        {BLOCKS: blocks(31), "tls": False, "load-balancer": "classic"},
        "must be 30 blocks at most",
    ),
    "unknown load balancer": ({"load-balancer": "alb"}, "must be one of nlb, classic"),
    "unknown scheme of the Ingress": ({"ingress-scheme": "public"}, "must be one of internet-f"),
    "unknown targets": ({"target-type": "pod"}, "must be one of instance, ip"),
    "services as a list": ({"services": ["shop"]}, "must be an object"),
    "unknown scheme": ({"load-balancer-scheme": "public"}, "must be one of internet-facing, int"),
}


# As above, by what the region offers, which is looked up before.
LACKING = (
    'is "t3.nosuch": must be an EC2 instance type that eu-west-1 offers; '
    "aws ec2 describe-instance-type-offerings --region eu-west-1 lists them"
)
UNSUPPORTED = 'is "1.33": must be a version in standard support: 1.34, 1.35'
NOT_OFFERED: dict[str, tuple[dict[str, Any], str]] = {
    "nodes": ({"node-instance-type": "t3.nosuch"}, LACKING),
    "version": ({"kubernetes-version": "1.33"}, UNSUPPORTED),
    "zone": (
        {"domain": NO_ZONE, "create-zone": False},
        "no public hosted zone of this name: create it, or set create-zone to true",
    ),
    "bastion": ({"bastion-instance-type": "t3.nosuch"}, LACKING),
}


@pytest.mark.parametrize("case", [*REFUSED, *NOT_OFFERED])
def test_a_bad_setting_stops_the_run_in_one_line_before_any_resource(case: str) -> None:
    changes, rule = (REFUSED | NOT_OFFERED)[case]
    recording = Recording()
    with pytest.raises(pulumi.RunError) as stopped:
        run("dev", changes, recording)
    line, key = str(stopped.value), next(iter(changes))
    assert line.startswith(f"{key if ':' in key else f'{PROJECT}:{key}'} is ")
    assert rule in line
    assert "\n" not in line
    assert [it.type for it in recording.resources.values()] == ["pulumi:pulumi:Stack"]
    assert recording.calls == [] or case in NOT_OFFERED


def test_a_region_with_too_few_zones_stops_the_run_before_any_resource() -> None:
    recording = Recording()
    too_few = "zone-count is 4, but the region has 3 zones for EKS: eu-west-1a, eu-west-1b, "
    with pytest.raises(pulumi.RunError, match=too_few):
        run("dev", {"zone-count": 4}, recording)
    assert [it.type for it in recording.resources.values()] == ["pulumi:pulumi:Stack"]


@pytest.mark.parametrize(
    ("running", "wanted", "rule"),
    [
        (
            "1.36", "1.35",
            "must be 1.36: the cluster eks-service-types-dev runs 1.36 (EKS upgrades it itself "
            "when standard support ends), and EKS does not downgrade; set it, then run pulumi up "
            "--refresh",
        ),
        (
            "1.34", "1.36",
            "must be 1.35 first: the cluster eks-service-types-dev runs 1.34; EKS skips no version",
        ),
        ("1.34", "1.35", None),
        ("1.35", "1.35", None),
    ],
)  # fmt: skip
def test_a_version_to_which_eks_does_not_update_stops_the_run_before_any_resource(
    running: str, wanted: str, rule: str | None
) -> None:
    """docs.aws.amazon.com/eks/latest/userguide/update-cluster.html"""
    there: dict[str, dict[str, Any]] = {
        "aws:eks/getClusters:getClusters": {"names": ["eks-service-types-dev"]},
        "aws:eks/getCluster:getCluster": {"version": running},
    }
    changes = {"kubernetes-version": wanted}
    if rule is None:
        assert len(run("dev", changes, answers=there).resources) > 1
        return
    recording = Recording()
    with pytest.raises(pulumi.RunError) as stopped:
        run("dev", changes, recording, answers=there)
    assert str(stopped.value) == f'eks-service-types:kubernetes-version is "{wanted}": {rule}'
    assert [it.type for it in recording.resources.values()] == ["pulumi:pulumi:Stack"]


@pytest.mark.parametrize(("version", "warned"), [("1.34", True), ("1.35", False)])
def test_a_version_that_leaves_standard_support_soon_is_warned_of(
    version: str, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1.34 has 60 days left, 1.35 has 61: https://docs.aws.amazon.com/eks/latest/userguide/
    kubernetes-versions.html."""
    lines: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", lines.append)
    run("dev", {"kubernetes-version": version})
    told = [line for line in lines if line.startswith(f"standard support of Kubernetes {version}")]
    assert bool(told) == warned
