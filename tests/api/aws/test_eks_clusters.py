import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.eks import clusters
from localcloud.aws.errors import AwsError
from tests.api.aws.support import IAM, KEY, REGION, Client, Eks, refusal, refuses


def test_a_cluster_is_creating_active_deleting_and_gone(api: AwsApi, eks: Eks) -> None:
    assert eks.create()["status"] == "CREATING"
    mark = api.changes.seen({"eks"})
    eks.ready()
    assert api.changes.seen({"eks"}) == mark + 1
    eks.ready()  # which changes nothing
    assert api.changes.seen({"eks"}) == mark + 1
    found = eks.client.describe_cluster(name="one")["cluster"]
    assert (found["status"], found["endpoint"]) == ("ACTIVE", "https://127.0.0.1:7443")
    assert base64.b64decode(found["certificateAuthority"]["data"]) == b"CA"
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


def test_a_cluster_has_interfaces_and_a_security_group_in_the_vpc(api: AwsApi, eks: Eks) -> None:
    group = eks.active()["resourcesVpcConfig"]["clusterSecurityGroupId"]
    addresses = ("10.0.0.4", "10.0.1.4")
    (vpc,) = api.snapshots.vpcs()
    assert {one.private_ip: (one.host, one.groups) for one in vpc.interfaces} == dict.fromkeys(
        addresses, ("eks-one", (group,))
    )
    assert (eks.record.host, eks.record.private_ips) == ("eks-one", addresses)
    assert eks.record.vpc_cidrs == ("10.0.0.0/16",)
    call = {"GroupIds": [group]}
    (found,) = eks.ec2.describe_security_groups(**call)["SecurityGroups"]
    assert {"Key": "kubernetes.io/cluster/one", "Value": "owned"} in found["Tags"]
    assert [r["UserIdGroupPairs"][0]["GroupId"] for r in found["IpPermissions"]] == [group]
    eks.client.delete_cluster(name="one")
    api.clusters.cluster_gone("one")
    assert eks.ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert refusal(eks.ec2.describe_security_groups, **call)[0] == "InvalidGroup.NotFound"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"version": "1.34"}, "Kubernetes 1.34"),
        ({"accessConfig": {"authenticationMode": "CONFIG_MAP"}}, "authentication mode CONFIG_MAP"),
        ({"roleArn": f"{IAM}:role/none"}, "does not exist"),
        ({"roleArn": f"{IAM}:role/node"}, "could not be assumed"),
        ({"logging": {"clusterLogging": [{"types": ["x"], "enabled": True}]}}, "enum value set"),
        ({"encryptionConfig": [{"resources": ["secrets"]}]}, "not an enabled key"),
        ({"remoteNetworkConfig": {"remotePodNetworks": []}}, "remoteNetworkConfig"),
        ({"vpc": {"subnetIds": ["subnet-0"]}}, "'subnet-0' does not exist"),
        ({"vpc": {"securityGroupIds": ["sg-0"]}}, "'sg-0' does not exist"),
        # repost.aws/knowledge-center/eks-lock-api-access-IP-addresses: no reserved addresses.
        ({"vpc": {"publicAccessCidrs": ["10.1.0.0/16"]}}, "reserved in publicAccessCidrs"),
        # github.com/aws/containers-roadmap/issues/2174
        ({"vpc": {"publicAccessCidrs": [f"1.2.3.{n}/32" for n in range(41)]}}, "40 at most"),
        ({"vpc": {"endpointPublicAccess": False}}, "cannot both be disabled"),
        ({"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.0.0.0/20"}}, "must not overlap"),
        ({"kubernetesNetworkConfig": {"ipFamily": "ipv6"}}, "IP family ipv6"),
        ({"name": "-bad"}, "regular expression"),
    ],
)
def test_clusters_that_are_refused(eks: Eks, more: dict[str, Any], words: str) -> None:
    eks.refuses("InvalidParameterException", words, **more)


def test_subnets_in_one_zone_are_refused(eks: Eks) -> None:
    one = {"subnetIds": eks.vpc.subnets[:1]}
    eks.refuses("InvalidParameterException", "at least two different AZs", vpc=one)


def test_a_client_request_token_makes_a_cluster_once(eks: Eks) -> None:
    first, second = (eks.create(clientRequestToken="once") for _ in range(2))
    assert first["identity"] == second["identity"]
    eks.refuses("ResourceInUseException", "")


