import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.eks import clusters
from localcloud.aws.errors import AwsError
from tests.local.aws.support import KEY, REGION, Client, Eks, refusal


def test_a_cluster_is_creating_active_deleting_and_gone(api: AwsApi, eks: Eks) -> None:
    made = eks.create()
    assert made["status"] == "CREATING"
    mark = api.changes.seen({"eks"})
    api.clusters.cluster_ready("one", "https://127.0.0.1:7443", "PEM")
    assert api.changes.seen({"eks"}) == mark + 1
    found = eks.client.describe_cluster(name="one")["cluster"]
    assert (found["status"], found["endpoint"]) == ("ACTIVE", "https://127.0.0.1:7443")
    assert base64.b64decode(found["certificateAuthority"]["data"]) == b"PEM"
    assert eks.client.delete_cluster(name="one")["cluster"]["status"] == "DELETING"
    api.clusters.cluster_gone("one")
    assert refusal(eks.client.describe_cluster, name="one")[0] == "ResourceNotFoundException"
    assert eks.client.list_clusters()["clusters"] == []


def test_the_health_of_a_control_plane_is_an_issue_until_it_runs_again(
    api: AwsApi, eks: Eks
) -> None:
    """As API_ClusterHealth.html and API_ClusterIssue.html of the EKS API."""
    eks.active()
    api.clusters.cluster_health("one", "etcd exited 3 times in a row")
    found = eks.client.describe_cluster(name="one")["cluster"]
    issue = {"code": "InternalFailure", "message": "etcd exited 3 times in a row"}
    assert found["health"]["issues"] == [{**issue, "resourceIds": ["one"]}]
    assert found["status"] == "ACTIVE"
    api.clusters.cluster_health("one", None)
    assert eks.client.describe_cluster(name="one")["cluster"]["health"] == {"issues": []}


def test_a_report_that_changes_nothing_wakes_nobody(api: AwsApi, eks: Eks) -> None:
    eks.active()
    mark = api.changes.seen({"eks"})
    api.clusters.cluster_ready("one", "https://127.0.0.1:7443", "CA")
    assert api.changes.seen({"eks"}) == mark


def test_a_cluster_has_interfaces_and_a_security_group_in_the_vpc(
    api: AwsApi, client: Client, eks: Eks
) -> None:
    network = eks.active()["resourcesVpcConfig"]
    (vpc,) = api.records.vpcs()
    assert [(one.host, one.private_ip) for one in vpc.interfaces] == [
        ("eks-one", "10.0.0.4"),
        ("eks-one", "10.0.1.4"),
    ]
    group = network["clusterSecurityGroupId"]
    assert {one.groups for one in vpc.interfaces} == {(group,)}
    ec2 = client("ec2")
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert tags["kubernetes.io/cluster/one"] == "owned"
    assert [r["UserIdGroupPairs"][0]["GroupId"] for r in found["IpPermissions"]] == [group]
    (snapshot,) = api.clusters.clusters()
    assert snapshot.private_ips == ("10.0.0.4", "10.0.1.4")
    assert (snapshot.host, snapshot.vpc_cidrs) == ("eks-one", ("10.0.0.0/16",))
    eks.client.delete_cluster(name="one")
    api.clusters.cluster_gone("one")
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    call = {"GroupIds": [group]}
    assert refusal(ec2.describe_security_groups, **call)[0] == "InvalidGroup.NotFound"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"version": "1.34"}, "Kubernetes 1.34"),
        ({"accessConfig": {"authenticationMode": "CONFIG_MAP"}}, "authentication mode CONFIG_MAP"),
        ({"roleArn": "arn:aws:iam::123456789012:role/none"}, "does not exist"),
        ({"roleArn": "arn:aws:iam::123456789012:role/node"}, "could not be assumed"),
        ({"logging": {"clusterLogging": [{"types": ["api"], "enabled": True}]}}, "logging"),
        ({"encryptionConfig": [{"resources": ["secrets"]}]}, "no enabled key"),
        (
            {"remoteNetworkConfig": {"remoteNodeNetworks": [{"cidrs": ["a"]}]}},
            "remoteNetworkConfig",
        ),
        ({"vpc": {"subnetIds": ["subnet-0"]}}, "'subnet-0' does not exist"),
        ({"vpc": {"securityGroupIds": ["sg-0"]}}, "'sg-0' does not exist"),
        ({"vpc": {"publicAccessCidrs": ["1.2.3.4/32"]}}, "publicAccessCidrs 1.2.3.4/32"),
        ({"vpc": {"endpointPublicAccess": False}}, "cannot both be disabled"),
        ({"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.0.0.0/20"}}, "must not overlap"),
        ({"kubernetesNetworkConfig": {"ipFamily": "ipv6"}}, "IP family ipv6"),
        ({"name": "-bad"}, "regular expression"),
    ],
)
def test_clusters_that_are_refused(eks: Eks, more: dict[str, Any], words: str) -> None:
    network = {"subnetIds": eks.vpc.subnets, **more.pop("vpc", {})}
    call = {"name": "one", "roleArn": eks.roles["cluster"], "resourcesVpcConfig": network, **more}
    code, message = refusal(eks.client.create_cluster, **call)
    assert code == "InvalidParameterException"
    assert words in message


