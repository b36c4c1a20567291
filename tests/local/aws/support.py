"""What the tests of the AWS API share."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.aws import backends
from localcloud.aws.api import AwsApi

REGION = "eu-west-1"
KEY = ("AKIADEVELOPERDEVELOP", "secret")  # so that clients outlive the records
Client = Callable[..., Any]


FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


def trust(principal: dict[str, str], *actions: str, **condition: Any) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions)}
    if condition:
        statement["Condition"] = condition["condition"]
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def grant(action: str, resource: str = "*", effect: str = "Allow", **more: Any) -> str:
    """A policy document of one statement."""
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def refusal(call: Any, **params: Any) -> tuple[str, str]:
    """The code and message with which a client's call is refused."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def session(client: Client, role: str) -> tuple[str, str, str]:
    """The keys of a session of a role."""
    arn = f"arn:aws:iam::123456789012:role/{role}"
    given = client("sts").assume_role(RoleArn=arn, RoleSessionName="me@x")["Credentials"]
    return given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]


def make_role(client: Client, name: str, document: str, *policies: str) -> str:
    iam = client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
    for number, text in enumerate(policies):
        iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=text)
    return str(made["Arn"])


ACCOUNT = {"AWS": "arn:aws:iam::123456789012:root"}


class Vpc:
    """A VPC with an internet gateway and a subnet in each of two zones."""

    def __init__(self) -> None:
        ec2 = backends.ec2(REGION)
        self.id = ec2.create_vpc("10.0.0.0/16").id
        self.gateway = ec2.create_internet_gateway().id
        ec2.attach_internet_gateway(self.gateway, self.id)
        self.subnets = [
            ec2.create_subnet(self.id, f"10.0.{number}.0/24", None, f"{REGION}{zone}").id
            for number, zone in enumerate("ab")
        ]


class Elb:
    """ELBv2's client in a VPC."""

    def __init__(self, client: Any, vpc: Vpc) -> None:
        self.client, self.vpc = client, vpc

    def balancer(self, name: str = "one", kind: str = "application", **more: Any) -> Any:
        subnets = more.pop("Subnets", self.vpc.subnets)
        made = self.client.create_load_balancer(Name=name, Type=kind, Subnets=subnets, **more)
        return made["LoadBalancers"][0]

    def group(self, name: str = "group", protocol: str = "HTTP", **more: Any) -> str:
        given = {"Port": 80, "VpcId": self.vpc.id, "TargetType": "ip", **more}
        made = self.client.create_target_group(Name=name, Protocol=protocol, **given)
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def listener(self, balancer: Any, action: Any, protocol: str = "HTTP", port: int = 80) -> str:
        made = self.client.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol=protocol,
            Port=port,
            DefaultActions=[action],
        )
        return str(made["Listeners"][0]["ListenerArn"])

    def health(self, group: str) -> list[tuple[str, str, str | None]]:
        found = self.client.describe_target_health(TargetGroupArn=group)
        return [
            (d["Target"]["Id"], d["TargetHealth"]["State"], d["TargetHealth"].get("Reason"))
            for d in found["TargetHealthDescriptions"]
        ]


def forward(*groups: str) -> dict[str, Any]:
    targets = [{"TargetGroupArn": arn, "Weight": n} for n, arn in enumerate(groups, 1)]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": targets}}


class Eks:
    """EKS's client with a cluster in a VPC."""

    def __init__(self, api: AwsApi, client: Any, vpc: Vpc, roles: dict[str, str]) -> None:
        self.api, self.client, self.vpc, self.roles = api, client, vpc, roles

    def create(self, name: str = "one", **more: Any) -> dict[str, Any]:
        network = {"subnetIds": self.vpc.subnets, **more.pop("vpc", {})}
        given = {"roleArn": self.roles["cluster"], "resourcesVpcConfig": network, **more}
        made: dict[str, Any] = self.client.create_cluster(name=name, **given)["cluster"]
        return made

    def active(self, name: str = "one") -> dict[str, Any]:
        made = self.create(name)
        self.api.clusters.cluster_ready(name, "https://127.0.0.1:7443", "CA")
        return made

    def nodegroup(self, name: str = "nodes", cluster: str = "one", **more: Any) -> dict[str, Any]:
        sizes = more.pop("sizes", (1, 4, 2))
        names = ("minSize", "maxSize", "desiredSize")
        given = {
            "subnets": self.vpc.subnets,
            "nodeRole": self.roles["node"],
            "scalingConfig": dict(zip(names, sizes, strict=True)),
            **more,
        }
        group = {"clusterName": cluster, "nodegroupName": name, **given}
        made: dict[str, Any] = self.client.create_nodegroup(**group)["nodegroup"]
        return made
