"""A bad setting stops the run before any resource, in one line: key, value, rule."""

from typing import Any

import pulumi
import pytest

from tests.unit.program.recording import PROJECT, Recording, run

ARN = "arn:aws:iam::111122223333:role/operators"
POLICY = "AmazonEKSViewPolicy"
CIDRS = "endpoint-public-access-cidrs"
CHART = "controller-chart-repository"
ENTRIES = "access-entries"


def entry(**changes: Any) -> dict[str, Any]:
    """One access entry, named ops, of an ARN with a policy."""
    return {ENTRIES: {"ops": {"principal": ARN, "policy": POLICY, **changes}}}


# Settings over those of dev, and what the line says beyond the first key and its value.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
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
    "domain too long": ({"domain": f"{'a.' * 124}com"}, "must have at most 248 characters"),
    "flag that is none": ({"create-zone": "yes"}, "must be one of false, true"),
    "host bits": ({"vpc-cidr": "10.0.0.1/16"}, "must have no host bits and a plain prefix"),
    "a netmask": ({"vpc-cidr": "10.0.0.0/255.255.0.0"}, "use 10.0.0.0/16"),
    "a prefix too long": ({"vpc-cidr": "10.0.0.0/33"}, "must be an IPv4 block such as"),
    "no prefix length": ({"vpc-cidr": "10.0.0.0"}, "must be an IPv4 block with a prefix"),
    "no block": ({"vpc-cidr": "10.0.0.0.0/16"}, "must be an IPv4 block such as"),
    "IPv6": ({"vpc-cidr": "fd00::/56"}, "must be an IPv4 block such as"),
    "public block": ({"vpc-cidr": "172.32.0.0/16"}, "must be a private block, within one of"),
    "too small": ({"vpc-cidr": "10.0.0.0/23"}, "is too small for 2 zones: each needs"),
    "too large": ({"vpc-cidr": "10.0.0.0/15"}, "is too large: AWS takes a VPC of /16 at most"),
    "one zone": ({"zone-count": 1}, "must be 2 to 6"),
    "too many zones": ({"zone-count": 7}, "must be 2 to 6"),
    "no whole number": ({"zone-count": "two"}, "must be a whole number"),
    "fraction": ({"zone-count": 2.5}, "must be a whole number"),
    "unknown NAT mode": ({"nat": "double"}, "must be one of none, single, one-per-zone"),
    "no NAT": ({"nat": "none"}, "private nodes cannot pull nginx-image public.ecr.aws/docker"),
    "version as a number": ({"kubernetes-version": 1.3}, "must be a minor version, such as"),
    "a chain of roles": (
        {"aws:assumeRoles": [{"roleArn": "a"}, {"roleArn": "b"}]},
        "must be one role, not a chain, as `aws eks get-token` assumes it for kubectl",
    ),
    "role without an ARN": ({"aws:assumeRoles": [{"sessionName": "a"}]}, "must have a roleArn"),
    "role with an external id": (
        {"aws:assumeRoles": [{"roleArn": "a", "externalId": "b"}]},
        "must have no externalId, as `aws eks get-token`",
    ),
    "chart from a file URL": (
        {CHART: "file:///charts"},
        "must be an https, http or oci URL, or a folder with the unpacked chart",
    ),
    "chart from nowhere": ({CHART: ""}, "must name a URL or a folder"),
    "chart from a URL with a slash": (
        {CHART: "https://a.org/"},
        "must name a URL or a folder, and not end with a slash",
    ),
    "no address reaches the API": ({CIDRS: []}, "must name who may reach the API"),
    "blocks without access": (
        {CIDRS: ["203.0.113.0/24"], "endpoint-public-access": False},
        "must be empty, as endpoint-public-access is false",
    ),
    "blocks as text": ({CIDRS: "203.0.113.0/24"}, "must be a list"),
    "block with host bits": ({CIDRS: ["203.0.113.7/24"]}, "must have no host bits"),
    "block that is no text": ({CIDRS: [7]}, "must be a list of texts"),
    "entries as a list": ({ENTRIES: [ARN]}, "must be an object"),
    "entry without policy": (
        {ENTRIES: {"ops": {"principal": ARN}}},
        "'ops' must have principal and policy, may have namespaces, no more",
    ),
    "entry with another key": (entry(groups=[]), "'ops' must have principal and policy"),
    "entry without an ARN": (
        entry(principal="operators"),
        "'ops' principal 'operators' must be the ARN of an IAM role or user",
    ),
    "entry with an unknown policy": (
        entry(policy="Admin"),
        "'ops' policy 'Admin' must be one of AmazonEKSClusterAdminPolicy",
    ),
    "entry with bad namespaces": (
        entry(namespaces="a"),
        "'ops' namespaces must be a list of Kubernetes namespaces",
    ),
    "one principal twice": (
        {ENTRIES: {name: entry()[ENTRIES]["ops"] for name in ("ops", "too")}},
        "must name no principal twice",
    ),
    "unknown log type": ({"cluster-log-types": ["api", "kubelet"]}, "must be one of api, audit"),
    "log type twice": ({"cluster-log-types": ["api", "api"]}, "must not name anything twice"),
    "retention unknown": ({"log-retention-days": 100}, "must be one of 1, 3, 5, 7"),
    "no instance type": ({"node-instance-type": "large"}, "must be an EC2 instance type"),
    "arm64 nodes": ({"node-instance-type": "m7g.large"}, "must be of an x86_64 family"),
    "arm64 bastion": ({"bastion-instance-type": "t4g.micro"}, "must be of an x86_64 family"),
    "min above max": ({"node-min": 5}, "must be at most node-max (4)"),
    "desired above max": ({"node-desired": 5}, "must be node-min (2) to node-max (4)"),
    "desired below min": ({"node-desired": 1}, "must be node-min (2) to node-max (4)"),
    "no nodes": ({"node-min": 0}, "must be 1 to 450"),
    "unknown credentials": ({"controller-credentials": "keys"}, "must be one of irsa, pod-id"),
    "credentials of a newer controller": (
        {
            "controller-credentials": "pod-identity",
            "controller-version": "2.4.5",
            "controller-chart-version": "1.4.6",
        },
        "must be irsa, as controller 2.4.5 does not know Pod Identity",
    ),
    "unknown controller": ({"controller-version": "9.9.9"}, "must be a release whose rights"),
    "chart of another release": (
        {"controller-chart-version": "1.4.6"},
        "must be 3.4.3, the chart of controller-version 3.4.3",
    ),
    "image of another release": (
        {"controller-image-tag": "v2.4.5"},
        "must be v3.4.3, as controller-version is 3.4.3",
    ),
    "image without a tag": ({"nginx-image": "nginx"}, "must name a tag other than latest"),
    "image that moves": ({"nginx-image": "nginx:latest"}, "must name a tag other than latest"),
    "image with a port, no tag": ({"nginx-image": "host:5000/nginx"}, "must name a tag"),
    "unknown scheme": ({"load-balancer-scheme": "public"}, "must be one of internet-facing, int"),
}


