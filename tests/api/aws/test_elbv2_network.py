"""Network load balancers in the API.

Pages without another name are of docs.aws.amazon.com/elasticloadbalancing/latest/network.
"""

from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.elbv2.target_states import State
from tests.api.aws.support import Elb, refusal, refuses

PRESERVE, CROSS_ZONE = "preserve_client_ip.enabled", "load_balancing.cross_zone.enabled"
INVALID = "InvalidConfigurationRequest"


def attributes(elb: Elb, group: str, **changes: str) -> dict[str, str]:
    """The attributes of a target group, after these changes; _ stands for a dot."""
    call, arn = elb.client.modify_target_group_attributes, {"TargetGroupArn": group}
    for name, value in changes.items():
        call(**arn, Attributes=[{"Key": name, "Value": value}])
    found = elb.client.describe_target_group_attributes(**arn)["Attributes"]
    return {each["Key"]: each["Value"] for each in found}


@pytest.mark.parametrize(
    ("protocol", "kind", "preserve"),
    [("TCP", "instance", "true"), ("TCP", "ip", "false"), ("UDP", "instance", "true"),
     ("UDP", "ip", "true"), ("TCP_UDP", "ip", "true")],
)  # fmt: skip
def test_a_target_group_has_awss_attributes(
    api: AwsApi, elb: Elb, protocol: str, kind: str, preserve: str
) -> None:
    """Case 14; edit-target-group-attributes.html#client-ip-preservation"""
    group = elb.group(Protocol=protocol, TargetType=kind)
    found = attributes(elb, group)
    assert len(found) == 13
    assert (found[PRESERVE], found["stickiness.type"]) == (preserve, "source_ip")
    datagrams = protocol != "TCP"
    terminate = "connection_termination.enabled"
    assert found[f"deregistration_delay.{terminate}"] == str(datagrams).lower()
    assert found[f"target_health_state.unhealthy.{terminate}"] == str(not datagrams).lower()
    assert api.snapshots.target_groups()[0].preserve_client_ip is (preserve == "true")
    call = {"TargetGroupArn": group, "Attributes": [{"Key": PRESERVE, "Value": "false"}]}
    if datagrams:  # "Client IP preservation can't be disabled for UDP and TCP_UDP target groups."
        refuses(elb.client.modify_target_group_attributes, "ValidationError", PRESERVE, **call)
    else:
        assert attributes(elb, group, **{PRESERVE: "false"})[PRESERVE] == "false"


def health(elb: Elb, group: str) -> tuple[Any, ...]:
    """The check's protocol, path, time-out and matcher."""
    (found,) = elb.client.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    names = ("HealthCheckProtocol", "HealthCheckPath", "HealthCheckTimeoutSeconds", "Matcher")
    return tuple(found.get(name) for name in names)


def test_the_default_matcher_is_200_to_399(api: AwsApi, elb: Elb) -> None:
    """Case 15; target-group-health-checks.html"""
    default = {"HttpCode": "200-399"}
    group = elb.group(Protocol="TCP", HealthCheckProtocol="HTTP")
    assert health(elb, group) == ("HTTP", "/", 6, default)
    assert api.snapshots.target_groups()[0].health_check.matcher == "200-399"
    udp = elb.group("udp", Protocol="UDP")
    assert health(elb, udp) == ("TCP", None, 10, None)
    modify = elb.client.modify_target_group
    modify(TargetGroupArn=udp, HealthCheckProtocol="HTTP", HealthCheckPath="/up")
    assert health(elb, udp)[1:] == ("/up", 10, default)
    modify(TargetGroupArn=udp, Matcher={"HttpCode": "200-599"})
    assert api.snapshots.target_groups()[1].health_check.matcher == "200-599"
    modify(TargetGroupArn=udp, HealthCheckProtocol="TCP")
    assert health(elb, udp)[3] is None
    for code, matcher in (("ValidationError", "200-600"), (INVALID, "200")):
        given = group if code == "ValidationError" else udp
        refuses(modify, code, "matcher", TargetGroupArn=given, Matcher={"HttpCode": matcher})


COMPATIBLE = {("TCP", "TCP"), ("TCP", "TCP_UDP"), ("UDP", "UDP"), ("UDP", "TCP_UDP"),
              ("TCP_UDP", "TCP_UDP")}  # fmt: skip


