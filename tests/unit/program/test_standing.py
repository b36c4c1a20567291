"""What holds for every stack: parents, names, providers, exports, size of the program."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import settings
from localcloud.plugins.aws import types
from tests.unit.program.answers import CLUSTERS
from tests.unit.program.recording import PROJECT, ROOT, STACKS, Recording, run, run_once

# A line per resource: type and name, and the stacks that have it unless all do.
NAMES = Path(__file__).parent / "names.txt"
COMPONENTS = "Network Cluster Bastion LoadBalancerController Workloads Services Ingress Dns"


def test_only_components_stand_without_a_parent(program: Recording) -> None:
    stack = program.one("pulumi:pulumi:Stack")
    top = {it.type for it in program.resources.values() if it.parent in ("", stack.urn)}
    some = [
        it
        for it in ("Certificate", "AccessLogs", "Firewall")
        if program.of(f"{PROJECT}:index:{it}")
    ]
    nouns = COMPONENTS.split() + some
    assert top == {stack.type, *(f"{PROJECT}:index:{noun}" for noun in nouns)}


@pytest.mark.parametrize("stack", STACKS)
def test_names_stay_as_they_are(stack: str) -> None:
    """A changed URN is a resource removed and made anew: rename only with an alias."""
    lines = [line.split() for line in NAMES.read_text().splitlines()]
    expected = {name for name, *stacks in lines if not stacks or stack in stacks}
    prefix = f"urn:pulumi:{stack}::{PROJECT}::"
    urns = set(run_once(stack).resources) - {f"{prefix}pulumi:pulumi:Stack::{PROJECT}-{stack}"}
    assert {urn.removeprefix(prefix) for urn in urns} == expected


def test_kubernetes_objects_go_to_the_clusters_provider(program: Recording) -> None:
    provider = program.one("pulumi:providers:kubernetes").urn
    objects = [it for it in program.resources.values() if it.type.startswith("kubernetes:")]
    assert objects
    assert {it.provider.rpartition("::")[0] for it in objects} == {provider}


def test_what_cannot_exist_twice_is_deleted_before_it_is_replaced(program: Recording) -> None:
    """As `delete_first` says of AWS types; server-side apply takes a second for the first."""
    unique = {token for token, kind in types.table().items() if kind.delete_first}
    single = [
        it
        for it in program.resources.values()
        if it.type in unique or it.type.startswith("kubernetes:")
    ]
    assert len(single) > 40
    assert [it.urn for it in single if not it.delete_before_replace] == []


def test_the_provider_is_replaced_with_the_cluster_alone(program: Recording) -> None:
    """Every cluster has an issuer of its own, also one of the same name."""
    provider = program.one("pulumi:providers:kubernetes")
    assert provider.inputs["clusterIdentifier"] == "issuer.example/id/ABC"


@pytest.mark.parametrize(
    ("configured", "given"),
    [
        ({"aws:profile": "team"}, {"profileName": "team"}),
        ({"aws:assumeRoles": [{"roleArn": "a", "sessionName": "b"}]}, {"roleArn": "a"}),
    ],
)
def test_kubectl_has_the_credentials_of_the_stack(configured: Any, given: dict[str, str]) -> None:
    """The component's own kubeconfig has none: https://github.com/pulumi/pulumi-eks/issues/669."""
    program = run("dev", configured)
    method = "eks:index:Cluster/getKubeconfig"
    expected = {"method": method, "clusters": CLUSTERS, **given}
    assert json.loads(program.exports["kubeconfig"]) == expected
    provider = program.one("pulumi:providers:kubernetes")
    assert json.loads(provider.inputs["kubeconfig"]["value"]) == expected  # a secret


@pytest.mark.parametrize(("on", "off"), [("prod", {"protect": False}), ("dev", {})])
def test_a_protected_stack_keeps_what_cannot_be_made_again(on: str, off: dict[str, Any]) -> None:
    kept = {"aws:ec2/vpc:Vpc", "aws:kms/key:Key", "aws:route53/zone:Zone", "aws:s3/bucket:Bucket"}
    protected = run(on, {"protect": True, "create-zone": True, "access-logs": True})
    assert {it.type for it in protected.resources.values() if it.protect} == kept
    assert protected.one("eks:index:Cluster").inputs["deletionProtection"] is True
    free = run(on, off)
    assert not any(it.protect for it in free.resources.values())
    assert free.one("eks:index:Cluster").inputs["deletionProtection"] is False


def test_iam_knows_the_issuer_only_where_a_role_trusts_it(local: Recording, dev: Recording) -> None:
    assert local.one("eks:index:Cluster").inputs["createOidcProvider"] is True
    assert dev.one("eks:index:Cluster").inputs["createOidcProvider"] is False


def test_the_kubeconfig_is_the_only_secret_export(program: Recording) -> None:
    assert program.secrets == {"kubeconfig"}


def test_exports_tell_what_a_person_or_a_check_needs(local: Recording) -> None:
    exports = local.exports
    assert exports.pop("services")["load_balancer"] == "nginx-load-balancer"
    assert exports.pop("kubeconfig")
    assert exports == {
        "cluster_name": "eks-service-types-local",
        "region": "eu-west-1",
        "vpc_id": "network-vpc-id",
        "bastion_instance_id": "bastion-instance-id",
        "api_tunnel_command": "",
        "namespace": "service-types",
        "deployments": ["nginx", "svc-1", "svc-2"],
        "node_ports": {"nginx-node-port": 30080, "service-1": 30080, "service-2": 30080},
        "load_balancer_hostname": "lb-0123456789.elb.eu-west-1.amazonaws.com",
        "load_balancing": {
            "kind": "nlb",
            "scheme": "internet-facing",
            "ingress_scheme": "internet-facing",
            "inbound_cidrs": ("0.0.0.0/0",),
            "target_type": "instance",
            "tls": False,
            "load_balancer_tls": False,
            "readiness_gates": False,
        },
        "hosts": [
            {"host": f"svc{n}.example.com", "path": "/", "service": f"service-{n}", "page": page}
            for n, page in ((1, "svc-1"), (2, "svc-2"))
        ],
        "ingress_hostname": "lb-0123456789.elb.eu-west-1.amazonaws.com",
        "domain": "example.com",
        "zone_id": "Z0LOOKEDUP",
        "zone_name_servers": ["ns-1.example"],
        "record_names": ["svc.example.com", "svc1.example.com", "svc2.example.com"],
    }


def test_every_key_is_declared_with_type_default_and_description() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    assert sorted(declared) == sorted(settings.KEYS)
    for key, declaration in declared.items():
        assert {"type", "default", "description"} <= set(declaration), key


def test_the_program_does_not_know_where_it_runs() -> None:
    files = [ROOT / "__main__.py", *ROOT.glob("settings/*.py"), *ROOT.rglob("components/**/*.py")]
    assert len(files) > 15
    words = ("localcloud", '"local"', "is_local", "AWS_ENDPOINT")
    assert {
        f"{file.name}: {word}" for file in files for word in words if word in file.read_text()
    } == set()


def test_the_architecture_diagram_stays_one() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 105
