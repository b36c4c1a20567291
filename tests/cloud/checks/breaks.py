"""Ways to break a stack from outside, each with the checks that must notice it.

A break is a context: it breaks on the way in and puts back on the way out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.cloud.checks.site import Context, Site, lasting

Breaking = Callable[[Site], Context]
NOBODY = {"app": "nobody"}  # a selector that no pod matches
NODE_PORTS = (30000, 32767)


@dataclass(frozen=True)
class Break:
    """`red` are the checks that fail while it lasts, all others hold."""

    title: str
    red: set[int]
    context: Breaking


@contextmanager
def no_nginx_pods(site: Site) -> Iterator[None]:
    site.kubectl("scale", "deployment", "nginx", "--replicas=0")
    try:
        site.kubectl("wait", "--for=delete", "pod", "-l", "app=nginx", "--timeout=60s")
        yield
    finally:
        site.kubectl("scale", "deployment", "nginx", "--replicas=2")
        site.kubectl("rollout", "status", "deployment", "nginx", "--timeout=60s")


@contextmanager
def no_shop_pods(site: Site) -> Iterator[None]:
    site.kubectl("scale", "deployment", "shop", "--replicas=0")
    try:
        yield
    finally:
        site.kubectl("scale", "deployment", "shop", "--replicas=1")


@contextmanager
def node_with_public_address(site: Site) -> Iterator[None]:
    ec2 = site.cloud.client("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    try:
        tied = ec2.associate_address(AllocationId=address, InstanceId=node_ids(site)[0])
        try:
            yield
        finally:
            ec2.disassociate_address(AssociationId=tied["AssociationId"])
    finally:
        ec2.release_address(AllocationId=address)


def nodes_closed_to_bastion(site: Site) -> Context:
    """The rule is changed in place, not removed: the stack knows it by its id."""
    ec2 = site.cloud.client("ec2")
    found = ec2.describe_instances(InstanceIds=[site.outputs["bastion_instance_id"]])
    group = found["Reservations"][0]["Instances"][0]["SecurityGroups"][0]["GroupId"]
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    named = [each for each in rules if each.get("ReferencedGroupInfo", {}).get("GroupId") == group]
    # The bastion has two rules, of which the stack may create either first; the other is the API's.
    [rule] = [each for each in named if (each["FromPort"], each["ToPort"]) == NODE_PORTS]

    def allow(first: int, last: int) -> None:
        kept = {"IpProtocol": rule["IpProtocol"], "Description": rule.get("Description", "")}
        wanted = {**kept, "FromPort": first, "ToPort": last, "ReferencedGroupId": group}
        change = {
            "SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": wanted
        }  # fmt: skip
        ec2.modify_security_group_rules(GroupId=rule["GroupId"], SecurityGroupRules=[change])

    return lasting(lambda: allow(1, 1), lambda: allow(rule["FromPort"], rule["ToPort"]))


def target_at_another_port(site: Site) -> Context:
    elb = site.cloud.client("elbv2")
    action = site.rules()["svc2"]["Actions"][0]
    group = (
        action.get("TargetGroupArn") or action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]
    )
    # Of an instance that is no target yet: the local cloud keeps one port a target.
    targets = [{"Id": site.outputs["bastion_instance_id"], "Port": 1}]
    given = {"TargetGroupArn": group, "Targets": targets}
    return lasting(lambda: elb.register_targets(**given), lambda: elb.deregister_targets(**given))


def node_ids(site: Site) -> list[str]:
    ids = site.kubectl("get", "nodes", "-o", "jsonpath={.items[*].spec.providerID}").split()
    return [each.rpartition("/")[2] for each in ids]


def service(role: str, **spec: object) -> Breaking:
    """The Service of that role with another `spec`."""
    return lambda site: site.service_with(role, **spec)


def rule(host: str, other: str) -> Breaking:
    """The listener's rule of a host leading where another one's leads."""
    return lambda site: site.rule_to(host, other)


def record(host: str, target: str) -> Breaking:
    """The host's record pointing at what `target` is with the stack's outputs filled in."""
    return lambda site: site.record_with(host, target.format(**site.outputs))


BREAKS = (
    Break("nginx has no pods", {1, 2, 3, 4}, no_nginx_pods),
    Break("the ClusterIP Service selects nothing", {2}, service("cluster_ip", selector=NOBODY)),
    Break("the NodePort Service selects nothing", {3}, service("node_port", selector=NOBODY)),
    Break("a node has a public address", {3}, node_with_public_address),
    # Not 2: its control still gets through to the port that is open for the NLB.
    Break("the bastion reaches no node", {3}, nodes_closed_to_bastion),
    Break(
        "the LoadBalancer Service selects nothing", {4}, service("load_balancer", selector=NOBODY)
    ),
    Break(
        "google-service is another name", {5}, service("external_name", externalName="example.org")
    ),
    Break(
        "svc1 points at the other load balancer",
        {6, 10},
        record("svc1", "{load_balancer_hostname}"),
    ),
    Break("svc1's rule leads to svc2's", {6, 9}, rule("svc1", "svc2")),
    Break("svc2's rule leads to svc1's", {7, 9}, rule("svc2", "svc1")),
    Break("the default leads to svc2's", {8, 9, 11}, rule("default", "svc2")),
    Break("a target at another port", {9}, target_at_another_port),
    Break("svc2 points at the load balancer by a detour", {10}, record("svc2", "svc1.{domain}")),
)
# Of a stack with the setting services, and with pods as targets.
FURTHER_BREAKS = (
    Break("shop's rule leads to svc2's", {9, 12}, rule("shop", "svc2")),
    Break(
        "shop points at the other load balancer",
        {10, 12},
        record("shop", "{load_balancer_hostname}"),
    ),
    Break("shop's server is gone", {9, 12}, no_shop_pods),
)
