"""Access logs of load balancers, as docs.aws.amazon.com/elasticloadbalancing/latest says:
application/enable-access-logging.html, network/enable-access-logs.html.
"""

import gzip
import re
from typing import Any

import pytest

from localcloud.aws import backends
from localcloud.aws.access_logs import ACCOUNTS, DELIVERY, ELB
from localcloud.aws.api import AwsApi
from tests.api.aws.support import REGION, Client, Elb, document, refusal

LOGS = "arn:aws:s3:::logs-bucket"
OURS = f"{LOGS}/alb/AWSLogs/123456789012/*"
NAME = {"Bucket": "logs-bucket"}
PRINCIPALS = {
    "service": {"Service": ELB},
    "account": {"AWS": f"arn:aws:iam::{ACCOUNTS[REGION]}:root"},
}
KMS = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
DENIED = "Access Denied for bucket: logs-bucket. Please check S3bucket permission"


def allow(principal: Any, action: str, resource: str, **more: Any) -> dict[str, Any]:
    given = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {**given, **more}


OF_ALB = allow(PRINCIPALS["service"], "s3:PutObject", OURS)
NLB = {"Service": DELIVERY}
OF_NLB = (
    allow(NLB, "s3:GetBucketAcl", LOGS),
    allow(
        NLB, "s3:PutObject", OURS,
        Condition={
            "StringEquals": {
                "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": "123456789012",
            },
            "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{REGION}:123456789012:*"},
        },
    ),
)  # fmt: skip


def attributes(**more: str) -> list[dict[str, str]]:
    given = {"enabled": "true", "bucket": "logs-bucket", "prefix": "alb", **more}
    return [{"Key": f"access_logs.s3.{key}", "Value": value} for key, value in given.items()]


@pytest.fixture
def s3(client: Client) -> Any:
    """S3's client, and a bucket for logs."""
    made = client("s3")
    made.create_bucket(**NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    return made


@pytest.mark.parametrize(
    ("kind", "statements"),
    [
        ("application", [OF_ALB]),
        ("application", [allow(PRINCIPALS["account"], "s3:PutObject", OURS)]),
        ("network", OF_NLB),
    ],
)
def test_a_test_file_is_written_and_lines_are_delivered(
    api: AwsApi, elb: Elb, s3: Any, kind: str, statements: Any
) -> None:
    s3.put_bucket_policy(**NAME, Policy=document(*statements))
    arn = elb.balancer(kind)
    elb.client.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes())
    found = elb.client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    assert {"Key": "access_logs.s3.enabled", "Value": "true"} in found
    (balancer,) = api.snapshots.load_balancers()
    api.deliver_access_logs(balancer, b"line\n")
    (delivered, test) = [each["Key"] for each in s3.list_objects_v2(**NAME)["Contents"]][::-1]
    assert test == "alb/AWSLogs/123456789012/ELBAccessLogTestFile"
    part, node = f"elasticloadbalancing/{REGION}", r"198\.51\.100\.1_" if kind != "network" else ""
    assert re.fullmatch(
        rf"alb/AWSLogs/123456789012/{part}/\d{{4}}/\d\d/\d\d/123456789012_elasticloadbalancing_"
        rf"{REGION}_(app|net)\.one\.[0-9a-f]+_\d{{8}}T\d{{4}}Z_{node}\w{{8}}\.log\.gz",
        delivered,
    )
    body = s3.get_object(**NAME, Key=delivered)["Body"].read()
    assert gzip.decompress(body) == b"line\n"


@pytest.mark.parametrize(
    ("kind", "given", "statements", "code", "message"),
    [
        ("application", {}, [], "InvalidConfigurationRequest", DENIED),
        ("application", {}, OF_NLB, "InvalidConfigurationRequest", DENIED),
        ("network", {}, [OF_ALB], "InvalidConfigurationRequest", DENIED),
        ("application", {"prefix": "other"}, [OF_ALB], "InvalidConfigurationRequest", DENIED),
        ("application", {"prefix": "AWSLogs"}, [OF_ALB], "ValidationError", "prefix is not valid"),
        ("application", {"bucket": ""}, [OF_ALB], "ValidationError", "S3Bucket name cannot be"),
        ("application", {"enabled": "yes"}, [OF_ALB], "ValidationError", "'yes' of access_logs"),
        (
            "application", {"bucket": "nosuch"}, [OF_ALB],
            "InvalidConfigurationRequest", "Access Denied for bucket: nosuch.",
        ),
    ],
)  # fmt: skip
def test_a_bucket_that_does_not_take_the_logs_is_refused(
    elb: Elb, s3: Any, kind: str, given: Any, statements: Any, code: str, message: str
) -> None:
    """The message as in github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1956."""
    if statements:
        s3.put_bucket_policy(**NAME, Policy=document(*statements))
    call = {"LoadBalancerArn": elb.balancer(kind), "Attributes": attributes(**given)}
    found = refusal(elb.client.modify_load_balancer_attributes, **call)
    assert found[0] == code
    assert message in found[1]
    assert s3.list_objects_v2(**NAME)["KeyCount"] == 0


def test_a_bucket_of_another_region_or_with_a_kms_key_is_refused(
    elb: Elb, client: Client, s3: Any
) -> None:
    """The first message as in github.com/hashicorp/terraform/issues/12010."""
    s3.put_bucket_policy(**NAME, Policy=document(OF_ALB))
    s3.put_bucket_encryption(**NAME, ServerSideEncryptionConfiguration=KMS)
    call = {"LoadBalancerArn": elb.balancer(), "Attributes": attributes()}
    assert refusal(elb.client.modify_load_balancer_attributes, **call)[1] == DENIED
    backends.s3().buckets["logs-bucket"].region_name = "eu-west-2"
    found = refusal(elb.client.modify_load_balancer_attributes, **call)
    assert found[1] == "S3Bucket: logs-bucket is not located in the same region with ELB"


def test_lines_for_a_bucket_that_is_gone_are_lost(
    api: AwsApi, elb: Elb, s3: Any, caplog: pytest.LogCaptureFixture
) -> None:
    s3.put_bucket_policy(**NAME, Policy=document(OF_ALB))
    call = {"LoadBalancerArn": elb.balancer(), "Attributes": attributes()}
    elb.client.modify_load_balancer_attributes(**call)
    (balancer,) = api.snapshots.load_balancers()
    s3.delete_bucket_policy(**NAME)
    api.deliver_access_logs(balancer, b"line\n")
    assert "access logs of one are lost: Access Denied" in caplog.text