def refusal(changes: dict[str, Any]) -> tuple[str, Recording]:
    """The line with which the program stops, and what it had registered until then."""
    recording = Recording()
    with pytest.raises(pulumi.RunError) as stopped:
        run("dev", changes, recording)
    return str(stopped.value), recording


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_setting_stops_the_run_in_one_line_before_any_resource(case: str) -> None:
    changes, rule = REFUSED[case]
    line, recording = refusal(changes)
    key = next(iter(changes))
    assert line.startswith(f"{key if ':' in key else f'{PROJECT}:{key}'} is ")
    assert rule in line
    assert "\n" not in line
    assert [it.type for it in recording.resources.values()] == ["pulumi:pulumi:Stack"]
    assert recording.calls == []


def test_the_line_shows_the_value() -> None:
    assert refusal({"nat": "double"})[0] == (
        'eks-service-types:nat is "double": must be one of none, single, one-per-zone'
    )


def test_a_region_with_too_few_zones_stops_the_run_before_any_resource() -> None:
    recording = Recording()
    too_few = "zone-count is 4, but the region has 3 zones for EKS"
    with pytest.raises(pulumi.RunError, match=too_few):
        run("dev", {"zone-count": 4}, recording)
    assert [it.type for it in recording.resources.values()] == ["pulumi:pulumi:Stack"]


def test_a_version_out_of_standard_support_stops_the_run_before_any_resource() -> None:
    line, recording = refusal({"kubernetes-version": "1.33"})
    assert line == (
        'eks-service-types:kubernetes-version is "1.33": must be a version in standard support: '
        "1.34, 1.35"
    )
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


@pytest.mark.parametrize("key", ["node-instance-type", "bastion-instance-type"])
def test_an_instance_type_that_the_region_lacks_stops_the_run_before_any_resource(key: str) -> None:
    line, recording = refusal({key: "t3.nosuch"})
    assert line == (
        f'eks-service-types:{key} is "t3.nosuch": must be an EC2 instance type that eu-west-1 '
        "offers; aws ec2 describe-instance-type-offerings --region eu-west-1 lists them"
    )
    assert [it.type for it in recording.resources.values()] == ["pulumi:pulumi:Stack"]
