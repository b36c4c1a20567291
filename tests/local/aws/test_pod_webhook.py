import base64
import json
from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.eks import pod_webhook
from tests.local.aws.support import Eks

ROLE = "arn:aws:iam::123456789012:role/r"
POD: dict[str, Any] = {
    "metadata": {},
    "spec": {
        "serviceAccountName": "app",
        "volumes": [{"name": "own"}],
        "initContainers": [{"name": "init"}],
        "containers": [{"name": "main", "env": [{"name": "AWS_REGION", "value": "mine"}]}],
    },
}


def review(api: AwsApi) -> list[dict[str, Any]] | None:
    request = {"uid": "u", "namespace": "default", "object": POD}
    given = {"apiVersion": "admission.k8s.io/v1", "request": request}
    response = pod_webhook.mutate(api.clusters, "one", given)["response"]
    assert response["uid"] == "u"
    assert response["allowed"]
    if "patch" not in response:
        return None
    patch: list[dict[str, Any]] = json.loads(base64.b64decode(response["patch"]))
    return patch


def test_irsa_gives_the_token_and_its_variables() -> None:
    grant = pod_webhook.irsa({"eks.amazonaws.com/role-arn": ROLE}, "eu-west-1")
    assert grant
    volumes, init, containers = pod_webhook.patch(POD, grant)
    token = volumes["value"][0]["projected"]["sources"][0]["serviceAccountToken"]
    assert token == {"audience": "sts.amazonaws.com", "expirationSeconds": 86400, "path": "token"}
    assert volumes["value"][1] == {"name": "own"}
    (main,) = containers["value"]
    env = {variable["name"]: variable["value"] for variable in main["env"]}
    assert env == {
        "AWS_REGION": "mine",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "AWS_ROLE_ARN": ROLE,
        "AWS_WEB_IDENTITY_TOKEN_FILE": ("/var/run/secrets/eks.amazonaws.com/serviceaccount/token"),
    }
    (mount,) = init["value"][0]["volumeMounts"]
    assert mount["mountPath"] == "/var/run/secrets/eks.amazonaws.com/serviceaccount"


def test_a_container_can_be_skipped() -> None:
    pod = {**POD, "metadata": {"annotations": {"eks.amazonaws.com/skip-containers": "main,init"}}}
    (volumes,) = pod_webhook.patch(pod, pod_webhook.pod_identity("eu-west-1"))
    assert volumes["path"] == "/spec/volumes"


@pytest.mark.parametrize(
    ("annotations", "audience", "seconds"),
    [
        ({}, "sts.amazonaws.com", 86400),
        ({"audience": "mine", "token-expiration": "3600"}, "mine", 3600),
    ],
)
def test_annotations_set_the_token(
    annotations: dict[str, str], audience: str, seconds: int
) -> None:
    given = {f"eks.amazonaws.com/{name}": value for name, value in annotations.items()}
    grant = pod_webhook.irsa({"eks.amazonaws.com/role-arn": ROLE, **given}, "eu-west-1")
    assert grant
    assert (grant.audience, grant.expiration) == (audience, seconds)


def test_a_pod_is_mutated_for_what_its_service_account_has(api: AwsApi, eks: Eks) -> None:
    eks.active()
    api.clusters.service_account_annotations = lambda *_: {}
    assert review(api) is None
    api.clusters.service_account_annotations = lambda *_: {"eks.amazonaws.com/role-arn": ROLE}
    patch = review(api)
    assert patch
    assert patch[0]["value"][0]["name"] == "aws-iam-token"
    eks.client.create_pod_identity_association(
        clusterName="one", namespace="default", serviceAccount="app", roleArn=eks.roles["node"]
    )
    patch = review(api)  # the association comes first
    assert patch
    assert patch[0]["value"][0]["name"] == "eks-pod-identity-token"
    env = {variable["name"]: variable["value"] for variable in patch[2]["value"][0]["env"]}
    uri = "http://169.254.170.23/v1/credentials"
    assert env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] == uri
