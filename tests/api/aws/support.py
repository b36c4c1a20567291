"""What the tests of the AWS API share."""

import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from localcloud.aws import backends
from localcloud.aws.api import AwsApi
from localcloud.aws.eks import nodes
from localcloud.aws.eks.snapshots import Cluster, Nodegroup

REGION = "eu-west-1"
# The bucket of the fixture s3.
ONE = {"Bucket": "one-bucket"}
HERE = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
IAM = "arn:aws:iam::123456789012"
SSM_MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
KEY = ("AKIADEVELOPERDEVELOP", "secret")  # so that clients outlive the records
Client = Callable[..., Any]


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trust(principal: dict[str, str], *actions: str, **condition: Any) -> str:
    """A trust policy; `Condition` is the only other key."""
    return document(
        {"Effect": "Allow", "Principal": principal, "Action": list(actions), **condition}
    )


# Whoever is of the account may assume the role.
ACCOUNT = trust({"AWS": f"{IAM}:root"}, "sts:AssumeRole")


def trusted(service: str) -> str:
    """The trust policy of a role of a service of AWS."""
    return trust({"Service": f"{service}.amazonaws.com"}, "sts:AssumeRole")


def grant(action: str, **more: Any) -> str:
    """A policy document that allows an action on everything."""
    return document({"Effect": "Allow", "Action": action, "Resource": "*", **more})


def refusal(call: Any, **params: Any) -> tuple[str, str]:
    """The code and message with which a client's call is refused."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def refuses(call: Any, code: str, words: str, **params: Any) -> None:
    """A client's call is refused with this code, with these words in the message."""
    given, message = refusal(call, **params)
    assert given == code
    assert words in message


def post(url: str, body: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """The status and the text that an unsigned request is answered with."""
    try:
        with urlopen(Request(url, body.encode(), headers or {})) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def keys_of(assumed: dict[str, Any]) -> tuple[str, str, str]:
    """The keys that STS answers."""
    given = assumed["Credentials"]
    return given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]


def session(client: Client, role: str) -> tuple[str, str, str]:
    """The keys of a session of a role."""
    call = {"RoleArn": f"{IAM}:role/{role}", "RoleSessionName": "me@x"}
    return keys_of(client("sts").assume_role(**call))


def make_role(client: Client, name: str, *policies: str, trust: str = ACCOUNT) -> str:
    """A role with these inline policies, whose trust policy is `trust`; returns its ARN."""
    iam = client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    for number, text in enumerate(policies):
        iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=text)
    return str(made["Arn"])


def with_boundary(client: Client, role: str, boundary: str) -> None:
    """Give a role this policy document as permissions boundary."""
    made = client("iam").create_policy(PolicyName="boundary", PolicyDocument=boundary)["Policy"]
    client("iam").put_role_permissions_boundary(RoleName=role, PermissionsBoundary=made["Arn"])


class Vpc:
    """A VPC with an internet gateway and a subnet in each of two zones."""

    def __init__(self, client: Client) -> None:
        self.ec2 = client("ec2")
        ec2 = backends.ec2(REGION)
        self.id = ec2.create_vpc("10.0.0.0/16").id
        self.gateway = ec2.create_internet_gateway().id
        ec2.attach_internet_gateway(self.gateway, self.id)
        self.subnets = [self.subnet(f"10.0.{number}.0/24", "ab"[number]) for number in range(2)]

    def subnet(self, block: str, zone: str = "a") -> str:
        """Another subnet."""
        made = backends.ec2(REGION).create_subnet(self.id, block, None, f"{REGION}{zone}")
        return str(made.id)

    def open(self) -> None:
        """Lead its subnets to the internet, by a NAT gateway."""
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        place = {"SubnetId": self.subnets[0], "AllocationId": address}
        nat = self.ec2.create_nat_gateway(**place)["NatGateway"]["NatGatewayId"]
        route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat}
        self.ec2.create_route(RouteTableId=self.table, **route)

    @property
    def table(self) -> str:
        """Its main route table."""
        found = self.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.id]}])
        return str(found["RouteTables"][0]["RouteTableId"])

    def security_groups(self, *names: str) -> list[str]:
        """New security groups."""
        given = {"Description": "d", "VpcId": self.id}
        return [self.ec2.create_security_group(GroupName=n, **given)["GroupId"] for n in names]

    def launch_arguments(self, **more: Any) -> dict[str, Any]:
        """RunInstances' for an instance in the first subnet."""
        place = {} if "NetworkInterfaces" in more else {"SubnetId": self.subnets[0]}
        given = {"ImageId": nodes.image(REGION), "InstanceType": "t3.micro", **place}
        return {"MinCount": 1, "MaxCount": 1, **given, **more}

    def launch(self, **more: Any) -> Any:
        """An instance as RunInstances answers it."""
        return self.ec2.run_instances(**self.launch_arguments(**more))["Instances"][0]


PATH = {"Field": "path-pattern", "Values": ["/x*"]}
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


def forward(*groups: str) -> dict[str, Any]:
    """An action that forwards to target groups with weights 1, 2 and so on."""
    targets = [{"TargetGroupArn": arn, "Weight": n} for n, arn in enumerate(groups, 1)]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": targets}}


def condition(field: str, *values: Any, **more: Any) -> dict[str, Any]:
    """A condition as the API has it."""
    name = "".join(part.title() for part in field.split("-")) + "Config"
    return {"Field": field, name: {"Values": list(values), **more}}