def test_subnets_in_one_zone_are_refused(eks: Eks) -> None:
    network = {"subnetIds": eks.vpc.subnets[:1]}
    call = {"name": "one", "roleArn": eks.roles["cluster"], "resourcesVpcConfig": network}
    assert "at least two different AZs" in refusal(eks.client.create_cluster, **call)[1]


def test_a_client_request_token_makes_a_cluster_once(eks: Eks) -> None:
    first, second = (eks.create(clientRequestToken="once") for _ in range(2))
    assert first["identity"] == second["identity"]
    network = {"subnetIds": eks.vpc.subnets}
    call = {"name": "one", "roleArn": eks.roles["cluster"], "resourcesVpcConfig": network}
    assert refusal(eks.client.create_cluster, **call)[0] == "ResourceInUseException"


def test_a_cluster_with_node_groups_cannot_be_deleted(eks: Eks) -> None:
    eks.active()
    eks.nodegroup()
    code, message = refusal(eks.client.delete_cluster, name="one")
    assert (code, message) == ("ResourceInUseException", "Cluster has nodegroups attached")


def test_an_endpoint_update_is_under_way_until_it_is_real(api: AwsApi, eks: Eks) -> None:
    eks.active()
    change = {"endpointPrivateAccess": True}
    update = eks.client.update_cluster_config(name="one", resourcesVpcConfig=change)["update"]
    assert (update["status"], update["type"]) == ("InProgress", "EndpointAccessUpdate")
    assert api.clusters.clusters()[0].status == "UPDATING"
    assert eks.client.list_updates(name="one")["updateIds"] == [update["id"]]
    api.clusters.cluster_ready("one", "https://127.0.0.1:7443", "CA")
    found = eks.client.describe_update(name="one", updateId=update["id"])["update"]
    assert found["status"] == "Successful"
    assert api.clusters.clusters()[0].private_access


def test_only_an_existing_version_is_named(eks: Eks) -> None:
    eks.active()
    update = eks.client.update_cluster_version
    assert "already at the desired" in refusal(update, name="one", version="1.35")[1]
    assert "Kubernetes 1.36" in refusal(update, name="one", version="1.36")[1]


def test_tags_of_a_cluster(eks: Eks) -> None:
    arn = eks.create(tags={"a": "1"})["arn"]
    eks.client.tag_resource(resourceArn=arn, tags={"b": "2"})
    eks.client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert eks.client.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}


def test_an_operation_that_is_not_offered_is_refused_by_name(eks: Eks) -> None:
    _, message = refusal(eks.client.list_insights, clusterName="one")
    assert message == "ListInsights of eks is not offered by the local cloud"


def test_a_service_cidr_is_chosen_apart_from_the_vpc() -> None:
    assert clusters.service_cidr(None, ["10.0.0.0/16"]) == "10.100.0.0/16"
    assert clusters.service_cidr(None, ["10.0.0.0/8"]) == "172.20.0.0/16"
    with pytest.raises(AwsError, match="private block"):
        clusters.service_cidr("8.8.0.0/16", [])


def test_lists_come_in_pages(eks: Eks) -> None:
    for name in "abc":
        eks.create(name)
    first = eks.client.list_clusters(maxResults=2)
    assert first["clusters"] == ["a", "b"]
    rest = eks.client.list_clusters(maxResults=2, nextToken=first["nextToken"])
    assert rest["clusters"] == ["c"]
    assert "nextToken" not in rest


def test_the_issuers_documents_are_served(url: str, api: AwsApi, eks: Eks) -> None:
    from urllib.request import urlopen

    issuer = eks.create()["identity"]["oidc"]["issuer"]
    path = issuer.partition(".amazonaws.com")[2]
    with urlopen(f"{url}{path}/.well-known/openid-configuration") as answer:
        assert json.load(answer)["jwks_uri"] == f"{issuer}/keys"
    with urlopen(f"{url}{path}/keys") as answer:
        assert json.load(answer)["keys"][0]["alg"] == "RS256"


def test_the_aws_cli_writes_a_kubeconfig(url: str, eks: Eks, tmp_path: Path) -> None:
    eks.active()
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": KEY[0],
        "AWS_SECRET_ACCESS_KEY": KEY[1],
        "AWS_DEFAULT_REGION": REGION,
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
    }
    aws = Path(sys.executable).with_name("aws")
    command = [str(aws), "eks", "update-kubeconfig", "--name", "one"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert "server: https://127.0.0.1:7443" in (tmp_path / "kubeconfig").read_text()


def test_secrets_have_a_key_under_the_customers(api: AwsApi, client: Client, eks: Eks) -> None:
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    config = [{"resources": ["secrets"], "provider": {"keyArn": key}}]
    assert eks.create("one", encryptionConfig=config)["encryptionConfig"] == config
    assert api.clusters.clusters()[0].encryption_key == key
    data = api.clusters.data_key("one")
    assert len(data) == 32
    assert api.clusters.data_key("one") == data
    eks.create("two")
    assert api.clusters.clusters()[1].encryption_key is None
    with pytest.raises(LookupError, match="no encryption key"):
        api.clusters.data_key("two")
    kms.disable_key(KeyId=key.rpartition("/")[2])  # moto takes no ARN here
    network = {"subnetIds": eks.vpc.subnets}
    call = {"roleArn": eks.roles["cluster"], "resourcesVpcConfig": network}
    refused = refusal(eks.client.create_cluster, name="three", encryptionConfig=config, **call)
    assert "no enabled key" in refused[1]
