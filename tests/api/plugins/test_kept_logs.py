"""The log group of a control plane over several lives of its cluster, with the real engine.

EKS makes the group again after it was deleted, without key and retention:
https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud.aws.api import AwsApi
from tests.api.plugins.conftest import CHECKOUT
from tests.engine import Project

PROGRAM = """
import json
import sys

import pulumi
import pulumi_aws as aws

sys.path.insert(0, "{checkout}")
from components.control_plane_logs import find_logs
from components.policies import key_policy, service_trust

logs = find_logs("{cluster}", new="{cluster}" not in aws.eks.get_clusters().names)
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
aws.eks.Cluster("clu", name="{cluster}", role_arn=role.arn, enabled_cluster_log_types=["audit"],
    vpc_config={{"subnet_ids": [subnet.id for subnet in subnets],
        "endpoint_private_access": True, "endpoint_public_access": True}},
    opts=pulumi.ResourceOptions(depends_on=[group]))
"""


def program(cluster: str, days: int = 7, description: str = "first") -> str:
    return PROGRAM.format(checkout=CHECKOUT, cluster=cluster, days=days, description=description)


class Logs:
    """What CloudWatch Logs has, and what the API server of the cluster logs."""

    def __init__(self, cluster: str, file: Path) -> None:
        self.group, self._file = f"/aws/eks/{cluster}/cluster", file
        self.client: Any = boto3.client("logs")

    def write(self, verb: str) -> None:
        line = {"verb": verb, "stageTimestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}
        with self._file.open("a") as log:
            log.write(json.dumps(line) + "\n")

    @property
    def verbs(self) -> list[str]:
        found = self.client.filter_log_events(logGroupName=self.group)["events"]
        return [json.loads(each["message"])["verb"] for each in found]

    @property
    def kept(self) -> tuple[Any, Any]:
        """The group's key and its days."""
        (group,) = self.client.describe_log_groups(logGroupNamePrefix=self.group)["logGroups"]
        return group.get("kmsKeyId"), group.get("retentionInDays")


@pytest.fixture
def audit(api: AwsApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of every cluster's audit log."""
    file = tmp_path / "audit"
    monkeypatch.setattr(api.clusters, "log_files", lambda cluster: {"audit": file})
    return file


def test_group_and_key_outlive_three_clusters(project: Project, audit: Path) -> None:
    logs = Logs("kept", audit)
    project.program(program("kept"))
    kept = set()
    for number in range(3):
        assert ("imported" in project.up()) == (number > 0)
        project.up("--expect-no-changes")
        logs.write(f"round {number}")
        project.destroy()
        assert project.resources() == []
        assert logs.verbs == [f"round {earlier}" for earlier in range(number + 1)]
        kept.add(logs.kept)
    ((key, days),) = kept
    assert (bool(key), days) == (True, 7)
    project.program(program("kept", days=30, description="second"))
    for expected in (7, 30):  # what is taken up again changes with the next `up`
        project.up()
        assert logs.kept == (key, expected)


def test_a_group_made_by_eks_gets_key_and_days_with_the_second_up(
    project: Project, audit: Path
) -> None:
    logs = Logs("made", audit)
    logs.client.create_log_group(logGroupName=logs.group)
    project.program(program("made"))
    assert "the next `pulumi up` sets its key and its retention" in project.up()
    assert logs.kept == (None, None)
    project.up()
    assert logs.kept[0]
    assert logs.kept[1] == 7
    project.up("--expect-no-changes")
