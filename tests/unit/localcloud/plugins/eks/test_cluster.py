"""The component makes the children of pulumi-eks 4.4 and gives the outputs that its SDK reads."""

import json
import warnings
from typing import Any

import pulumi
import pytest
from pulumi import _types
from pulumi.runtime import Mocks

from localcloud.plugins.eks.cluster import Cluster
from tests.unit.localcloud.plugins.eks.test_inputs import GIVEN
from tests.unit.loops import event_loops

ARN = "arn:aws:eks:eu-west-1:123456789012:cluster/c"
OUTPUTS: dict[str, dict[str, Any]] = {
    "aws:eks/cluster:Cluster": {
        "arn": ARN,
        "endpoint": "https://127.0.0.1:6443",
        "certificateAuthority": {"data": "Q0E="},
        "identities": [{"oidcs": [{"issuer": "https://oidc.example/id/X"}]}],
        "vpcConfig": {"subnetIds": ["subnet-1"], "clusterSecurityGroupId": "sg-1"},
    },
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {"arn": "arn:oidc"},
    "aws:iam/role:Role": {"arn": "arn:role"},
}


class Recorder(Mocks):
    """Answers as AWS would, and keeps what was registered: type and name, inputs."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str], Any] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.made[args.typ, args.name] = args.inputs
        return f"{args.name}-id", {**args.inputs, **OUTPUTS.get(args.typ, {})}

    def call(
        self, args: pulumi.runtime.MockCallArgs
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return {"partition": "aws", "dnsSuffix": "amazonaws.com", "id": "aws"}, []


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def made(recorder: Recorder, **more: Any) -> dict[str, Any]:
    """The resolved outputs of a cluster."""
    seen: dict[str, Any] = {}

    @pulumi.runtime.test  # type: ignore[untyped-decorator]  # the SDK gives it no types
    def build() -> Any:
        cluster = Cluster("main", {**GIVEN, **more})
        flat = {k: v for k, v in cluster.state.items() if k not in ("eksCluster", "core")}
        return pulumi.Output.all(**flat).apply(seen.update)

    with event_loops():
        pulumi.runtime.set_mocks(recorder)
        build()
    return seen


def test_the_children_are_those_of_pulumi_eks(recorder: Recorder) -> None:
    entry = {
        "principalArn": "arn:aws:iam::123456789012:role/admin",
        "accessPolicies": {
            "all": {"policyArn": "arn:policy", "accessScope": {"type": "cluster"}},
        },
    }
    made(recorder, createOidcProvider=True, accessEntries={"admin": entry})
    assert sorted(recorder.made) == [
        ("aws:eks/accessEntry:AccessEntry", "main-admin"),
        ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "main-admin-all"),
        ("aws:eks/cluster:Cluster", "main-eksCluster"),
        ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "main-oidcProvider"),
        ("aws:iam/role:Role", "main-eksRole-role"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "main-eksRole-4b490823"),
        ("eks:index:Cluster", "main"),
        ("eks:index:ServiceRole", "main-eksRole"),
        ("pulumi:providers:kubernetes", "main-eks-k8s"),
    ]


def test_the_cluster_is_as_asked(recorder: Recorder) -> None:
    made(
        recorder,
        version="1.35",
        endpointPrivateAccess=True,
        endpointPublicAccess=True,
        publicAccessCidrs=["0.0.0.0/0"],
        encryptionConfigKeyArn="arn:key",
        upgradePolicy={"supportType": "STANDARD"},
        bootstrapSelfManagedAddons=False,
        tags={"team": "a"},
    )
    assert recorder.made["aws:eks/cluster:Cluster", "main-eksCluster"] == {
        "name": "c",
        "version": "1.35",
        "roleArn": "arn:role",
        "vpcConfig": {
            "subnetIds": ["subnet-1", "subnet-2"],
            "endpointPrivateAccess": True,
            "endpointPublicAccess": True,
            "publicAccessCidrs": ["0.0.0.0/0"],
        },
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": True,
        },
        "encryptionConfig": {"provider": {"keyArn": "arn:key"}, "resources": ["secrets"]},
        "upgradePolicy": {"supportType": "STANDARD"},
        "bootstrapSelfManagedAddons": False,
        "tags": {"Name": "main-eksCluster", "team": "a"},
    }


def test_the_outputs_are_those_of_the_sdk(recorder: Recorder) -> None:
    with warnings.catch_warnings():
        # The SDKs warn when they load of deprecated classes that nobody asked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        import pulumi_eks

        known = _types.resource_types(pulumi_eks.Cluster)
    outputs = made(recorder, createOidcProvider=True)
    assert {*outputs, "eksCluster", "core"} <= set(known)
    assert json.loads(outputs["kubeconfigJson"]) == outputs["kubeconfig"]
    assert outputs["clusterSecurityGroupId"] == "sg-1"
    assert outputs["oidcProviderArn"] == "arn:oidc"
    assert outputs["oidcIssuer"] == "oidc.example/id/X"


def test_without_an_oidc_provider_its_arn_is_empty(recorder: Recorder) -> None:
    assert made(recorder)["oidcProviderArn"] == ""
    assert not any("openIdConnect" in kind for kind, _ in recorder.made)
