"""The component makes the children of pulumi-eks 4.4 and gives the outputs that its SDK reads."""

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import _types
from pulumi.runtime import Mocks, rpc

from localcloud.plugins.eks import cluster
from localcloud.plugins.eks.cluster import Cluster
from localcloud.plugins.eks.host import GET_KUBECONFIG, EksProvider
from tests.unit.localcloud.plugins.eks.test_inputs import GIVEN
from tests.unit.loops import event_loops
from tests.unit.program.sdk import pulumi_eks

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
        self.states: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.made[args.typ, args.name] = args.inputs
        self.states[args.name] = {**args.inputs, **OUTPUTS.get(args.typ, {})}
        return f"{args.name}-id", self.states[args.name]

    def call(self, _: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[Any]]:
        return {"partition": "aws", "dnsSuffix": "amazonaws.com", "id": "aws"}, []


recorder = pytest.fixture(lambda: Recorder())


def run(recorder: Recorder, program: Callable[[], Any], preview: bool = False) -> None:
    with event_loops():
        pulumi.runtime.set_mocks(recorder, preview=preview)
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]  # the SDK gives it no types


def made(recorder: Recorder, preview: bool = False, **more: Any) -> dict[str, Any]:
    """The outputs of a cluster as they come back from the engine."""
    seen: dict[str, Any] = {}

    def build() -> Any:
        state = Cluster("main", {**GIVEN, **more}).state

        async def wire() -> None:
            struct = await rpc.serialize_properties(state, {})
            seen.update(rpc.deserialize_properties(struct, keep_unknowns=True))

        return pulumi.Output.from_input(wire())

    run(recorder, build, preview)
    return seen


POLICY = {"policyArn": "arn:policy", "accessScope": {"type": "cluster"}}
MORE: dict[str, Any] = {
    "version": "1.35",
    "endpointPrivateAccess": True,
    "endpointPublicAccess": True,
    "publicAccessCidrs": ["0.0.0.0/0"],
    "encryptionConfigKeyArn": "arn:key",
    "kubernetesServiceIpAddressRange": "10.96.0.0/16",
    "upgradePolicy": {"supportType": "STANDARD"},
    "bootstrapSelfManagedAddons": False,
    "tags": {"team_name": "a"},
    "enableConfigMapMutable": True,
    "createOidcProvider": True,
    "accessEntries": {
        "admin": {"principalArn": "arn:aws:iam::1:role/admin", "accessPolicies": {"all": POLICY}}
    },
}


def test_the_children_are_those_of_pulumi_eks(recorder: Recorder) -> None:
    made(recorder, **MORE)
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

    provider = recorder.made["pulumi:providers:kubernetes", "main-eks-k8s"]
    assert provider["enableConfigMapMutable"] == "true"
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
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.96.0.0/16", "ipFamily": "ipv4"},
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": True,
        },
        "encryptionConfig": {"provider": {"keyArn": "arn:key"}, "resources": ["secrets"]},
        "upgradePolicy": {"supportType": "STANDARD"},
        "bootstrapSelfManagedAddons": False,
        "tags": {"Name": "main-eksCluster", "team_name": "a"},
    }


def test_the_outputs_are_those_of_the_sdk(recorder: Recorder) -> None:
    outputs = made(recorder, **MORE)
    absent = {
        "awsProvider",  # pulumi-eks has it in Node.js programs only
        "clusterSecurityGroup", "defaultNodeGroup", "eksClusterIngressRule", "nodeSecurityGroup",
    }  # fmt: skip
    assert {*outputs} == {*_types.resource_types(pulumi_eks.Cluster)} - absent
    assert json.loads(outputs["kubeconfigJson"]) == outputs["kubeconfig"]
    # By JSON.stringify, in the order of generateKubeconfig.
    start = '{"apiVersion":"v1","clusters":[{"cluster":{"server":"https://127.0.0.1:6443",'
    assert outputs["kubeconfigJson"].startswith(start)
    assert outputs["clusterSecurityGroupId"] == "sg-1"
    assert outputs["oidcProviderArn"] == "arn:oidc"
    assert outputs["oidcIssuer"] == "oidc.example/id/X"

    core = outputs["core"]
    known = _types.output_type_types(pulumi_eks.outputs.CoreData)
    assert {*core} - {"autoModeNodeRoleName"} < {*known}  # which the SDK forgets
    assert core["encryptionConfig"] == {"provider": {"keyArn": "arn:key"}, "resources": ["secrets"]}
    assert core["nodeGroupOptions"] == {"version": "1.35"}
    assert core["storageClasses"] == {}
    read = rpc.translate_output_properties(core, lambda name: name, pulumi_eks.outputs.CoreData)
    assert read.encryption_config.provider.key_arn == "arn:key"
    assert read.node_group_options.version == "1.35"