@pytest.mark.parametrize("of_group", ["TCP", "UDP", "TCP_UDP"])
def test_a_listener_forwards_to_groups_of_its_protocol(elb: Elb, of_group: str) -> None:
    """load-balancer-listeners.html"""
    arn, group = elb.balancer("network"), elb.group(Protocol=of_group)
    action = {"DefaultActions": [{"Type": "forward", "TargetGroupArn": group}]}
    for port, protocol in enumerate(("TCP", "UDP", "TCP_UDP"), 1):
        call = {"LoadBalancerArn": arn, "Port": port, "Protocol": protocol, **action}
        if (protocol, of_group) in COMPATIBLE:
            made = elb.client.create_listener(**call)["Listeners"][0]
            assert made["Protocol"] == protocol
        else:
            assert refusal(elb.client.create_listener, **call)[0] == "IncompatibleProtocols"
    for other in ("TCP", "UDP", "TCP_UDP"):
        call = {"ListenerArn": made["ListenerArn"], "Protocol": other}
        if (other, of_group) in COMPATIBLE:
            assert elb.client.modify_listener(**call)["Listeners"][0]["Protocol"] == other
        else:
            assert refusal(elb.client.modify_listener, **call)[0] == "IncompatibleProtocols"


def test_a_tcp_listener_has_an_idle_timeout(api: AwsApi, elb: Elb) -> None:
    """API reference, ListenerAttribute: 60 to 6000 seconds, 350 by default."""
    arn, group = elb.balancer("network"), elb.group(Protocol="TCP_UDP")
    given = {"DefaultActions": [{"Type": "forward", "TargetGroupArn": group}]}
    create, modify = elb.client.create_listener, elb.client.modify_listener_attributes

    def change(protocol: str, port: int, value: str) -> Any:
        made = create(LoadBalancerArn=arn, Protocol=protocol, Port=port, **given)["Listeners"][0]
        attributes = [{"Key": "tcp.idle_timeout.seconds", "Value": value}]
        return {"ListenerArn": made["ListenerArn"], "Attributes": attributes}

    modify(**change("TCP", 1, "60"))
    assert api.snapshots.load_balancers()[0].listeners[0].idle_timeout == 60
    refuses(modify, "ValidationError", "60-6000", **change("TCP", 2, "59"))
    refuses(modify, INVALID, "the UDP protocol", **change("UDP", 3, "60"))
    assert api.snapshots.load_balancers()[0].listeners[1].idle_timeout == 350


def allocation(elb: Elb) -> str:
    return str(elb.vpc.ec2.allocate_address(Domain="vpc")["AllocationId"])


def described(elb: Elb, arn: str) -> list[Any]:
    """The addresses in each zone that DescribeLoadBalancers tells."""
    (found,) = elb.client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    return [zone["LoadBalancerAddresses"] for zone in found["AvailabilityZones"]]


def test_a_zone_has_the_elastic_ip_address_that_is_given(api: AwsApi, elb: Elb) -> None:
    """API reference, SubnetMapping and LoadBalancerAddress. That the balancer's address is not the
    user's to release: github.com/hashicorp/terraform-provider-aws/pull/1956"""
    ec2, (one, two) = elb.vpc.ec2, elb.vpc.subnets
    fixed, later = allocation(elb), allocation(elb)
    mapping = [{"SubnetId": one, "AllocationId": fixed}]
    call = {"Subnets": [], "SubnetMappings": mapping}
    arn = elb.balancer("network", **call)
    assert elb.balancer("network", **call) == arn
    address = ec2.describe_addresses(AllocationIds=[fixed])["Addresses"][0]
    assert described(elb, arn) == [[{"AllocationId": fixed, "IpAddress": address["PublicIp"]}]]
    assert api.snapshots.load_balancers()[0].addresses == (address["PublicIp"],)
    found = ec2.describe_network_interfaces(NetworkInterfaceIds=[address["NetworkInterfaceId"]])
    assert found["NetworkInterfaces"][0]["InterfaceType"] == "network_load_balancer"
    for call_, member in ((ec2.disassociate_address, "AssociationId"),
                          (ec2.release_address, "AllocationId")):  # fmt: skip
        assert refusal(call_, **{member: address[member]})[0] in (
            "AuthFailure",
            "InvalidIPAddress.InUse",
        )
    set_subnets, given = elb.client.set_subnets, {"LoadBalancerArn": arn}
    other = [{"SubnetId": one, "AllocationId": later}]
    refuses(set_subnets, INVALID, "cannot change", **given, SubnetMappings=other)
    set_subnets(**given, SubnetMappings=[*mapping, {"SubnetId": two, "AllocationId": later}])
    assert [len(zone) for zone in described(elb, arn)] == [1, 1]
    set_subnets(**given, Subnets=[one])
    assert described(elb, arn)[0][0]["AllocationId"] == fixed
    ec2.release_address(AllocationId=later)
    elb.client.delete_load_balancer(**given)
    ec2.release_address(AllocationId=fixed)


