"""AWS's answers by hand, behind real clients of botocore, which check every request's shape."""

from dataclasses import dataclass, field
from typing import Any
from unittest.mock import Mock

import boto3
import botocore.exceptions

ALB = "k8s-alb-1.eu-west-1.elb.amazonaws.com"
NLB = "k8s-nlb-1.elb.eu-west-1.amazonaws.com"
NODES = {"i-1": "127.0.0.2", "i-2": "127.0.0.3"}


@dataclass
class FakeAws:
    """The records of one account; tests change them."""

    schemes: dict[str, str]
    rules: list[dict[str, Any]]
    targets: dict[str, list[tuple[str, int, str]]]  # target group -> id, port, state
    records: list[dict[str, Any]]
    public: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)  # instances that EC2 does not know
    ports: tuple[int, ...] = (80,)
    target_type: str = "instance"
    classic: dict[str, str] = field(default_factory=dict)  # schemes by DNS name
    error: tuple[str, str] | None = None

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """What AWS answers."""
        match operation:
            case "DescribeInstances":
                known = [each for each in asked["InstanceIds"] if each not in self.unknown]
                return {"Reservations": [{"Instances": [self._instance(each) for each in known]}]}
            case "DescribeLoadBalancers":
                return self._balancers()
            case "DescribeListeners":
                listeners = [{"ListenerArn": f"arn:{port}", "Port": port} for port in self.ports]
                return {"Listeners": listeners}
            case "DescribeRules":
                return {"Rules": self.rules}
            case "DescribeTargetGroups":
                (arn,) = asked["TargetGroupArns"]
                return {"TargetGroups": [{"TargetGroupArn": arn, "TargetType": self.target_type}]}
            case "DescribeTargetHealth":
                targets = [
                    {"Target": {"Id": name, "Port": port}, "TargetHealth": {"State": state}}
                    for name, port, state in self.targets[asked["TargetGroupArn"]]
                ]
                return {"TargetHealthDescriptions": targets}
            case "ListResourceRecordSets":
                return {"ResourceRecordSets": self.records}
        raise NotImplementedError(operation)

    def _balancers(self) -> dict[str, Any]:
        """As elbv2 and elb answer alike, which do not know each other's."""
        newer = [
            {
                "LoadBalancerArn": f"arn:{name}",
                "DNSName": name,
                "Scheme": scheme,
                "Type": "network" if name == NLB else "application",
            }
            for name, scheme in self.schemes.items()
        ]
        older = [{"DNSName": name, "Scheme": scheme} for name, scheme in self.classic.items()]
        return {"LoadBalancers": newer, "LoadBalancerDescriptions": older}

    def _instance(self, name: str) -> dict[str, Any]:
        address = {"PublicIp": self.public[name]} if name in self.public else {}
        return {"InstanceId": name, "NetworkInterfaces": [{"Association": address}]}


def forward(
    group: str, host: str | None = None, priority: str = "default", path: str = "/"
) -> dict[str, Any]:
    """A rule as the AWS Load Balancer Controller makes it."""
    patterns = ["/*"] if path == "/" else [path, f"{path}/*"]
    conditions = [
        {"Field": "host-header", "HostHeaderConfig": {"Values": [host]}},
        {"Field": "path-pattern", "PathPatternConfig": {"Values": patterns}},
    ]
    return {
        "Priority": priority,
        "IsDefault": priority == "default",
        "Conditions": conditions if host else [],
        "Actions": [{"Type": "forward", "TargetGroupArn": group}],
    }


def cname(name: str, target: str) -> dict[str, Any]:
    return {"Name": f"{name}.", "Type": "CNAME", "ResourceRecords": [{"Value": f"{target}."}]}


def as_posted(*node_ports: int) -> FakeAws:
    """The account of a stack on which every statement holds, with the node ports of service-1,
    service-2, shop and cart."""
    names = tuple(f"{host}.example.com" for host in ("svc", "svc1", "svc2", "shop"))
    return FakeAws(
        schemes={ALB: "internet-facing", NLB: "internet-facing"},
        rules=[
            forward("group-1", "svc1.example.com", "1"),
            forward("group-2", "svc2.example.com", "2"),
            forward("group-4", "shop.example.com", "3", "/cart"),
            forward("group-3", "shop.example.com", "4"),
            forward("group-1"),
        ],
        targets={
            f"group-{number}": [(node, port, "healthy") for node in NODES]
            for number, port in enumerate(node_ports, 1)
        },
        records=[cname(name, ALB) for name in names],
    )


class Clients:
    """Real clients, made once, whose calls end at the FakeAws of the test."""

    def __init__(self) -> None:
        session = boto3.Session("a", "b", region_name="eu-west-1")
        self.account = as_posted()
        self.by_name = {name: session.client(name) for name in ("ec2", "elb", "elbv2", "route53")}
        for client in self.by_name.values():
            client.meta.events.register("before-parameter-build", self._note)
            client.meta.events.register("before-call", self._answer)

    def _note(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = params

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        if self.account.error:
            code, message = self.account.error
            raise botocore.exceptions.ClientError(
                {"Error": {"Code": code, "Message": message}}, model.name
            )
        return Mock(status_code=200), self.account.answer(model.name, context["asked"])
