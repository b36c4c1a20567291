"""Control plane logs in CloudWatch Logs.

https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws import propagation
from tests.api.aws.support import IAM, Client, Eks, refusal
from tests.api.aws.test_token_review import reviewed, token

GROUP = "/aws/eks/one/cluster"
Write = Callable[[str, str], None]


def logging(*types: str, enabled: bool = True) -> dict[str, Any]:
    """CreateCluster's and UpdateClusterConfig's logging of these types."""
    return {"clusterLogging": [{"types": [*types], "enabled": enabled}]}


@pytest.fixture
def write(eks: Eks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Appends a line to a log of the cluster; an older cluster has left one."""
    files = {type_: tmp_path / type_ for type_ in ("api", "audit")}
    monkeypatch.setattr(eks.api.clusters, "log_files", lambda cluster: files)
    files["api"].write_text("of an older cluster\n")

    def line(type_: str, text: str) -> None:
        with files[type_].open("a") as log:
            log.write(text)

    return line


def audited(verb: str) -> str:
    """A line of an audit log."""
    time = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return json.dumps({"verb": verb, "stageTimestamp": time}) + "\n"


def events(client: Client, **more: Any) -> list[tuple[str, str]]:
    """The streams, without their random ends, and the messages."""
    found = client("logs").filter_log_events(logGroupName=GROUP, **more)["events"]
    return [(each["logStreamName"].rpartition("-")[0], each["message"]) for each in found]


def test_the_logs_of_enabled_types_arrive(client: Client, eks: Eks, write: Write) -> None:
    eks.create(logging=logging("api", "audit"))
    write("api", f"I{datetime.now(UTC):%m%d %H:%M:%S.%f} 1 a.go:1] serving\nhalf a")
    write("audit", audited("get"))
    found = events(client)
    assert [stream for stream, _ in found] == ["kube-apiserver", "kube-apiserver-audit"]
    assert found[0][1].endswith("serving")
    write("api", " line\n")
    assert ("kube-apiserver", "half a line") in events(client)
    logs = client("logs")
    (stream,) = logs.describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix="kube-apiserver-audit-"
    )["logStreams"]
    read = logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"])
    assert [json.loads(each["message"])["verb"] for each in read["events"]] == ["get"]


def test_the_authenticator_tells_who_came(url: str, client: Client, eks: Eks) -> None:
    eks.create(logging=logging("authenticator"))
    reviewed(url, token())
    ((stream, message),) = events(client)
    assert stream == "authenticator"
    assert f'arn="{IAM}:user/developer"' in message


def test_types_are_enabled_and_disabled(client: Client, cluster: Eks, write: Write) -> None:
    """API_UpdateClusterConfig.html: an update of type LoggingUpdate."""
    change = cluster.client.update_cluster_config
    write("audit", audited("before"))
    update = change(name="one", logging=logging("audit"))["update"]
    assert (update["type"], cluster.record.status) == ("LoggingUpdate", "UPDATING")
    assert cluster.record.log_types == ("audit",)
    cluster.ready()
    write("audit", audited("during"))
    change(name="one", logging=logging("audit", enabled=False))
    cluster.ready()
    write("audit", audited("after"))
    assert [json.loads(message)["verb"] for _, message in events(client)] == ["during"]
    off = logging("audit", enabled=False)
    assert "No changes needed" in refusal(change, name="one", logging=off)[1]
    both = {"logging": logging("api"), "resourcesVpcConfig": {"endpointPrivateAccess": True}}
    assert "Only one type of update" in refusal(change, name="one", **both)[1]


def test_no_types_are_as_good_as_none(eks: Eks) -> None:
    """Other clients send {"types": [], "enabled": true} when no log is wanted."""
    eks.create(logging=logging())
    assert eks.record.log_types == ()


def test_the_log_group_is_made_again_after_the_clusters_deletion(
    client: Client, eks: Eks, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the service's role, without a key and a retention:
    https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763 and 2486."""
    logs = client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    eks.create(logging=logging("audit"))
    eks.ready()
    write("audit", audited("delete"))
    eks.client.delete_cluster(name="one")
    monkeypatch.setattr(propagation, "DELAY", timedelta(hours=1))
    eks.api.clusters.cluster_gone("one")
    logs.delete_log_group(logGroupName=GROUP)
    assert logs.describe_log_groups()["logGroups"] == []
    monkeypatch.setattr(propagation, "DELAY", timedelta(0))
    (group,) = logs.describe_log_groups()["logGroups"]
    assert {"retentionInDays", "kmsKeyId"}.isdisjoint(group)
    assert refusal(logs.create_log_group, logGroupName=GROUP)[0] == (
        "ResourceAlreadyExistsException"
    )


def test_a_key_must_let_the_service_use_it(client: Client, eks: Eks, write: Write) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""
    kms, logs = client("kms"), client("logs")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    group = {"logGroupName": GROUP, "kmsKeyId": arn}
    for call in (logs.create_log_group, logs.associate_kms_key):
        if call == logs.associate_kms_key:
            logs.create_log_group(logGroupName=GROUP)
        assert "not allowed to be used with Arn" in refusal(call, **group)[1]
    statement = {
        "Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
        "Action": "kms:*", "Resource": "*",
    }  # fmt: skip
    document = {"Version": "2012-10-17", "Statement": [statement]}
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=json.dumps(document))
    logs.associate_kms_key(**group)
    eks.create(logging=logging("audit"))
    kms.disable_key(KeyId=arn.rpartition("/")[2])
    write("audit", audited("lost"))
    assert events(client) == []
    logs.disassociate_kms_key(logGroupName=GROUP)
    write("audit", audited("kept"))
    assert len(events(client)) == 1


def test_patterns_that_would_be_ignored_are_refused(client: Client, eks: Eks) -> None:
    client("logs").create_log_group(logGroupName=GROUP)
    call = {"logGroupName": GROUP, "filterPattern": '{ $.verb = "get" }'}
    assert "the filter pattern" in refusal(client("logs").filter_log_events, **call)[1]
