import json

import pytest

from localcloud.aws.api import AwsApi
from tests.local.aws.support import Eks, refusal

POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
PRINCIPAL = "arn:aws:iam::123456789012:role/viewer"


@pytest.fixture
def cluster(eks: Eks) -> Eks:
    eks.active()
    return eks


def test_an_addon_lives_and_dies(api: AwsApi, cluster: Eks) -> None:
    names = {"clusterName": "one", "addonName": "coredns"}
    values = json.dumps({"replicaCount": 1})
    made = cluster.client.create_addon(**names, configurationValues=values)["addon"]
    assert made["status"] == "CREATING"
    api.clusters.addon_ready("one", "coredns")
    assert cluster.client.describe_addon(**names)["addon"]["status"] == "ACTIVE"
    (snapshot,) = api.clusters.clusters()[0].addons
    assert (snapshot.name, snapshot.configuration) == ("coredns", values)
    update = cluster.client.update_addon(**names, configurationValues="{}")["update"]
    assert api.clusters.clusters()[0].addons[0].status == "UPDATING"
    api.clusters.addon_failed("one", "coredns", "no")
    found = cluster.client.describe_update(name="one", addonName="coredns", updateId=update["id"])
    assert found["update"]["status"] == "Failed"
    cluster.client.delete_addon(**names)
    api.clusters.addon_gone("one", "coredns")
    assert cluster.client.list_addons(clusterName="one")["addons"] == []


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"addonName": "aws-ebs-csi-driver"}, "the add-on aws-ebs-csi-driver"),
        ({"addonName": "vpc-cni", "addonVersion": "v1.0.0"}, "v1.0.0"),
        ({"addonName": "vpc-cni", "configurationValues": "{"}, "not supported"),
        ({"addonName": "vpc-cni", "configurationValues": '{"nope": 1}'}, "nope"),
    ],
)
def test_addons_that_are_refused(cluster: Eks, call: dict[str, str], words: str) -> None:
    code, message = refusal(cluster.client.create_addon, clusterName="one", **call)
    assert code == "InvalidParameterException"
    assert words in message


def test_versions_of_addons_are_told(cluster: Eks) -> None:
    found = cluster.client.describe_addon_versions(kubernetesVersion="1.35", addonName="coredns")
    version = found["addons"][0]["addonVersions"][0]["addonVersion"]
    cluster.client.create_addon(clusterName="one", addonName="coredns", addonVersion=version)
    found = cluster.client.describe_addon_configuration(addonName="coredns", addonVersion=version)
    assert "replicaCount" in json.loads(found["configurationSchema"])["properties"]
    assert cluster.client.describe_addon_versions(kubernetesVersion="1.30")["addons"] == []


def test_the_creator_is_an_administrator_unless_asked_otherwise(api: AwsApi, eks: Eks) -> None:
    eks.create("with")
    config = {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    eks.create("without", accessConfig=config)
    creator, none = (cluster.access_entries for cluster in api.clusters.clusters())
    assert none == ()
    assert creator[0].principal_arn == "arn:aws:iam::123456789012:user/developer"
    assert creator[0].policies[0].groups == ("eks:policy:AmazonEKSClusterAdminPolicy",)


def test_access_entries_and_their_policies(api: AwsApi, cluster: Eks) -> None:
    names = {"clusterName": "one", "principalArn": PRINCIPAL}
    made = cluster.client.create_access_entry(**names, kubernetesGroups=["team"])["accessEntry"]
    assert made["username"] == ("arn:aws:sts::123456789012:assumed-role/viewer/{{SessionName}}")
    scope = {"type": "namespace", "namespaces": ["a", "b"]}
    cluster.client.associate_access_policy(**names, policyArn=POLICY, accessScope=scope)
    entry = api.clusters.clusters()[0].access_entries[1]
    assert entry.groups == ("team",)
    assert entry.policies[0].groups == (
        "eks:policy:AmazonEKSViewPolicy:a",
        "eks:policy:AmazonEKSViewPolicy:b",
    )
    listed = cluster.client.list_associated_access_policies(**names)["associatedAccessPolicies"]
    assert [one["policyArn"] for one in listed] == [POLICY]
    cluster.client.disassociate_access_policy(**names, policyArn=POLICY)
    cluster.client.delete_access_entry(**names)
    assert refusal(cluster.client.describe_access_entry, **names)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"principalArn": "arn:aws:iam::999999999999:role/x"}, "no role or user of account"),
        ({"kubernetesGroups": ["system:masters"]}, "system:masters is invalid"),
        ({"username": "system:admin"}, "system:admin is invalid"),
        ({"type": "FARGATE_LINUX"}, "the access entry type FARGATE_LINUX"),
    ],
)
def test_access_entries_that_are_refused(cluster: Eks, more: dict[str, str], words: str) -> None:
    call = {"clusterName": "one", "principalArn": PRINCIPAL, **more}
    assert words in refusal(cluster.client.create_access_entry, **call)[1]


def test_an_access_policy_that_has_no_rbac_is_refused_by_name(cluster: Eks) -> None:
    names = {"clusterName": "one", "principalArn": PRINCIPAL}
    cluster.client.create_access_entry(**names)
    other = POLICY.replace("View", "AutoNode")
    call = {"policyArn": other, "accessScope": {"type": "cluster"}}
    _, message = refusal(cluster.client.associate_access_policy, **names, **call)
    assert f"the access policy {other}" in message


def test_pod_identity_associations(api: AwsApi, cluster: Eks) -> None:
    call = {"clusterName": "one", "namespace": "kube-system", "serviceAccount": "controller"}
    role = cluster.roles["node"]
    made = cluster.client.create_pod_identity_association(**call, roleArn=role)["association"]
    (found,) = api.clusters.clusters()[0].pod_identity_associations
    assert (found.id, found.role_arn) == (made["associationId"], role)
    again = refusal(cluster.client.create_pod_identity_association, **call, roleArn=role)
    assert again[0] == "ResourceInUseException"
    names = {"clusterName": "one", "associationId": made["associationId"]}
    cluster.client.delete_pod_identity_association(**names)
    described = refusal(cluster.client.describe_pod_identity_association, **names)
    assert described[0] == "ResourceNotFoundException"
