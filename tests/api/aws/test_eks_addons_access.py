import json

import pytest

from localcloud.aws.api import AwsApi
from tests.api.aws.support import IAM, Client, Eks, make_role, refusal, refuses

POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
VIEWER = {"clusterName": "one", "principalArn": f"{IAM}:role/viewer"}


def test_an_addon_lives_and_dies(api: AwsApi, cluster: Eks) -> None:
    names = {"clusterName": "one", "addonName": "coredns"}
    values = json.dumps({"replicaCount": 1})
    made = cluster.client.create_addon(**names, configurationValues=values)["addon"]
    assert made["status"] == "CREATING"
    api.clusters.addon_ready("one", "coredns")
    assert cluster.client.describe_addon(**names)["addon"]["status"] == "ACTIVE"
    (addon,) = cluster.record.addons
    assert (addon.name, addon.configuration) == ("coredns", values)
    update = cluster.client.update_addon(**names, configurationValues="{}")["update"]
    assert cluster.record.addons[0].status == "UPDATING"
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
    given = {"clusterName": "one", **call}
    refuses(cluster.client.create_addon, "InvalidParameterException", words, **given)


def test_an_addon_takes_no_role_that_does_not_exist(api: AwsApi, cluster: Eks) -> None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateAddon.html"""
    names, role = {"clusterName": "one", "addonName": "vpc-cni"}, f"{IAM}:role/none"
    refused = ("InvalidParameterException", f"The role {role} does not exist")
    assert refusal(cluster.client.create_addon, **names, serviceAccountRoleArn=role) == refused
    cluster.client.create_addon(**names)
    api.clusters.addon_ready("one", "vpc-cni")
    assert refusal(cluster.client.update_addon, **names, serviceAccountRoleArn=role) == refused
    assert cluster.record.addons[0].status == "ACTIVE"


def test_versions_of_addons_are_told(cluster: Eks) -> None:
    eks, name = cluster.client, {"addonName": "coredns"}
    (found,) = eks.describe_addon_versions(kubernetesVersion="1.35", **name)["addons"]
    version = {"addonVersion": found["addonVersions"][0]["addonVersion"]}
    eks.create_addon(clusterName="one", **name, **version)
    schema = eks.describe_addon_configuration(**name, **version)["configurationSchema"]
    assert "replicaCount" in json.loads(schema)["properties"]
    assert eks.describe_addon_versions(kubernetesVersion="1.30")["addons"] == []


def test_access_entries_and_their_policies(client: Client, cluster: Eks) -> None:
    eks = cluster.client
    make_role(client, "viewer")
    made = eks.create_access_entry(**VIEWER, kubernetesGroups=["team"])["accessEntry"]
    assert made["username"] == "arn:aws:sts::123456789012:assumed-role/viewer/{{SessionName}}"
    scope = {"type": "namespace", "namespaces": ["a", "b"]}
    eks.associate_access_policy(**VIEWER, policyArn=POLICY, accessScope=scope)
    other = POLICY.replace("View", "AutoNode")  # for which there is no RBAC
    call = {**VIEWER, "policyArn": other, "accessScope": scope}
    assert other in refusal(eks.associate_access_policy, **call)[1]
    entry = cluster.record.access_entries[1]
    assert entry.groups == ("team",)
    groups = tuple(f"eks:policy:AmazonEKSViewPolicy:{namespace}" for namespace in "ab")
    assert entry.policies[0].groups == groups
    listed = eks.list_associated_access_policies(**VIEWER)["associatedAccessPolicies"]
    assert [one["policyArn"] for one in listed] == [POLICY]
    eks.disassociate_access_policy(**VIEWER, policyArn=POLICY)
    eks.delete_access_entry(**VIEWER)
    assert refusal(eks.describe_access_entry, **VIEWER)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"principalArn": "arn:aws:iam::999999999999:role/x"}, "not a role or user of account"),
        ({"kubernetesGroups": ["system:masters"]}, "system:masters is invalid"),
        ({"username": "system:admin"}, "system:admin is invalid"),
        ({"type": "FARGATE_LINUX"}, "the access entry type FARGATE_LINUX"),
        # github.com/terraform-aws-modules/terraform-aws-eks/issues/2969
        ({}, "The specified principalArn is invalid: invalid principal."),
    ],
)
def test_access_entries_that_are_refused(cluster: Eks, more: dict[str, str], words: str) -> None:
    given = {**VIEWER, **more}
    refuses(cluster.client.create_access_entry, "InvalidParameterException", words, **given)


def test_an_entry_for_the_creator_is_refused(cluster: Eks) -> None:
    """It has one: github.com/pulumi/pulumi-eks/issues/2373."""
    entry = {"clusterName": "one", "principalArn": f"{IAM}:user/developer"}
    assert refusal(cluster.client.create_access_entry, **entry)[0] == "ResourceInUseException"
