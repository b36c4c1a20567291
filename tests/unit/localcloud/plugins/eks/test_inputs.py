"""The component refuses by name what it does not do; its kubeconfig takes EKS tokens."""

from typing import Any

import pulumi
import pytest
from pulumi import _types

from localcloud.plugins.eks.inputs import ACCEPTED, REFUSED, check, public_access_cidrs
from localcloud.plugins.eks.kubeconfig import credentials, kubeconfig
from tests.unit.program.sdk import pulumi_eks

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


def test_every_input_of_the_sdk_is_taken_or_refused_by_name() -> None:
    known = _types.input_type_py_to_pulumi_names(pulumi_eks.ClusterArgs).values()
    assert sorted([*ACCEPTED, *REFUSED]) == sorted(known)


@pytest.mark.parametrize(
    ("more", "path", "reason"),
    [
        ({"fargate": True}, "fargate", "the local cloud has no Fargate"),
        ({"instanceType": "t3.large"}, "instanceType", "make an aws.eks.NodeGroup"),
        ({"roleMappings": []}, "roleMappings", "use accessEntries"),
        ({"storageClasses": "gp3"}, "storageClasses", "no disks for volumes: leave it out"),
        ({"accessEntrys": {}}, "accessEntrys", "did you mean accessEntries?"),
        ({"authenticationMode": "API_AND_CONFIG_MAP"}, "authenticationMode", "must be 'API'"),
        ({"skipDefaultNodeGroup": False}, "skipDefaultNodeGroup", "must be True"),
        ({"corednsAddonOptions": {"enabled": True}}, "corednsAddonOptions", "{'enabled': False}"),
        ({"kubeProxyAddonOptions": None}, "kubeProxyAddonOptions", "must be {'enabled': False}"),
        ({"ipFamily": "ipv6"}, "ipFamily", "must be 'ipv4' in the local cloud, not 'ipv6'"),
        ({"vpcId": None}, "vpcId", "is required"),
        ({"subnetIds": []}, "subnetIds", "not both"),
        ({"publicSubnetIds": None, "privateSubnetIds": None}, "subnetIds", "is required"),
        ({"accessEntries": pulumi.Output.from_input({})}, "accessEntries", "known from the start"),
    ],
)
def test_anything_else_is_refused_by_name(more: dict[str, Any], path: str, reason: str) -> None:
    failures = refused({**GIVEN, **more})
    assert list(failures) == [path]
    assert reason in failures[path]


def refused(inputs: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(pulumi.InputPropertiesError) as error:
        check(inputs)
    return {each["property_path"]: each["reason"] for each in error.value.errors or ()}


@pytest.mark.parametrize("cidrs", [["0.0.0.0/0"], []])
def test_public_cidrs_need_public_access(cidrs: list[str]) -> None:
    """As createCore of pulumi-eks has it, for an empty list too."""
    failures = refused({**GIVEN, "endpointPublicAccess": False, "publicAccessCidrs": cidrs})
    assert list(failures) == ["publicAccessCidrs"]
    check({**GIVEN, "publicAccessCidrs": cidrs})
    check({**GIVEN, "endpointPublicAccess": True, "publicAccessCidrs": cidrs})


def test_public_cidrs_that_are_known_later_need_public_access_too() -> None:
    with pytest.raises(pulumi.InputPropertyError, match="endpointPublicAccess is true"):
        public_access_cidrs(["0.0.0.0/0"], False)
    assert public_access_cidrs(["0.0.0.0/0"], None) == ["0.0.0.0/0"]
    assert public_access_cidrs(None, False) is None


def test_coredns_is_not_made_unless_asked_for() -> None:
    """The official component has no node to put it on, so it makes it only on request."""
    check({**GIVEN, "corednsAddonOptions": None})
    check({**GIVEN, "corednsAddonOptions": {"version": "v1.13.1-eksbuild.1"}})


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


def test_a_given_role_and_profile_count_and_else_an_ambient_profile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {"roleArn": "arn:aws:iam::123456789012:role/x", "profileName": "p"}
    assert credentials(given) == {"role": given["roleArn"], "profile": "p"}
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert credentials(None) == {"role": "", "profile": "work"}
    monkeypatch.delenv("AWS_PROFILE")
    assert credentials(None) == {"role": "", "profile": ""}
