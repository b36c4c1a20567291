"""The component refuses by name what it does not do; its kubeconfig takes EKS tokens."""

from typing import Any

import pulumi
import pytest

from localcloud.plugins.eks.inputs import check
from localcloud.plugins.eks.kubeconfig import credentials, kubeconfig

GIVEN: dict[str, Any] = {
    "name": "c",
    "authenticationMode": "API",
    "accessEntries": {},
    "vpcId": "vpc-1",
    "publicSubnetIds": ["subnet-1"],
    "privateSubnetIds": ["subnet-2"],
    "skipDefaultNodeGroup": True,
    "skipDefaultSecurityGroups": True,
    "useDefaultVpcCni": True,
    "kubeProxyAddonOptions": {"enabled": False},
    "corednsAddonOptions": {"enabled": False},
}


def test_what_the_program_gives_is_taken() -> None:
    check(GIVEN)


@pytest.mark.parametrize(
    ("more", "path", "reason"),
    [
        ({"fargate": True}, "fargate", "is not an input that the local cloud has"),
        ({"accessEntrys": {}}, "accessEntrys", "did you mean accessEntries?"),
        ({"authenticationMode": "CONFIG_MAP"}, "authenticationMode", "must be 'API'"),
        ({"skipDefaultNodeGroup": False}, "skipDefaultNodeGroup", "must be True"),
        ({"corednsAddonOptions": {}}, "corednsAddonOptions", "must be {'enabled': False}"),
        ({"vpcId": None}, "vpcId", "is required"),
        ({"subnetIds": ["subnet-3"]}, "subnetIds", "not both"),
        ({"accessEntries": pulumi.Output.from_input({})}, "accessEntries", "known from the start"),
    ],
)
def test_anything_else_is_refused_by_name(more: dict[str, Any], path: str, reason: str) -> None:
    with pytest.raises(pulumi.InputPropertiesError) as refused:
        check({**GIVEN, **more})
    assert refused.value.errors is not None
    (failure,) = refused.value.errors
    assert failure["property_path"] == path
    assert reason in failure["reason"]


def test_the_kubeconfig_takes_tokens_from_the_aws_cli() -> None:
    made = kubeconfig(
        name="c",
        arn="arn:aws:eks:eu-west-1:123456789012:cluster/c",
        endpoint="https://127.0.0.1:6443",
        authority="Q0E=",
    )
    assert made["clusters"][0]["cluster"] == {
        "server": "https://127.0.0.1:6443",
        "certificate-authority-data": "Q0E=",
    }
    command = made["users"][0]["user"]["exec"]
    assert command["apiVersion"] == "client.authentication.k8s.io/v1beta1"
    words = "aws --region eu-west-1 eks get-token --cluster-name c --output json"
    assert " ".join([command["command"], *command["args"]]) == words


def test_the_kubeconfig_may_take_a_role_and_a_profile() -> None:
    arn = "arn:aws:eks:eu-west-1:123456789012:cluster/c"
    rights = credentials({"roleArn": "arn:aws:iam::123456789012:role/x", "profileName": "p"})
    made = kubeconfig(name="c", arn=arn, endpoint="e", authority="a", **rights)
    arguments = made["users"][0]["user"]["exec"]["args"]
    assert arguments[-4:] == ["--role", "arn:aws:iam::123456789012:role/x", "--profile", "p"]


def test_an_ambient_profile_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert credentials(None) == {"role": "", "profile": "work"}
    monkeypatch.delenv("AWS_PROFILE")
    assert credentials(None) == {"role": "", "profile": ""}
