import json
import time
from functools import cache
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from localcloud.aws import backends
from localcloud.aws.api import AwsApi
from localcloud.aws.eks.issuer import new_key
from tests.api.aws.support import (
    IAM,
    Client,
    Eks,
    keys_of,
    make_role,
    post,
    refusal,
    refuses,
    session,
    trust,
)

SUBJECT = "system:serviceaccount:kube-system:controller"
STS, POD_IDENTITY = "sts.amazonaws.com", "pods.eks.amazonaws.com"  # audiences
NAMES = {"namespace": "kube-system", "serviceAccount": "controller"}


@cache
def signer(pem: str) -> RSAKey:
    """A key to sign with; loading one takes longer than a test."""
    return RSAKey.import_key(pem)


def issuer(cluster: Eks) -> str:
    return str(cluster.api.clusters.state("one").record["identity"]["oidc"]["issuer"])


def pod_token(cluster: Eks, audience: str, own: bool = True, **claims: Any) -> str:
    """A service account token as kube-apiserver issues it, or with a key that is not its own."""
    now, name = int(time.time()), {"name": "controller"}
    pod = {"namespace": "kube-system", "serviceaccount": name, "pod": {"name": "p", "uid": "u"}}
    given = {
        "iss": issuer(cluster), "sub": SUBJECT, "aud": [audience], "iat": now, "nbf": now,
        "exp": now + 600, "kubernetes.io": pod,
    }  # fmt: skip
    key = cluster.api.clusters.state("one").service_account_key if own else new_key()
    return jwt.encode({"alg": "RS256"}, given | claims, signer(key))


def web_identity(cluster: Eks, subject: str = SUBJECT, known: bool = True) -> dict[str, str]:
    """AssumeRoleWithWebIdentity's role, of a service account; `known` is the issuer to IAM."""
    url = issuer(cluster).removeprefix("https://")
    if known:
        cluster.iam.create_open_id_connect_provider(
            Url=f"https://{url}", ClientIDList=[STS], ThumbprintList=["0" * 40]
        )
    federated = {"Federated": f"{IAM}:oidc-provider/{url}"}
    condition = {"StringEquals": {f"{url}:sub": subject, f"{url}:aud": STS}}
    document = trust(federated, "sts:AssumeRoleWithWebIdentity", Condition=condition)
    role = make_role(lambda _: cluster.iam, "pod", trust=document)
    return {"RoleArn": role, "RoleSessionName": "pod"}


def test_a_pods_token_is_its_role(client: Client, cluster: Eks) -> None:
    call = {**web_identity(cluster), "WebIdentityToken": pod_token(cluster, STS)}
    sts = client("sts", *keys_of(client("sts").assume_role_with_web_identity(**call)))
    assert sts.get_caller_identity()["Arn"].endswith(":assumed-role/pod/pod")


@pytest.mark.parametrize(
    ("token", "role", "code"),
    [
        pytest.param({"audience": "x"}, {}, "InvalidIdentityToken", id="for another audience"),
        pytest.param({"exp": 1}, {}, "ExpiredTokenException", id="that has expired"),
        pytest.param({"iss": "https://x"}, {}, "InvalidIdentityToken", id="of another issuer"),
        pytest.param({"own": False}, {}, "InvalidIdentityToken", id="by another key"),
        pytest.param({}, {"known": False}, "InvalidIdentityToken", id="of an unknown issuer"),
        pytest.param({}, {"subject": "system:other"}, "AccessDenied", id="that is not trusted"),
    ],
)
def test_a_web_identity_is_refused(
    client: Client, cluster: Eks, token: dict[str, Any], role: dict[str, Any], code: str
) -> None:
    text = pod_token(cluster, **{"audience": STS, **token})
    call = {**web_identity(cluster, **role), "WebIdentityToken": text}
    assert refusal(client("sts").assume_role_with_web_identity, **call)[0] == code


def associate(client: Client, cluster: Eks, *actions: str) -> None:
    """Associate the service account with a role that trusts Pod Identity with these actions."""
    role = make_role(client, "pod", trust=trust({"Service": POD_IDENTITY}, *actions))
    cluster.client.create_pod_identity_association(clusterName="one", **NAMES, roleArn=role)


BOTH = ("sts:AssumeRole", "sts:TagSession")


def test_a_pod_with_an_association_gets_credentials(client: Client, cluster: Eks) -> None:
    associate(client, cluster, *BOTH)
    call = {"clusterName": "one", "token": pod_token(cluster, POD_IDENTITY)}
    given = client("eks-auth").assume_role_for_pod_identity(**call)
    assert given["subject"] == NAMES
    key = given["credentials"]["accessKeyId"]
    found: Any = backends.sts().get_assumed_role_from_access_key(key)
    assert found.session_tags["kubernetes-pod-name"] == "p"


@pytest.mark.parametrize(
    ("actions", "claims", "code"),
    [
        pytest.param(BOTH[:1], {}, "AccessDeniedException", id="whose role may not be tagged"),
        pytest.param(BOTH, {"aud": "x"}, "InvalidTokenException", id="for another audience"),
        pytest.param(BOTH, {"exp": 1}, "ExpiredTokenException", id="with a token that expired"),
        pytest.param((), {}, "ResourceNotFoundException", id="without an association"),
    ],
)
def test_a_pod_gets_no_credentials(
    client: Client, cluster: Eks, actions: tuple[str, ...], claims: dict[str, Any], code: str
) -> None:
    if actions:
        associate(client, cluster, *actions)
    call = {"clusterName": "one", "token": pod_token(cluster, POD_IDENTITY, **claims)}
    assert refusal(client("eks-auth").assume_role_for_pod_identity, **call)[0] == code


def test_an_instances_credentials_are_its_roles(api: AwsApi, client: Client, cluster: Eks) -> None:
    cluster.nodegroup()
    node = cluster.instances[0]
    keys = api.clusters.instance_credentials(node)
    arn = client("sts", *keys).get_caller_identity()["Arn"]
    assert arn.endswith(f":assumed-role/node/{node}")
    with pytest.raises(LookupError):
        api.clusters.instance_credentials("i-0")


def test_only_a_node_may_ask_for_a_pods_credentials(url: str, client: Client, cluster: Eks) -> None:
    associate(client, cluster, *BOTH)
    token = pod_token(cluster, POD_IDENTITY)
    headers = {"Host": "eks-auth.eu-west-1.api.aws", "Content-Type": "application/json"}
    path = f"{url}/clusters/one/assume-role-for-pod-identity"
    status, said = post(path, json.dumps({"token": token}), headers)
    assert (status, "MissingAuthenticationToken" in said) == (403, True)
    make_role(client, "other")
    limited = client("eks-auth", *session(client, "other"))
    call = {"clusterName": "one", "token": token}
    words = "eks-auth:AssumeRoleForPodIdentity on resource: arn:aws:eks:"
    refuses(limited.assume_role_for_pod_identity, "AccessDeniedException", words, **call)
