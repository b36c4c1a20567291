"""The stack on a local cloud, as its users go through it."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.cloud import rights
from tests.cloud.conftest import CHECKOUT, STACK, Cloud, start
from tests.cloud.inventory import inventory
from tests.cloud.leftovers import leftovers


def checks(cloud: Cloud, outputs: dict[str, Any] | None = None) -> dict[int, dict[str, Any]]:
    """The results of all checks of a stack with these outputs, by number, as `--json` prints."""
    text = json.dumps(outputs or cloud.outputs())
    done = cloud.world(["sh", "-c", CHECKS, "checks", text], check=False)
    return {row["number"]: row for row in json.loads(done.stdout)}


def all_hold(cloud: Cloud) -> bool:
    return all(row["ok"] for row in checks(cloud).values())


CHECKS = 'printf %s "$1" | .venv/bin/python -m checks --outputs - --json'


def test_every_statement_of_the_post_holds(cloud: Cloud) -> None:
    results = checks(cloud)
    assert sorted(results) == list(range(1, 13))
    assert {number: row["saw"] for number, row in results.items() if not row["ok"]} == {}


def test_a_second_up_a_preview_and_a_refresh_change_nothing(cloud: Cloud) -> None:
    cloud.pulumi("up", "--yes", "--expect-no-changes")
    cloud.pulumi("preview", "--expect-no-changes")
    cloud.pulumi("refresh", "--yes", "--expect-no-changes")
    cloud.pulumi("up", "--yes", "--expect-no-changes")


def test_the_bastion_reaches_the_api_inside_the_vpc(
    cloud: Cloud,
) -> None:
    """As docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html: the cluster's security
    group must let in port 443 from the bastion."""
    found = cloud.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    plane = next(each for each in found if each.get("RequesterId") == "amazon-eks")
    curl = ["curl", "-sk", "-m3", f"https://{plane['PrivateIpAddress']}/readyz"]
    assert cloud.on("bastion", curl).stdout == "ok"


ONCE = (
    *(
        "network-private-1-association",
        "network-private-1-route",
        "cluster-nodes-AmazonEKS_CNI_Policy",
    ),
    *("cluster-kube-proxy", "bastion-to-https", "bastion-into-nodes", "dns-svc", "workloads-nginx"),
)


def test_what_can_exist_only_once_is_there_after_its_replacement(cloud: Cloud) -> None:
    urns = {each["urn"].rpartition("::")[2]: each["urn"] for each in cloud.resources()}
    replace = [argument for name in ONCE for argument in ("--replace", urns[name])]
    assert (
        f"+-{len(ONCE)} replaced" in cloud.pulumi("up", "--yes", "--skip-preview", *replace).stdout
    )
    cloud.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert all_hold(cloud)


def disks(cloud: Cloud) -> dict[str, int]:
    """The size in GiB of each node's disk."""
    named = {"Name": "tag-key", "Values": ["eks:nodegroup-name"]}
    running = {"Name": "instance-state-name", "Values": ["running"]}
    ec2 = cloud.client("ec2")
    found = ec2.describe_instances(Filters=[named, running])["Reservations"]
    ids = {one["Instances"][0]["InstanceId"] for one in found}
    volumes = {v["Attachments"][0]["InstanceId"]: v for v in ec2.describe_volumes()["Volumes"]}
    return {each: volumes[each]["Size"] for each in ids}


def configured(folder: Path, changes: dict[str, Any]) -> tuple[str, str]:
    """Arguments for a configuration of the stack with other values of settings."""
    settings = yaml.safe_load((CHECKOUT / f"Pulumi.{STACK}.yaml").read_text())
    settings["config"] |= {f"eks-service-types:{key}": value for key, value in changes.items()}
    file = folder / "configuration.yaml"
    file.write_text(yaml.safe_dump(settings))
    return "--config-file", str(file)


def test_another_disk_replaces_the_nodes_and_can_be_taken_back(
    cloud: Cloud, tmp_path: Path
) -> None:
    """docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html"""
    for gib in (30, 20):
        before = disks(cloud)
        size = configured(tmp_path, {"node-disk-size": gib})
        up = ("up", "--yes", "--skip-preview", *size)
        cloud.pulumi(*up)
        assert set(before).isdisjoint(disks(cloud))
        assert list(disks(cloud).values()) == [gib, gib]
        cloud.pulumi(*up, "--expect-no-changes")
        assert all_hold(cloud)


def test_the_kubeconfig_is_not_shown(cloud: Cloud) -> None:
    assert json.loads(cloud.pulumi("stack", "output", "--json").stdout)["kubeconfig"] == "[secret]"


def test_plain_commands_work(cloud: Cloud) -> None:
    nodes = cloud.run(["kubectl", "get", "nodes", "-o", "name"]).stdout.splitlines()
    assert len(nodes) >= 2
    assert "aws-load-balancer-controller" in cloud.run(["helm", "list", "-A"]).stdout
    assert cloud.outputs()["cluster_name"] in cloud.run(["aws", "eks", "list-clusters"]).stdout


def test_starting_a_running_cloud_does_nothing(cloud: Cloud) -> None:
    assert "running already" in cloud.localcloud("up").stdout


def test_a_zone_comes_and_goes(cloud: Cloud, tmp_path: Path) -> None:
    """The control plane stays, nodes move, and load balancers leave the subnet that goes."""
    more = configured(tmp_path, {"zone-count": 3})
    for options in (more, ()):
        said = cloud.pulumi("up", "--yes", "--skip-preview", *options).stdout
        assert "+-1 replaced" in said  # the node group, whose subnets cannot be changed
        assert all_hold(cloud)
    cloud.pulumi("up", "--yes", "--expect-no-changes")


def audited(cloud: Cloud) -> set[str]:
    """The verbs in the stack's audit log."""
    group = "/aws/eks/eks-service-types-local/cluster"
    found = cloud.client("logs").filter_log_events(logGroupName=group)["events"]
    return {json.loads(each["message"])["verb"] for each in found}


def test_five_rounds_in_a_second_cloud_leave_nothing_but_logs(cloud: Cloud, tmp_path: Path) -> None:
    """As users with the rights of docs/policies, all of which are needed.

    The log group and its key outlive the cluster: see components/control_plane_logs.py.
    """
    options = configured(tmp_path, {"cluster-log-types": ["audit"]})
    other, kept = start("b"), set[str]()
    try:
        deployer, checker = rights.user(other, "deployer"), rights.user(other, "checks")
        before = inventory(other.client)
        deployer.run(["pulumi", "stack", "init", STACK])
        for _ in range(5):
            deployer.pulumi("up", "--yes", "--skip-preview", *options)
            rights.administers(other, "checks", deployer.outputs()["cluster_name"])
            assert all_hold(checker)
            assert {"create", "watch"} <= audited(other)
            deployer.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", *options)
            deployer.pulumi("destroy", "--yes", "--skip-preview", *options)
            kept |= inventory(other.client) - before
        assert sorted(each.partition("/")[0] for each in kept) == ["kms", "logs"]
        assert {name: rights.unneeded(other, name) for name in rights.ON_AWS} == {
            "deployer": set(),
            "checks": set(),
        }
        assert all_hold(cloud)
    finally:
        other.down()
    assert leftovers(other.name) == []
    assert all_hold(cloud)
