"""A cluster of two nodes on a cloud of its own: asked for by the AWS API, looked at inside."""

import json
import subprocess
from pathlib import Path
from typing import Any

from localcloud.kubernetes.node.namespace import KERNEL_SETTINGS
from localcloud.paths import NETNS, CloudPaths
from localcloud.process_table import first_process
from localcloud.tools import find
from tests.api.aws.support import make_role, trusted
from tests.cloud.conftest import Cloud, processes_of
from tests.cloud.waiting import eventually

NAME, EKS = "demo", "eks-demo"
GROUP = {"clusterName": NAME, "nodegroupName": "workers"}
ADDRESSES = ("10.0.1.5", "10.0.2.5")
NODES = ("ip-10-0-1-5.eu-west-1.compute.internal", "ip-10-0-2-5.eu-west-1.compute.internal")
TAINT = {"key": "only", "value": "us", "effect": "PREFER_NO_SCHEDULE"}
FOLDERS = ("/var/lib/cni", "/var/lib/kubelet", "/var/log/containers", "/opt/containerd",
           "/usr/libexec/kubernetes", "/etc/cni")  # fmt: skip


def machine() -> tuple[dict[str, str], list[str]]:
    """The settings and folders of the machine that nodes would change if they could."""
    settings = {name: Path("/proc/sys", name).read_text() for name in KERNEL_SETTINGS}
    return settings, [path for path in FOLDERS if Path(path).exists()]


class Lab:
    """The cluster `demo` in a VPC with a subnet in each of two zones."""

    def __init__(self, cloud: Cloud, before: tuple[dict[str, str], list[str]]) -> None:
        self.cloud, self.before = cloud, before
        self.paths = CloudPaths(cloud.name)
        self.eks, self.ec2 = cloud.client("eks"), cloud.client("ec2")
        self._first = first_process(str(self.paths.root))

    def create_cluster(self) -> None:
        """A cluster that encrypts its secrets and serves the VPC and the world."""
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self._subnets = [self._subnet(vpc, n, zone) for n, zone in enumerate("ab", 1)]
        self._open(vpc)
        network = {"subnetIds": self._subnets, "endpointPrivateAccess": True}
        key = self.cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.eks.create_cluster(
            name=NAME, roleArn=self.role("cluster", "eks"), resourcesVpcConfig=network,
            encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": key}}],
            accessConfig={"authenticationMode": "API"}, bootstrapSelfManagedAddons=False,
        )  # fmt: skip
        eventually(lambda: self.cluster()["status"] == "ACTIVE", 60)

    def _open(self, vpc: str) -> None:
        """Lead the subnets to the internet, as nodes need to join, by a NAT gateway."""
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        public = {"CidrBlock": "10.0.9.0/24", "AvailabilityZone": "eu-west-1a"}
        outer = self.ec2.create_subnet(VpcId=vpc, **public)["Subnet"]["SubnetId"]
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        place = {"SubnetId": outer, "AllocationId": address}
        nat = self.ec2.create_nat_gateway(**place)["NatGateway"]["NatGatewayId"]
        own = self.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        self.ec2.associate_route_table(RouteTableId=own, SubnetId=outer)
        everywhere = {"DestinationCidrBlock": "0.0.0.0/0"}
        self.ec2.create_route(RouteTableId=own, GatewayId=gateway, **everywhere)
        found = self.ec2.describe_route_tables(
            Filters=[{"Name": "vpc-id", "Values": [vpc]},
                     {"Name": "association.main", "Values": ["true"]}]
        )  # fmt: skip
        main = found["RouteTables"][0]["RouteTableId"]
        self.ec2.create_route(RouteTableId=main, NatGatewayId=nat, **everywhere)

    def _subnet(self, vpc: str, number: int, zone: str) -> str:
        place = {"CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": f"eu-west-1{zone}"}
        return str(self.ec2.create_subnet(VpcId=vpc, **place)["Subnet"]["SubnetId"])

    def create_nodegroup(self) -> None:
        """A node in each zone."""
        sizes = dict.fromkeys(("minSize", "maxSize", "desiredSize"), 2)
        self.eks.create_nodegroup(
            **GROUP, subnets=self._subnets, nodeRole=self.role("node", "ec2"), scalingConfig=sizes,
            labels={"team": "a"}, taints=[TAINT],
        )  # fmt: skip
        self.await_nodegroup()

    def role(self, name: str, service: str) -> str:
        """The ARN of a new role of a service of AWS."""
        made = make_role(self.cloud.client, name, trust=trusted(service))
        if service == "eks":
            policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
            self.cloud.client("iam").attach_role_policy(RoleName=name, PolicyArn=policy)
        return made

    def cluster(self) -> dict[str, Any]:
        return dict(self.eks.describe_cluster(name=NAME)["cluster"])

    def nodegroup(self) -> dict[str, Any]:
        return dict(self.eks.describe_nodegroup(**GROUP)["nodegroup"])

    def await_nodegroup(self, seconds: float = 60) -> None:
        eventually(lambda: bool(self.nodegroup()["status"] == "ACTIVE"), seconds)

    @property
    def instances(self) -> list[str]:
        """The ids of the nodes' instances, in the order of their zones."""
        return [node["spec"]["providerID"].rpartition("/")[2] for node in self.get("nodes")]

    def create_addon(self, name: str, **values: object) -> None:
        """CreateAddon; `await_addon` waits for it."""
        text = json.dumps(values)
        self.eks.create_addon(clusterName=NAME, addonName=name, configurationValues=text)

    def await_addon(self, name: str) -> None:
        names = {"clusterName": NAME, "addonName": name}
        eventually(lambda: self.eks.describe_addon(**names)["addon"]["status"] == "ACTIVE", 60)

    def delete_addon(self, name: str) -> None:
        """DeleteAddon; returns once it is gone."""
        self.eks.delete_addon(clusterName=NAME, addonName=name)
        eventually(lambda: name not in self.eks.list_addons(clusterName=NAME)["addons"])

    def inside(
        self, *args: str, host: str | None = None, check: bool = True, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the cloud, on the network of a host of it (None: the backbone)."""
        enter = ["nsenter", f"--target={self._first}", "--mount", "--net", "--pid", "--"]
        on = ["nsenter", f"--net={NETNS / host}", "--"] if host else []
        return self.cloud.run([*enter, *on, *args], check, text)

    def kubelet(self, node: str) -> list[int]:
        """The id, as the machine sees it, of the process of a node's kubelet, if it runs."""
        return processes_of(self.cloud, f"--hostname-override={node}")

    def kubectl(
        self, *args: str, check: bool = True, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """kubectl as the cluster's administrator."""
        config = self.paths.clusters / NAME / "control-plane" / "admin.kubeconfig"
        program = str(find().binary("kubectl"))
        return self.inside(program, f"--kubeconfig={config}", *args, check=check, text=text)

    def get(self, *args: str) -> Any:
        """An object, or the items of a list, as kubectl reads it."""
        found = json.loads(self.kubectl("get", *args, "-o", "json").stdout)
        return found.get("items", found)

    def in_pod(self, pod: str, *args: str, check: bool = True) -> str:
        """What a command in a pod prints."""
        return self.kubectl("exec", pod, "--", *args, check=check).stdout
