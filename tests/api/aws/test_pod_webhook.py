import base64
import json
from typing import Any

from localcloud.aws.api import AwsApi
from localcloud.aws.eks import pod_webhook
from tests.api.aws.support import IAM, Eks

ROLE = f"{IAM}:role/r"
FOLDER = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
POD: dict[str, Any] = {
    "metadata": {},
    "spec": {
        "serviceAccountName": "app",
        "volumes": [{"name": "own"}],
        "initContainers": [{"name": "init"}],
        "containers": [{"name": "main", "env": [{"name": "AWS_REGION", "value": "mine"}]}],
    },
}


def review(api: AwsApi) -> Any:
    """The values of a pod's patch, its volumes first; None without a patch."""
    request = {"uid": "u", "namespace": "default", "object": POD}
    given = {"apiVersion": "admission.k8s.io/v1", "request": request}
    response = pod_webhook.mutate(api.clusters, "one", given)["response"]
    assert (response["uid"], response["allowed"]) == ("u", True)
    if "patch" not in response:
        return None
    return [each["value"] for each in json.loads(base64.b64decode(response["patch"]))]


def granted(**annotations: str) -> pod_webhook.Grant:
    """What a service account with a role and these annotations gets."""
    given = {f"eks.amazonaws.com/{name}": value for name, value in annotations.items()}
    grant = pod_webhook.irsa({"eks.amazonaws.com/role-arn": ROLE, **given}, "eu-west-1")
    assert grant
    return grant


def environment(container: dict[str, Any]) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in container["env"]}


def test_irsa_gives_the_token_as_annotations_set_it_and_its_variables() -> None:
    volumes, init, containers = pod_webhook.patch(POD, granted())
    token = volumes["value"][0]["projected"]["sources"][0]["serviceAccountToken"]
    assert token == {"audience": "sts.amazonaws.com", "expirationSeconds": 86400, "path": "token"}
    assert volumes["value"][1] == {"name": "own"}
    (main,) = containers["value"]
    assert environment(main) == {
        "AWS_REGION": "mine",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "AWS_ROLE_ARN": ROLE,
        "AWS_WEB_IDENTITY_TOKEN_FILE": f"{FOLDER}/token",
    }
    (mount,) = init["value"][0]["volumeMounts"]
    assert mount["mountPath"] == FOLDER
    grant = granted(**{"audience": "mine", "token-expiration": "3600"})
    assert (grant.audience, grant.expiration) == ("mine", 3600)


def test_a_container_can_be_skipped() -> None:
    pod = {**POD, "metadata": {"annotations": {"eks.amazonaws.com/skip-containers": "main,init"}}}
    (volumes,) = pod_webhook.patch(pod, pod_webhook.pod_identity("eu-west-1"))
    assert volumes["path"] == "/spec/volumes"


def test_a_pod_is_mutated_for_what_its_service_account_has(api: AwsApi, cluster: Eks) -> None:
    api.clusters.service_account_annotations = lambda *_: {}
    assert review(api) is None
    api.clusters.service_account_annotations = lambda *_: {"eks.amazonaws.com/role-arn": ROLE}
    assert review(api)[0][0]["name"] == "aws-iam-token"
    cluster.client.create_pod_identity_association(
        clusterName="one", namespace="default", serviceAccount="app", roleArn=cluster.roles["node"]
    )
    volumes, _, containers = review(api)  # the association comes first
    assert volumes[0]["name"] == "eks-pod-identity-token"
    uri = "http://169.254.170.23/v1/credentials"
    assert environment(containers[0])["AWS_CONTAINER_CREDENTIALS_FULL_URI"] == uri
