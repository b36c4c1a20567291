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
from tests.local.aws.support import (
    ACCOUNT,
    KEY,
    Client,
    Eks,
    make_role,
    session,
    trust,
)


def token(keys: tuple[str, ...], cluster: str = "one", signed_for: str | None = None) -> str:
    """A token as `aws eks get-token` makes it."""
    url = "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url, headers={"x-k8s-aws-id": signed_for or cluster})
    SigV4QueryAuth(Credentials(*keys), "sts", "eu-west-1", 60).add_auth(request)
    text = base64.urlsafe_b64encode(request.url.encode()).decode().rstrip("=")
    return f"k8s-aws-v1.{text}"


def unbound() -> str:
    """A token that is not bound to any cluster."""
    url = "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url)
    SigV4QueryAuth(Credentials(*KEY), "sts", "eu-west-1", 60).add_auth(request)
    return f"k8s-aws-v1.{base64.urlsafe_b64encode(request.url.encode()).decode()}"


def reviewed(api: AwsApi, text: str) -> dict[str, Any]:
    review = {"apiVersion": "authentication.k8s.io/v1", "spec": {"token": text}}
    status: dict[str, Any] = token_review.review(api.clusters, "one", review)["status"]
    return status


def test_a_token_is_its_signer(api: AwsApi, eks: Eks) -> None:
    eks.active()
    status = reviewed(api, token(KEY))
    assert status["authenticated"]
    assert status["user"]["username"] == "arn:aws:iam::123456789012:user/developer"
    assert status["user"]["groups"] == ["eks:policy:AmazonEKSClusterAdminPolicy"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (lambda: token(KEY, signed_for="other"), "does not hold for this cluster"),
        (lambda: token((KEY[0], "wrong")), "does not hold for this cluster"),
        (lambda: token(("AKIANOBODYNOBODYNOBO", "x")), "unknown or has expired"),
        (unbound, "does not sign x-k8s-aws-id"),
        (lambda: "k8s-aws-v1._w", "no URL"),
        (lambda: "eyJhbGciOi", "does not begin with"),
    ],
)
def test_tokens_that_are_nobodys(api: AwsApi, eks: Eks, text: Any, words: str) -> None:
    eks.active()
    status = reviewed(api, text())
    assert not status["authenticated"]
    assert words in status["error"]


def test_a_token_ends_after_fifteen_minutes(api: AwsApi, eks: Eks) -> None:
    eks.active()
    state, text = api.clusters.state("one"), token(KEY)
    token_review.identify(state, text, datetime.now(UTC) + timedelta(minutes=14))
    with pytest.raises(token_review.BadToken, match="holds for 15 minutes"):
        token_review.identify(state, text, datetime.now(UTC) + timedelta(minutes=16))


def test_somebody_without_an_entry_is_nobody(api: AwsApi, eks: Eks) -> None:
    config = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
    eks.create(accessConfig=config)
    assert "no access entry for" in reviewed(api, token(KEY))["error"]


def test_a_roles_session_is_the_roles_entry(api: AwsApi, client: Client, eks: Eks) -> None:
    eks.active()
    role = make_role(client, "viewer", trust(ACCOUNT, "sts:AssumeRole"))
    eks.client.create_access_entry(clusterName="one", principalArn=role, kubernetesGroups=["v"])
    keys = session(client, "viewer")
    user = reviewed(api, token(keys))["user"]
    assert user["username"] == "arn:aws:sts::123456789012:assumed-role/viewer/me-x"
    assert user["groups"] == ["v"]


def test_webhooks_are_served(url: str, api: AwsApi, eks: Eks) -> None:
    from urllib.request import Request, urlopen

    eks.active()
    review = {"apiVersion": "authentication.k8s.io/v1", "spec": {"token": token(KEY)}}
    request = Request(
        f"{url}/_cloud/clusters/one/token-review", json.dumps(review).encode(), method="POST"
    )
    with urlopen(request) as answer:
        assert json.load(answer)["status"]["authenticated"]