def test_what_an_update_leaves_as_it_is_stays_known_in_its_preview(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = "aws:eks/cluster:Cluster"
    vpc = {**OUTPUTS[kind]["vpcConfig"], "publicAccessCidrs": rpc.UNKNOWN}
    changed = {"vpcConfig": vpc, "encryptionConfig": rpc.UNKNOWN}
    monkeypatch.setitem(OUTPUTS, kind, {**OUTPUTS[kind], **changed})
    outputs = made(recorder, preview=True, encryptionConfigKeyArn="arn:key")
    assert outputs["clusterSecurityGroupId"] == outputs["nodeSecurityGroupId"] == "sg-1"
    assert outputs["core"]["encryptionConfig"]["provider"] == {"keyArn": "arn:key"}
    assert rpc.UNKNOWN not in str(outputs)
    assert not rpc.contains_unknowns(outputs)


def test_a_cluster_without_key_version_or_oidc_provider_tells_none(recorder: Recorder) -> None:
    outputs = made(recorder, encryptionConfigKeyArn="")
    assert outputs["oidcProviderArn"] == ""
    assert not any("openIdConnect" in kind for kind, _ in recorder.made)
    core = outputs["core"]
    assert "encryptionConfig" not in core
    assert core["nodeGroupOptions"] == {}
    assert "encryptionConfig" not in recorder.made["aws:eks/cluster:Cluster", "main-eksCluster"]


@pytest.mark.parametrize("as_urn", [True, False])
def test_a_kubeconfig_can_be_had_for_another_role_and_profile(
    recorder: Recorder, as_urn: bool
) -> None:
    """The cluster itself comes as its URN where the plugin has not imported the SDK."""
    seen: list[Any] = []
    given = {"roleArn": "arn:aws:iam::123456789012:role/x", "profileName": "p"}

    def call(urns: list[str]) -> pulumi.Output[Any]:
        own, eks_cluster = urns
        kind = {rpc._special_sig_key: rpc._special_resource_sig}  # a resource, over the wire
        recorder.states["main"]["eksCluster"] = {**kind, "urn": eks_cluster, "id": "cluster-id"}
        known = pulumi_eks.Cluster("main", opts=pulumi.ResourceOptions(urn=own))
        args = {"__self__": own if as_urn else known, **given}
        result = EksProvider().call(GET_KUBECONFIG, args).outputs["result"]
        return pulumi.Output.from_input(result).apply(seen.append)

    def build() -> Any:
        main = Cluster("main", GIVEN)
        return pulumi.Output.all(main.urn, main.cluster.urn).apply(call)

    run(recorder, build)
    arguments = json.loads(seen[0])["users"][0]["user"]["exec"]["args"]
    assert arguments[5:] == ["c", "--output", "json", "--role", given["roleArn"], "--profile", "p"]


def test_what_else_pulumi_eks_has_is_refused_by_name() -> None:
    with pytest.raises(pulumi.InputPropertiesError, match="is not in the local cloud"):
        EksProvider().construct("n", "eks:index:NodeGroupV2", {})
    with pytest.raises(pulumi.InputPropertiesError, match="is not in the local cloud"):
        EksProvider().call("eks:index:Cluster/nosuch", {})


def test_public_cidrs_are_looked_at_once_both_inputs_are_known(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Mock(return_value=None)
    monkeypatch.setattr(cluster, "public_access_cidrs", looks)
    made(recorder, publicAccessCidrs=["0.0.0.0/0"], endpointPublicAccess=True)
    looks.assert_called_once_with(["0.0.0.0/0"], True)


def test_what_is_not_given_is_not_null_in_an_object(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A null shows as a change: endpointPublicAccess: <null>. The mocks leave nulls out."""
    spy = Mock(wraps=aws.eks.Cluster)
    monkeypatch.setattr(aws.eks, "Cluster", spy)
    made(recorder, ipFamily="ipv4", endpointPublicAccess=None)
    given = spy.call_args_list[0].kwargs
    assert {*given["vpc_config"]} == {"subnetIds"}
    assert given["kubernetes_network_config"] == {"ipFamily": "ipv4"}
