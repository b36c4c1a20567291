"""The log group of a control plane over several lives of its cluster, with the real engine.

EKS makes the group again after it was deleted, without key and retention:
https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws import spread
from tests.api.plugins.aws.conftest import reconciled
from tests.api.plugins.stack import CHECKOUT, GatedApi, Stack, client, gated_api

GROUP = "/aws/eks/clu/cluster"
PROGRAM = """
import sys

sys.path.insert(0, "{checkout}")
from components.control_plane_logs import find_logs
from components.policies import key_policy, managed_policy_arn, service_trust

logs = find_logs("clu", new="clu" not in aws.eks.get_clusters().names)
place = pulumi.ComponentResource("test:index:Place", "place")
policy = key_policy(account_id="123456789012", region="eu-west-1", log_group=logs.name)
key = aws.kms.Key("key", enable_key_rotation=True, description="{description}",
    policy=json.dumps(policy), opts=logs.key_options(place))
group = aws.cloudwatch.LogGroup("logs", name=logs.name, retention_in_days={days},
    kms_key_id=key.arn, opts=logs.group_options(place))
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
subnets = [aws.ec2.Subnet(zone, vpc_id=vpc.id, cidr_block=f"10.0.{{number}}.0/24",
    availability_zone=f"eu-west-1{{zone}}") for number, zone in enumerate("ab")]
role = aws.iam.Role("role", assume_role_policy=json.dumps(service_trust("eks.amazonaws.com")))
aws.eks.Cluster("clu", name="clu", role_arn=role.arn, enabled_cluster_log_types=["audit"],
    vpc_config={{"subnet_ids": [subnet.id for subnet in subnets],
        "endpoint_private_access": True, "endpoint_public_access": True}},
    opts=pulumi.ResourceOptions(depends_on=[group]))
"""
Cloud = tuple[GatedApi, dict[str, str]]


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr(spread, "DELAY", timedelta(0))
    with gated_api() as cloud, reconciled(cloud[0]):
        cloud[0].clusters.log_files = lambda cluster: {"audit": tmp_path / "audit"}
        yield cloud


def program(days: int = 7, description: str = "first") -> str:
    return PROGRAM.format(checkout=CHECKOUT, days=days, description=description)


class Logs:
    """What CloudWatch Logs has, and what the API server of the cluster logs."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self._client, self._file = client(cloud[1], "logs"), folder / "audit"

    def write(self, verb: str) -> None:
        line = {"verb": verb, "stageTimestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}
        with self._file.open("a") as log:
            log.write(json.dumps(line) + "\n")

    @property
    def verbs(self) -> list[str]:
        found = self._client.filter_log_events(logGroupName=GROUP)["events"]
        return [json.loads(each["message"])["verb"] for each in found]

    @property
    def kept(self) -> tuple[Any, Any]:
        """The group's key and its days."""
        (group,) = self._client.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
        return group.get("kmsKeyId"), group.get("retentionInDays")

    def delete(self) -> None:
        self._client.delete_log_group(logGroupName=GROUP)


def test_group_and_key_outlive_three_clusters(cloud: Cloud, tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    stack, logs = Stack(tmp_path / "stack", cloud[1]), Logs(cloud, tmp_path)
    stack.program(program())
    kept = set()
    for number in range(3):
        assert ("imported" in stack.up()) == (number > 0)
        stack.up("--expect-no-changes")
        logs.write(f"round {number}")
        stack.pulumi("destroy", "--yes", "--skip-preview")
        assert stack.resources() == []
        assert logs.verbs == [f"round {earlier}" for earlier in range(number + 1)]
        kept.add(logs.kept)
    ((key, days),) = kept
    assert (bool(key), days) == (True, 7)
    stack.program(program(days=30, description="second"))
    for expected in (7, 30):  # what is taken up again changes with the next `up`
        stack.up()
        assert logs.kept == (key, expected)


def test_a_group_made_by_eks_gets_key_and_days_with_the_second_up(
    cloud: Cloud, tmp_path: Path
) -> None:
    (tmp_path / "stack").mkdir()
    stack, logs = Stack(tmp_path / "stack", cloud[1]), Logs(cloud, tmp_path)
    stack.program(program())
    stack.up()
    logs.write("last")
    stack.pulumi("destroy", "--yes", "--skip-preview")
    logs.delete()
    client(cloud[1], "logs").create_log_group(logGroupName=GROUP)
    assert "was made by EKS: `pulumi up` again" in stack.up()
    assert logs.kept == (None, None)
    stack.up()
    assert logs.kept[0]
    assert logs.kept[1] == 7
    stack.up("--expect-no-changes")