def test_an_internal_balancer_has_the_private_address_that_is_given(api: AwsApi, elb: Elb) -> None:
    mapping = {"SubnetId": elb.vpc.subnets[0], "PrivateIPv4Address": "10.0.0.77"}
    arn = elb.balancer("network", Subnets=[], SubnetMappings=[mapping], Scheme="internal")
    assert described(elb, arn) == [[{"PrivateIPv4Address": "10.0.0.77"}]]
    assert api.snapshots.load_balancers()[0].zones[0].private_ip == "10.0.0.77"


@pytest.mark.parametrize(
    ("kind", "scheme", "address", "code"),
    [
        ("network", "internet-facing", {"AllocationId": "eipalloc-1"}, "AllocationIdNotFound"),
        # github.com/terraform-aws-modules/terraform-aws-alb/issues/171
        ("network", "internet-facing", {"AllocationId": "used"}, "ResourceInUse"),
        ("network", "internal", {"AllocationId": "free"}, INVALID),
        ("application", "internet-facing", {"AllocationId": "free"}, INVALID),
        ("network", "internet-facing", {"PrivateIPv4Address": "10.0.0.77"}, INVALID),
        ("network", "internal", {"PrivateIPv4Address": "10.0.9.77"}, INVALID),
        ("network", "internal", {"PrivateIPv4Address": "10.0.0.3"}, INVALID),
        ("network", "internal", {"PrivateIPv4Address": "10.0.0.4"}, INVALID),
        ("network", "internal", {"PrivateIPv4Address": "ten"}, INVALID),
        ("network", "internet-facing", {"IPv6Address": "2001:db8::1"}, INVALID),
    ],
)
def test_addresses_that_are_refused(
    elb: Elb, kind: str, scheme: str, address: dict[str, str], code: str
) -> None:
    one, two = ({"SubnetId": subnet} for subnet in elb.vpc.subnets)
    used = {"AllocationId": allocation(elb)}
    elb.balancer("network", Name="other", Subnets=[], SubnetMappings=[{**one, **used}])
    given = {key: {"used": used[key], "free": allocation(elb)}.get(value, value)
             if key == "AllocationId" else value for key, value in address.items()}  # fmt: skip
    call = {"Name": "two", "Type": kind, "Scheme": scheme}
    mappings = [{**one, **given}, two]
    assert refusal(elb.client.create_load_balancer, **call, SubnetMappings=mappings)[0] == code


def test_dns_leaves_out_a_zone_without_healthy_targets(api: AwsApi, elb: Elb) -> None:
    """target-group-health.html: only where the zone's address has the targets of its zone alone."""
    arn, group = elb.balancer("network"), elb.group(Protocol="TCP")
    action = [{"Type": "forward", "TargetGroupArn": group}]
    given = {"Protocol": "TCP", "Port": 80, "DefaultActions": action}
    elb.client.create_listener(LoadBalancerArn=arn, **given)
    targets = [{"Id": ip, "Port": 80} for ip in ("10.0.0.50", "10.0.1.50")]
    elb.client.register_targets(TargetGroupArn=group, Targets=targets)
    first, second = "198.51.100.1", "198.51.100.2"

    def served(one: State, two: State) -> tuple[str, ...]:
        for target, state in zip(targets, (one, two), strict=True):
            api.target_states.report(group, str(target["Id"]), 80, state, "")
        return api.snapshots.load_balancers()[0].addresses

    assert served("healthy", "healthy") == (first, second)
    assert served("healthy", "unhealthy") == (first,)
    assert served("unhealthy", "healthy") == (second,)
    assert served("unhealthy", "unhealthy") == (first, second)
    attributes(elb, group, **{CROSS_ZONE: "true"})
    assert served("healthy", "unhealthy") == (first, second)
    attributes(elb, group, **{CROSS_ZONE: "use_load_balancer_configuration"})
    on = [{"Key": CROSS_ZONE, "Value": "true"}]
    assert served("healthy", "unhealthy") == (first,)
    elb.client.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=on)
    assert served("healthy", "unhealthy") == (first, second)