def test_an_endpoint_update_is_under_way_until_it_is_real(cluster: Eks) -> None:
    eks = cluster.client
    change = {"endpointPrivateAccess": True}
    update = eks.update_cluster_config(name="one", resourcesVpcConfig=change)["update"]
    assert (update["status"], update["type"]) == ("InProgress", "EndpointAccessUpdate")
    assert cluster.record.status == "UPDATING"
    assert eks.list_updates(name="one")["updateIds"] == [update["id"]]
    cluster.ready()
    found = eks.describe_update(name="one", updateId=update["id"])["update"]
    assert found["status"] == "Successful"
    seen = eks.describe_cluster(name="one")["cluster"]["resourcesVpcConfig"]
    assert seen["endpointPrivateAccess"]
    cidrs = {"publicAccessCidrs": ["1.2.3.0/24"]}
    assert cluster.record.public_cidrs == ("0.0.0.0/0",)
    eks.update_cluster_config(name="one", resourcesVpcConfig=cidrs)
    assert cluster.record.public_cidrs == ("1.2.3.0/24",)
    cluster.ready()
    again = refusal(eks.update_cluster_config, name="one", resourcesVpcConfig=cidrs)
    assert "already at the desired configuration" in again[1]


def test_control_plane_subnets_stay_in_the_first_zones(cluster: Eks) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html,
    https://github.com/aws/containers-roadmap/issues/2258."""

    def update(*subnets: str) -> dict[str, Any]:
        return {"name": "one", "resourcesVpcConfig": {"subnetIds": [*subnets]}}

    change, first = cluster.client.update_cluster_config, cluster.vpc.subnets
    more, other = cluster.vpc.subnet("10.0.2.0/24", "b"), cluster.vpc.subnet("10.0.3.0/24", "c")
    words = "belong to the AZs eu-west-1c. But they should"
    refuses(change, "InvalidParameterException", words, **update(*first, other))
    assert "moves the control plane's interfaces" in refusal(change, **update(first[0], more))[1]
    both = update(*first, more)
    both["resourcesVpcConfig"]["endpointPrivateAccess"] = True
    assert refusal(change, **both)[1] == "Only one type of update can be allowed."
    assert change(**update(*first, more))["update"]["type"] == "VpcConfigUpdate"
    cluster.ready()
    found = cluster.client.describe_cluster(name="one")["cluster"]["resourcesVpcConfig"]
    assert found["subnetIds"] == [*first, more]


def test_versions_that_a_cluster_cannot_get(cluster: Eks) -> None:
    for version, words in (("1.35", "already at the desired"), ("1.36", "Kubernetes 1.36")):
        update = {"name": "one", "version": version}
        assert words in refusal(cluster.client.update_cluster_version, **update)[1]


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


def test_the_issuers_documents_are_served(url: str, eks: Eks) -> None:
    issuer = eks.create()["identity"]["oidc"]["issuer"]
    path = issuer.partition(".amazonaws.com")[2]
    with urlopen(f"{url}{path}/.well-known/openid-configuration") as answer:
        assert json.load(answer)["jwks_uri"] == f"{issuer}/keys"
    with urlopen(f"{url}{path}/keys") as answer:
        assert json.load(answer)["keys"][0]["alg"] == "RS256"


def test_the_aws_cli_writes_a_kubeconfig(url: str, cluster: Eks, tmp_path: Path) -> None:
    keys = dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), KEY, strict=True))
    place = {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": REGION}
    kubeconfig = tmp_path / "kubeconfig"
    environment = {**os.environ, **keys, **place, "KUBECONFIG": str(kubeconfig)}
    aws = Path(sys.executable).with_name("aws")
    command = [str(aws), "eks", "update-kubeconfig", "--name", "one"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert "server: https://127.0.0.1:7443" in kubeconfig.read_text()


def test_secrets_have_a_key_under_the_customers(api: AwsApi, client: Client, eks: Eks) -> None:
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    config = [{"resources": ["secrets"], "provider": {"keyArn": key}}]
    assert eks.create(encryptionConfig=config)["encryptionConfig"] == config
    assert eks.record.encryption_key == key
    data = api.clusters.data_key("one")
    assert len(data) == 32
    assert api.clusters.data_key("one") == data
    kms.disable_key(KeyId=key.rpartition("/")[2])  # moto takes no ARN here
    words = "not an enabled key"
    eks.refuses("InvalidParameterException", words, name="two", encryptionConfig=config)
    eks.create("plain")
    assert [each.encryption_key for each in api.clusters.clusters()] == [key, None]
    with pytest.raises(LookupError, match="no encryption key"):
        api.clusters.data_key("plain")
