"""What AWS answers in the seconds before a change is in effect; the pages are in propagation.py."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.aws import backends, propagation
from localcloud.aws.eks import pod_webhook
from tests.api.aws.support import IAM, Client, Eks, grant, make_role, refusal, session
from tests.api.aws.test_pod_credentials import BOTH, POD_IDENTITY, associate, pod_token

HOUR = timedelta(hours=1)


def admitted(cluster: Eks) -> bool:
    """Whether a new pod of the service account gets what an SDK needs for Pod Identity."""
    pod = {"spec": {"serviceAccountName": "controller", "containers": [{"name": "c"}]}}
    request = {"uid": "u", "namespace": "kube-system", "object": pod}
    given = {"apiVersion": "admission.k8s.io/v1", "request": request}
    return "patch" in pod_webhook.mutate(cluster.api.clusters, "one", given)["response"]


def test_an_association_takes_effect_later(
    client: Client, cluster: Eks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """API_CreatePodIdentityAssociation.html; github.com/eksctl-io/eksctl/issues/7709."""
    associate(client, cluster, *BOTH)
    call = {"clusterName": "one", "token": pod_token(cluster, POD_IDENTITY)}
    monkeypatch.setattr(propagation, "DELAY", HOUR)
    monkeypatch.setattr(
        cluster.api.clusters, "service_account_annotations", lambda *names: dict[str, str]()
    )
    assert not admitted(cluster)
    code, _ = refusal(client("eks-auth").assume_role_for_pod_identity, **call)
    assert code == "ResourceNotFoundException"
    (record,) = cluster.api.clusters.state("one").associations.values()
    record["createdAt"] = datetime.now(UTC) - HOUR
    (role,) = (it for it in backends.iam().roles.values() if it.name == "pod")
    role.create_date -= HOUR
    assert admitted(cluster)
    client("eks-auth").assume_role_for_pod_identity(**call)


def test_a_new_role_cannot_be_assumed_yet(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_role(client, "new")
    call = {"RoleArn": f"{IAM}:role/new", "RoleSessionName": "me"}
    monkeypatch.setattr(propagation, "DELAY", HOUR)
    assert refusal(client("sts").assume_role, **call)[0] == "AccessDenied"


def test_a_new_policy_grants_nothing_yet(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_role(client, "new", grant("ec2:*"))
    ec2 = client("ec2", *session(client, "new"))
    monkeypatch.setattr(propagation, "DELAY", HOUR)
    assert refusal(ec2.describe_vpcs)[0] == "UnauthorizedOperation"
    (role,) = backends.iam().roles.values()
    old: Any = role
    old.since = {name: made - HOUR for name, made in old.since.items()}
    ec2.describe_vpcs()
