import json
import time
from functools import cache
from http.client import HTTPConnection
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from localcloud.aws import backends
from localcloud.aws.api import AwsApi
from localcloud.aws.eks.issuer import new_key
from tests.local.aws.support import (
    ACCOUNT,
    Client,
    Eks,
    make_role,
    refusal,
    session,
    trust,
)

SUBJECT = "system:serviceaccount:kube-system:controller"


@cache
def signer(pem: str) -> RSAKey:
    """A key to sign with; loading one takes longer than a test."""
    return RSAKey.import_key(pem)


def pod_token(eks: Eks, audience: str, key: str | None = None, **claims: Any) -> str:
    """A service account token as kube-apiserver issues it."""
    state = eks.api.clusters.state("one")
    now = int(time.time())
    given = {
        "iss": state.record["identity"]["oidc"]["issuer"],
        "sub": SUBJECT,
        "aud": [audience],
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "kubernetes.io": {
            "namespace": "kube-system",
            "serviceaccount": {"name": "controller"},
            "pod": {"name": "p", "uid": "u"},
        },
    }
    return jwt.encode({"alg": "RS256"}, given | claims, signer(key or state.service_account_key))


def web_role(client: Client, eks: Eks, subject: str = SUBJECT, provider: bool = True) -> str:
    """A role for a service account of the cluster, and the issuer's record in IAM."""
    issuer = eks.api.clusters.state("one").record["identity"]["oidc"]["issuer"]
    url = issuer.removeprefix("https://")
    if provider:
        client("iam").create_open_id_connect_provider(
            Url=issuer, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40]
        )
    federated = {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{url}"}
    wanted = {f"{url}:sub": subject, f"{url}:aud": "sts.amazonaws.com"}
    document = trust(federated, "sts:AssumeRoleWithWebIdentity", condition={"StringEquals": wanted})
    return make_role(client, "pod", document)


def test_a_pods_token_is_its_role(client: Client, eks: Eks) -> None:
    eks.active()
    call = {
        "RoleArn": web_role(client, eks),
        "RoleSessionName": "pod",
        "WebIdentityToken": pod_token(eks, "sts.amazonaws.com"),
    }
    given = client("sts").assume_role_with_web_identity(**call)
    keys = given["Credentials"]
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    sts = client("sts", *(keys[name] for name in names))
    assert sts.get_caller_identity()["Arn"].endswith(":assumed-role/pod/pod")


@pytest.mark.parametrize(
    ("more", "role", "code"),
    [
        ({"audience": "other"}, {}, "InvalidIdentityToken"),
        ({"audience": "sts.amazonaws.com", "exp": 1}, {}, "ExpiredTokenException"),
        ({"audience": "sts.amazonaws.com", "iss": "https://x"}, {}, "InvalidIdentityToken"),
        ({"audience": "sts.amazonaws.com", "key": "new"}, {}, "InvalidIdentityToken"),
        ({"audience": "sts.amazonaws.com"}, {"provider": False}, "InvalidIdentityToken"),
        ({"audience": "sts.amazonaws.com"}, {"subject": "system:other"}, "AccessDenied"),
    ],
)
def test_web_identities_that_are_refused(
    client: Client, eks: Eks, more: dict[str, Any], role: dict[str, Any], code: str
) -> None:
    eks.active()
    key = new_key() if more.pop("key", None) else None
    call = {
        "RoleArn": web_role(client, eks, **role),
        "RoleSessionName": "pod",
        "WebIdentityToken": pod_token(eks, key=key, **more),
    }
    assert refusal(client("sts").assume_role_with_web_identity, **call)[0] == code


def associate(client: Client, eks: Eks, *actions: str) -> None:
    role = make_role(client, "pod", trust({"Service": "pods.eks.amazonaws.com"}, *actions))
    eks.client.create_pod_identity_association(
        clusterName="one", namespace="kube-system", serviceAccount="controller", roleArn=role
    )


def test_a_pod_with_an_association_gets_credentials(client: Client, eks: Eks) -> None:
    eks.active()
    associate(client, eks, "sts:AssumeRole", "sts:TagSession")
    text = pod_token(eks, "pods.eks.amazonaws.com")
    given = client("eks-auth").assume_role_for_pod_identity(clusterName="one", token=text)
    assert given["subject"] == {"namespace": "kube-system", "serviceAccount": "controller"}
    keys = given["credentials"]
    found = backends.sts().get_assumed_role_from_access_key(keys["accessKeyId"])
    assert found
    assert found.session_tags["kubernetes-pod-name"] == "p"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("actions", "more", "code"),
    [
        (("sts:AssumeRole",), {}, "AccessDeniedException"),
        (("sts:AssumeRole", "sts:TagSession"), {"aud": "other"}, "InvalidTokenException"),
        (("sts:AssumeRole", "sts:TagSession"), {"exp": 1}, "ExpiredTokenException"),
        ((), {}, "ResourceNotFoundException"),
    ],
)
def test_pods_that_get_no_credentials(
    client: Client, eks: Eks, actions: tuple[str, ...], more: dict[str, Any], code: str
) -> None:
    eks.active()
    if actions:
        associate(client, eks, *actions)
    text = pod_token(eks, "pods.eks.amazonaws.com", **more)
    call = {"clusterName": "one", "token": text}
    assert refusal(client("eks-auth").assume_role_for_pod_identity, **call)[0] == code


def test_an_instances_credentials_are_its_roles(api: AwsApi, client: Client, eks: Eks) -> None:
    eks.active()
    eks.nodegroup()
    node = api.clusters.clusters()[0].nodegroups[0].nodes[0]
    keys = api.clusters.instance_credentials(node.instance_id)
    arn = client("sts", *keys).get_caller_identity()["Arn"]
    assert arn.endswith(f":assumed-role/node/{node.instance_id}")
    with pytest.raises(LookupError):
        api.clusters.instance_credentials("i-0")


def test_only_a_node_may_ask_for_a_pods_credentials(url: str, client: Client, eks: Eks) -> None:
    eks.active()
    associate(client, eks, "sts:AssumeRole", "sts:TagSession")
    text = pod_token(eks, "pods.eks.amazonaws.com")
    connection = HTTPConnection(url.removeprefix("http://"))
    path = "/clusters/one/assume-role-for-pod-identity"
    headers = {"Host": "eks-auth.eu-west-1.api.aws", "Content-Type": "application/json"}
    connection.request("POST", path, json.dumps({"token": text}), headers)
    response = connection.getresponse()
    assert (response.status, b"MissingAuthenticationToken" in response.read()) == (403, True)
    connection.close()
    make_role(client, "other", trust(ACCOUNT, "sts:AssumeRole"))
    limited = client("eks-auth", *session(client, "other"))
    call = {"clusterName": "one", "token": text}
    refused = refusal(limited.assume_role_for_pod_identity, **call)
    assert refused[0] == "AccessDeniedException"
    assert "eks-auth:AssumeRoleForPodIdentity on resource: arn:aws:eks:" in refused[1]
