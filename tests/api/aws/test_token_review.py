import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localcloud.aws.api import AwsApi
from localcloud.aws.eks import token_review
from tests.api.aws.support import IAM, KEY, Client, Eks, make_role, post, session


def token(keys: tuple[str, ...] = KEY, cluster: str = "one") -> str:
    """A token as `aws eks get-token` makes it; bound to no cluster for ""."""
    url = "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url, headers={"x-k8s-aws-id": cluster} if cluster else {})
    SigV4QueryAuth(Credentials(*keys), "sts", "eu-west-1", 60).add_auth(request)
    text = base64.urlsafe_b64encode(request.url.encode()).decode().rstrip("=")
    return f"k8s-aws-v1.{text}"


def reviewed(url: str, text: str) -> Any:
    """What the webhook of cluster one says of a token."""
    asked = {"apiVersion": "authentication.k8s.io/v1", "spec": {"token": text}}
    _, answer = post(f"{url}/_cloud/clusters/one/token-review", json.dumps(asked))
    return json.loads(answer)["status"]


def test_a_token_is_its_signer(url: str, cluster: Eks) -> None:
    status = reviewed(url, token())
    assert status["authenticated"]
    assert status["user"]["username"] == f"{IAM}:user/developer"
    assert status["user"]["groups"] == ["eks:policy:AmazonEKSClusterAdminPolicy"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ({"cluster": "other"}, "is not valid for this cluster"),
        ({"keys": (KEY[0], "wrong")}, "is not valid for this cluster"),
        ({"keys": ("AKIANOBODYNOBODYNOBO", "x")}, "unknown or has expired"),
        ({"cluster": ""}, "does not sign x-k8s-aws-id"),
        ("k8s-aws-v1._w", "not a URL"),
        ("eyJhbGciOi", "does not begin with"),
    ],
)
def test_tokens_that_are_nobodys(url: str, cluster: Eks, text: Any, words: str) -> None:
    status = reviewed(url, text if isinstance(text, str) else token(**text))
    assert not status["authenticated"]
    assert words in status["error"]


def test_a_token_ends_after_fifteen_minutes(api: AwsApi, cluster: Eks) -> None:
    state, text = api.clusters.state("one"), token()
    token_review.identify(state, text, datetime.now(UTC) + timedelta(minutes=14))
    with pytest.raises(token_review.ClusterTokenError, match="is valid for 15 minutes"):
        token_review.identify(state, text, datetime.now(UTC) + timedelta(minutes=16))


def test_somebody_without_an_entry_is_nobody(url: str, eks: Eks) -> None:
    config = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
    eks.create(accessConfig=config)
    assert "no access entry for" in reviewed(url, token())["error"]


def test_a_roles_session_is_the_roles_entry(url: str, client: Client, cluster: Eks) -> None:
    entry = {"principalArn": make_role(client, "viewer"), "kubernetesGroups": ["v"]}
    cluster.client.create_access_entry(clusterName="one", **entry)
    user = reviewed(url, token(session(client, "viewer")))["user"]
    assert user["username"] == "arn:aws:sts::123456789012:assumed-role/viewer/me-x"
    assert user["groups"] == ["v"]


def test_a_role_that_is_made_again_has_no_access(url: str, client: Client, cluster: Eks) -> None:
    """ "... the access entry won't work" (API_AccessEntry.html): IAM's unique id is another."""
    entry = {"clusterName": "one", "principalArn": make_role(client, "viewer")}
    cluster.client.create_access_entry(**entry)
    client("iam").delete_role(RoleName="viewer")
    make_role(client, "viewer")
    assert "no access entry for" in reviewed(url, token(session(client, "viewer")))["error"]
    cluster.client.delete_access_entry(**entry)
    cluster.client.create_access_entry(**entry)
    assert reviewed(url, token(session(client, "viewer")))["authenticated"]