class Elb:
    """ELBv2's client in a VPC."""

    def __init__(self, api: AwsApi, client: Any, vpc: Vpc) -> None:
        self.api, self.client, self.vpc = api, client, vpc

    def balancer(self, kind: str = "application", **more: Any) -> str:
        """The ARN of a load balancer `one` in both subnets."""
        given = {"Name": "one", "Subnets": self.vpc.subnets, **more}
        made = self.client.create_load_balancer(Type=kind, **given)
        return str(made["LoadBalancers"][0]["LoadBalancerArn"])

    def group(self, name: str = "group", **more: Any) -> str:
        """The ARN of a target group of addresses."""
        given = {"Protocol": "HTTP", "Port": 80, "VpcId": self.vpc.id, "TargetType": "ip", **more}
        made = self.client.create_target_group(Name=name, **given)
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def listener(self, action: Any) -> str:
        """The ARN of a listener of a new application load balancer."""
        made = self.client.create_listener(
            LoadBalancerArn=self.balancer(), Protocol="HTTP", Port=80, DefaultActions=[action]
        )
        return str(made["Listeners"][0]["ListenerArn"])

    def rule(self, listener: str, priority: int, condition: Any, action: Any = FIXED) -> str:
        """The ARN of a rule of one condition."""
        given = {"Priority": priority, "Conditions": [condition], "Actions": [action]}
        made = self.client.create_rule(ListenerArn=listener, **given)
        return str(made["Rules"][0]["RuleArn"])

    def rules(self) -> Any:
        """The rules of the only listener, as the records tell them."""
        (balancer,) = self.api.snapshots.load_balancers()
        return balancer.listeners[0].rules

    def health(self, group: str) -> list[tuple[str, str, str | None]]:
        found = self.client.describe_target_health(TargetGroupArn=group)
        return [
            (d["Target"]["Id"], d["TargetHealth"]["State"], d["TargetHealth"].get("Reason"))
            for d in found["TargetHealthDescriptions"]
        ]


NODES = {"clusterName": "one", "nodegroupName": "nodes"}


class Eks:
    """EKS's client in a VPC; a cluster is `one` and its node group `nodes`."""

    def __init__(self, api: AwsApi, client: Client, vpc: Vpc, roles: dict[str, str]) -> None:
        self.api, self.vpc, self.roles = api, vpc, roles
        self.client, self.ec2, self.iam = client("eks"), client("ec2"), client("iam")

    def arguments(self, name: str = "one", **more: Any) -> dict[str, Any]:
        """CreateCluster's; `vpc` are those of its network."""
        network = {"subnetIds": self.vpc.subnets, **more.pop("vpc", {})}
        given = {"roleArn": self.roles["cluster"], "resourcesVpcConfig": network}
        return {"name": name, **given, **more}

    def create(self, name: str = "one", **more: Any) -> dict[str, Any]:
        return dict(self.client.create_cluster(**self.arguments(name, **more))["cluster"])

    def refuses(self, code: str, words: str, **more: Any) -> None:
        """CreateCluster is refused with this code and these words."""
        refuses(self.client.create_cluster, code, words, **self.arguments(**more))

    def ready(self) -> None:
        """The report that the cluster serves."""
        self.api.clusters.cluster_ready("one", "https://127.0.0.1:7443", "CA")

    def active(self) -> dict[str, Any]:
        made = self.create()
        self.ready()
        return made

    def nodegroup_arguments(self, **more: Any) -> dict[str, Any]:
        """CreateNodegroup's; `sizes` are the least, the greatest and the desired one."""
        names = ("minSize", "maxSize", "desiredSize")
        sizes = dict(zip(names, more.pop("sizes", (1, 4, 2)), strict=True))
        given = {"subnets": self.vpc.subnets, "nodeRole": self.roles["node"]}
        return {**NODES, **given, "scalingConfig": sizes, **more}

    def nodegroup(self, **more: Any) -> dict[str, Any]:
        made = self.client.create_nodegroup(**self.nodegroup_arguments(**more))
        return dict(made["nodegroup"])

    def nodegroup_ready(self, *instances: str) -> None:
        """The report that these instances, or whichever they are, are Ready."""
        self.api.clusters.nodegroup_ready("one", "nodes", instances or None)

    def described(self) -> dict[str, Any]:
        """The node group as it is described."""
        return dict(self.client.describe_nodegroup(**NODES)["nodegroup"])

    def scale(self, size: int) -> Callable[[], dict[str, Any]]:
        """Ask for another size of the node group; returns what describes the update."""
        sizes = {"desiredSize": size}
        made = self.client.update_nodegroup_config(**NODES, scalingConfig=sizes)["update"]
        names = {"name": "one", "nodegroupName": "nodes", "updateId": made["id"]}
        return lambda: dict(self.client.describe_update(**names)["update"])

    @property
    def record(self) -> Cluster:
        """The only cluster, as the reconciler sees it."""
        (found,) = self.api.clusters.clusters()
        return found

    @property
    def group(self) -> Nodegroup:
        """Its only node group."""
        (found,) = self.record.nodegroups
        return found

    @property
    def instances(self) -> list[str]:
        """The node group's instances, which are all that there are."""
        ids = [node.instance_id for node in self.group.nodes]
        assert sorted(one.id for one in self.api.snapshots.instances()) == sorted(ids)
        return ids
