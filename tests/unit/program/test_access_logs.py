"""Access logs: the bucket that `access-logs` makes, and who writes to it."""

import json
from typing import Any

from components.access_logs import bucket_policy
from tests.unit.program.answers import ACCOUNT
from tests.unit.program.recording import Recording, at, run_once

INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
SERVICE = "kubernetes:core/v1:Service"
ANNOTATIONS = {
    "alb": (INGRESS, "alb.ingress.kubernetes.io/load-balancer-attributes"),
    "nlb": (SERVICE, "service.beta.kubernetes.io/aws-load-balancer-attributes"),
}


def attributes(program: Recording, prefix: str) -> list[str]:
    kind, annotation = ANNOTATIONS[prefix]
    found = [at(it.inputs, "metadata.annotations").get(annotation) for it in program.of(kind)]
    (text,) = [each for each in found if each]
    return str(text).split(",")


def test_both_load_balancers_of_prod_log_to_one_bucket(prod: Recording) -> None:
    bucket = prod.one("aws:s3/bucket:Bucket")
    for prefix, (kind, annotation) in ANNOTATIONS.items():
        assert {"access_logs.s3.enabled=true", f"access_logs.s3.prefix={prefix}"} <= {
            *attributes(prod, prefix)
        }
        made = [it for it in prod.of(kind) if annotation in at(it.inputs, "metadata.annotations")]
        policy = prod.one("aws:s3/bucketPolicy:BucketPolicy").urn
        assert {bucket.urn, policy} <= prod.needs(made[0])
    assert bucket.inputs["forceDestroy"] is True


def test_without_access_logs_they_are_turned_off(dev: Recording) -> None:
    """The controller keeps the value of an attribute that an annotation leaves out."""
    assert dev.of("aws:s3/bucket:Bucket") == []
    for prefix in ANNOTATIONS:
        assert "access_logs.s3.enabled=false" in attributes(dev, prefix)


# S3.1, S3.5, S3.8, S3.13, CKV_AWS_19/53-56
def test_the_bucket_is_encrypted_private_and_forgets(prod: Recording) -> None:
    kind = "aws:s3/bucket{0}:Bucket{0}".format
    encryption = prod.one(kind("ServerSideEncryptionConfiguration"))
    rule = encryption.inputs["rules"][0]["applyServerSideEncryptionByDefault"]
    assert rule == {"sseAlgorithm": "AES256"}
    (expiry,) = prod.one(kind("LifecycleConfiguration")).inputs["rules"]
    assert (expiry["status"], expiry["expiration"]) == ("Enabled", {"days": 365})
    block = prod.one(kind("PublicAccessBlock")).inputs
    assert {value for name, value in block.items() if name != "bucket"} == {True}


def test_the_policy_names_the_services_and_refuses_plain_http() -> None:
    given: dict[str, Any] = bucket_policy(
        bucket_arn="arn:aws:s3:::b", account_id=ACCOUNT, region="eu-west-1"
    )
    by_sid = {each["Sid"]: each for each in given["Statement"]}
    alb = by_sid["ApplicationLoadBalancers"]
    assert alb["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert alb["Resource"] == f"arn:aws:s3:::b/alb/AWSLogs/{ACCOUNT}/*"
    nlb = by_sid["NetworkLoadBalancers"]
    assert nlb["Condition"]["StringEquals"]["s3:x-amz-acl"] == "bucket-owner-full-control"
    assert by_sid["TlsOnly"]["Effect"] == "Deny"
    assert json.dumps(given)


def test_logs_are_kept_as_long_as_the_setting_says() -> None:
    made = run_once("dev", **{"access-logs": "true"})
    kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    assert made.one(kind).inputs["rules"][0]["expiration"] == {"days": 30}
