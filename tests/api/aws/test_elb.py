"""Classic Load Balancers: docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference.

What the cloud controller manager calls: k8s.io/cloud-provider-aws, pkg/providers/v1.
"""

from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from tests.api.aws.support import Client, Vpc, document, make_role, refuses, session

TCP = {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 30080}
HTTP = {"Protocol": "http", "LoadBalancerPort": 8080, "InstancePort": 30081}
NAME = {"LoadBalancerName": "one"}
ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/one"


class Classic:
    """A VPC, and the arguments of a load balancer in both of its subnets."""

    def __init__(self, client: Client) -> None:
        self.client, self.vpc = client("elb"), Vpc(client)
        self.given: dict[str, Any] = {
            **NAME, "Listeners": [TCP, HTTP], "Subnets": self.vpc.subnets,
            "SecurityGroups": self.vpc.security_groups("front"),
        }  # fmt: skip

    def create(self, **more: Any) -> str:
        return str(self.client.create_load_balancer(**{**self.given, **more})["DNSName"])

    @property
    def described(self) -> Any:
        found = self.client.describe_load_balancers(LoadBalancerNames=["one"])
        return found["LoadBalancerDescriptions"][0]

    def register(self) -> str:
        """An instance in the first zone, registered."""
        instance = str(self.vpc.launch()["InstanceId"])
        for _ in range(2):  # the second call changes nothing
            given = {**NAME, "Instances": [{"InstanceId": instance}]}
            found = self.client.register_instances_with_load_balancer(**given)
        assert found["Instances"] == given["Instances"]
        return instance

    def health(self) -> list[tuple[str, str, str]]:
        states = self.client.describe_instance_health(**NAME)["InstanceStates"]
        return [(s["State"], s["ReasonCode"], s["Description"]) for s in states]


@pytest.fixture
def classic(client: Client) -> Classic:
    return Classic(client)


def test_a_balancer_is_described_as_it_was_made(api: AwsApi, classic: Classic) -> None:
    name = classic.create()
    assert name == classic.create()  # the same settings make one
    assert name.startswith("one-")
    assert name.endswith(".eu-west-1.elb.amazonaws.com")
    found = classic.described
    assert found["CanonicalHostedZoneNameID"] == "Z32O12XQLNTSW2"
    assert found["AvailabilityZones"] == ["eu-west-1a", "eu-west-1b"]
    assert [each["Listener"] for each in found["ListenerDescriptions"]] == [
        {**TCP, "InstanceProtocol": "TCP"},
        {**HTTP, "Protocol": "HTTP", "InstanceProtocol": "HTTP"},
    ]
    assert found["HealthCheck"]["Target"] == "TCP:30080"
    (balancer,) = api.snapshots.load_balancers()
    assert balancer.addresses == ("198.51.100.1", "198.51.100.2")
    enis = [i for i in api.snapshots.vpcs()[0].interfaces if i.host == balancer.host == "clb-one"]
    assert [i.groups for i in enis] == [tuple(classic.given["SecurityGroups"])] * 2


def test_an_internal_balancer_has_no_public_address(api: AwsApi, classic: Classic) -> None:
    assert classic.create(Scheme="internal").startswith("internal-one-")
    assert api.snapshots.load_balancers()[0].addresses == ("10.0.0.4", "10.0.1.4")


def test_deleting_a_balancer_frees_what_it_used(classic: Classic) -> None:
    classic.create()
    for _ in range(2):  # deleting what is gone is no error
        classic.client.delete_load_balancer(**NAME)
    classic.vpc.ec2.delete_security_group(GroupId=classic.given["SecurityGroups"][0])
    classic.vpc.ec2.delete_subnet(SubnetId=classic.vpc.subnets[0])
    refuses(classic.client.describe_tags, "LoadBalancerNotFound", "one", LoadBalancerNames=["one"])


SSL = {**TCP, "Protocol": "SSL", "SSLCertificateId": "arn:x"}
OTHER = {"LoadBalancerName": "other"}


@pytest.mark.parametrize(
    ("code", "words", "more"),
    [
        ("DuplicateLoadBalancerName", "different settings", {"Scheme": "internal"}),
        ("DuplicateLoadBalancerName", "different settings", {"Listeners": [TCP]}),
        ("ValidationError", "32", {"LoadBalancerName": "a" * 33}),
        ("ValidationError", "hyphen", {"LoadBalancerName": "-a"}),
        ("ValidationError", "empty", {**OTHER, "Listeners": []}),
        ("InvalidScheme", "public", {**OTHER, "Scheme": "public"}),
        ("SubnetNotFound", "subnet-0", {**OTHER, "Subnets": ["subnet-0"]}),
        ("InvalidSecurityGroup", "sg-0", {**OTHER, "SecurityGroups": ["sg-0"]}),
        ("InvalidConfigurationRequest", "SSL", {**OTHER, "Listeners": [SSL]}),
        ("InvalidConfigurationRequest", "Subnets", {**OTHER, "Subnets": []}),
        (
            "InvalidConfigurationRequest",
            "certificate",
            {**OTHER, "Listeners": [{**TCP, "SSLCertificateId": "arn:aws:acm:eu-west-1:1:a/b"}]},
        ),
        ("UnsupportedProtocol", "UDP", {**OTHER, "Listeners": [{**TCP, "Protocol": "UDP"}]}),
        ("DuplicateListener", "80", {**OTHER, "Listeners": [TCP, {**TCP, "InstancePort": 1}]}),
        ("DuplicateTagKeys", "twice", {**OTHER, "Tags": [{"Key": "a", "Value": ""}] * 2}),
    ],
)
def test_balancers_that_are_refused(classic: Classic, code: str, words: str, more: Any) -> None:
    classic.create()
    given = {**classic.given, **more}
    refuses(classic.client.create_load_balancer, code, words, **given)


def test_a_vpc_without_a_gateway_has_no_public_balancer(classic: Classic) -> None:
    vpc = classic.vpc
    vpc.ec2.detach_internet_gateway(InternetGatewayId=vpc.gateway, VpcId=vpc.id)
    refuses(classic.create, "InvalidSubnet", "no internet gateway")


def test_balancers_are_described_in_pages(classic: Classic) -> None:
    for name in ("a", "b", "c"):
        classic.create(LoadBalancerName=name)
    pages = classic.client.get_paginator("describe_load_balancers").paginate(PageSize=2)
    found = [[b["LoadBalancerName"] for b in page["LoadBalancerDescriptions"]] for page in pages]
    assert found == [["a", "b"], ["c"]]
    refuses(classic.client.describe_load_balancers, "ValidationError", "marker 'x'", Marker="x")


def test_an_account_has_20_balancers(classic: Classic) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-limits.html"""
    for number in range(20):
        classic.create(LoadBalancerName=f"n{number}")
    call = {**classic.given, **OTHER}
    refuses(classic.client.create_load_balancer, "TooManyLoadBalancers", "which is 20", **call)


def test_subnets_groups_listeners_and_tags_change(api: AwsApi, classic: Classic) -> None:
    elb, (first, second) = classic.client, classic.vpc.subnets
    classic.create(Tags=[{"Key": "a", "Value": "b"}])
    detach = elb.detach_load_balancer_from_subnets
    assert detach(**NAME, Subnets=[first])["Subnets"] == [second]
    assert len(api.snapshots.load_balancers()[0].addresses) == 1
    refuses(detach, "InvalidConfigurationRequest", "one subnet", **NAME, Subnets=[second])
    attached = elb.attach_load_balancer_to_subnets(**NAME, Subnets=[first])["Subnets"]
    assert sorted(attached) == sorted([first, second])
    third = {**NAME, "Subnets": [classic.vpc.subnet("10.0.2.0/24", "b")]}
    code = "InvalidConfigurationRequest"
    refuses(elb.attach_load_balancer_to_subnets, code, "same Availability Zone", **third)
    groups = classic.vpc.security_groups("other")
    elb.apply_security_groups_to_load_balancer(**NAME, SecurityGroups=groups)
    assert {i.groups for i in api.snapshots.vpcs()[0].interfaces} == {tuple(groups)}
    elb.delete_load_balancer_listeners(**NAME, LoadBalancerPorts=[80])
    elb.create_load_balancer_listeners(**NAME, Listeners=[{**TCP, "LoadBalancerPort": 81}])
    assert [each.port for each in api.snapshots.load_balancers()[0].listeners] == [8080, 81]
    elb.add_tags(LoadBalancerNames=["one"], Tags=[{"Key": "c", "Value": "d"}])
    elb.remove_tags(LoadBalancerNames=["one"], Tags=[{"Key": "a"}])
    (found,) = elb.describe_tags(LoadBalancerNames=["one"])["TagDescriptions"]
    assert found["Tags"] == [{"Key": "c", "Value": "d"}]


CHECK = {"Interval": 10, "Timeout": 5, "UnhealthyThreshold": 6, "HealthyThreshold": 2}


def test_the_health_check_is_that_of_each_instance(api: AwsApi, classic: Classic) -> None:
    classic.create()
    instance = classic.register()
    check = {**CHECK, "Target": "HTTP:10256/healthz"}
    classic.client.configure_health_check(**NAME, HealthCheck=check)
    assert classic.described["HealthCheck"] == check
    for group, port in zip(api.snapshots.target_groups(), (30080, 30081), strict=True):
        how, (target,) = group.health_check, group.targets
        assert (how.protocol, how.port, how.path, how.matcher) == ("HTTP", 10256, "/healthz", "200")
        assert (how.first_threshold, how.unhealthy_threshold) == (2, 6)
        assert (target.id, target.port, group.fails_open) == (instance, port, False)


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("ValidationError", {"Target": "30080"}),
        ("ValidationError", {"Target": "HTTP:80"}),
        ("ValidationError", {"Target": "TCP:80/path"}),
        ("ValidationError", {"Target": "TCP:65536"}),
        ("ValidationError", {"Timeout": 10}),
        ("InvalidConfigurationRequest", {"Target": "HTTPS:443/"}),
    ],
)
def test_health_checks_that_are_refused(classic: Classic, code: str, more: Any) -> None:
    classic.create()
    check = {**CHECK, "Target": "TCP:80", **more}
    refuses(classic.client.configure_health_check, code, "", **NAME, HealthCheck=check)


def test_the_health_of_instances_is_told_in_aws_words(api: AwsApi, classic: Classic) -> None:
    """API_InstanceState.html lists the descriptions."""
    classic.create()
    instance = classic.register()
    registering = "Instance registration is still in progress."
    assert classic.health() == [("OutOfService", "ELB", registering)]
    (group, _) = api.snapshots.target_groups()
    api.target_states.report(group.arn, instance, 30080, "healthy", "")
    assert classic.health() == [("InService", "N/A", "N/A")]
    api.target_states.report(group.arn, instance, 30080, "unhealthy", "Target.Timeout")
    failed = "Instance has failed at least the UnhealthyThreshold number of health checks"
    assert classic.health() == [("OutOfService", "Instance", f"{failed} consecutively.")]
    classic.client.detach_load_balancer_from_subnets(**NAME, Subnets=classic.vpc.subnets[:1])
    assert "not configured to route" in classic.health()[0][2]
    assert api.snapshots.target_groups()[0].targets[0].address is None
    classic.vpc.ec2.terminate_instances(InstanceIds=[instance])
    assert classic.health() == [("OutOfService", "Instance", "Instance is in terminated state.")]
    given = {**NAME, "Instances": [{"InstanceId": instance}]}
    classic.client.deregister_instances_from_load_balancer(**given)
    refuses(classic.client.describe_instance_health, "InvalidInstance", instance, **given)
    assert classic.described["Instances"] == []


def test_instances_that_do_not_exist_are_refused(classic: Classic) -> None:
    classic.create()
    given = {**NAME, "Instances": [{"InstanceId": "i-0"}]}
    for call in ("register_instances_with", "deregister_instances_from"):
        refuses(getattr(classic.client, f"{call}_load_balancer"), "InvalidInstance", "i-0", **given)


def test_attributes(classic: Classic) -> None:
    classic.create()
    given = {"ConnectionSettings": {"IdleTimeout": 30}, "AccessLog": {"Enabled": False}}
    change = classic.client.modify_load_balancer_attributes
    change(**NAME, LoadBalancerAttributes=given)
    found = classic.client.describe_load_balancer_attributes(**NAME)["LoadBalancerAttributes"]
    assert found["ConnectionSettings"] == {"IdleTimeout": 30}
    assert found["CrossZoneLoadBalancing"] == {"Enabled": False}
    log = {"AccessLog": {"Enabled": True, "S3BucketName": "logs"}}
    mode = {"AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "monitor"}]}
    for refused, word in ((log, "access log"), (mode, "desync")):
        code = "InvalidConfigurationRequest"
        refuses(change, code, word, **NAME, LoadBalancerAttributes=refused)
    for seconds in (0, 3601):  # .../latest/classic/config-conn-drain.html
        draining = {"ConnectionDraining": {"Enabled": True, "Timeout": seconds}}
        words = "from 1 to 3600"
        refuses(change, "ValidationError", words, **NAME, LoadBalancerAttributes=draining)


def test_the_proxy_protocol_is_a_policy_of_instance_ports(api: AwsApi, classic: Classic) -> None:
    """.../latest/classic/enable-proxy-protocol.html"""
    elb, code = classic.client, "InvalidConfigurationRequest"
    classic.create()
    attribute = {"AttributeName": "ProxyProtocol", "AttributeValue": "true"}
    policy = {"PolicyName": "proxy", "PolicyTypeName": "ProxyProtocolPolicyType"}
    create, use = elb.create_load_balancer_policy, elb.set_load_balancer_policies_for_backend_server
    create(**NAME, **policy, PolicyAttributes=[attribute])
    use(**NAME, InstancePort=30080, PolicyNames=["proxy"])
    (tcp, http) = api.snapshots.load_balancers()[0].listeners
    assert (tcp.proxy_protocol, http.proxy_protocol) == (True, False)
    found = classic.described["BackendServerDescriptions"]
    assert found == [{"InstancePort": 30080, "PolicyNames": ["proxy"]}]
    refuses(elb.delete_load_balancer_policy, code, "in use", **NAME, PolicyName="proxy")
    refuses(use, code, "HTTP", **NAME, InstancePort=30081, PolicyNames=["proxy"])
    refuses(use, "PolicyNotFound", "none", **NAME, InstancePort=30080, PolicyNames=["none"])
    other = {"PolicyName": "ssl", "PolicyTypeName": "SSLNegotiationPolicyType"}
    refuses(create, code, "SSLNegotiationPolicyType", **NAME, **other)
    use(**NAME, InstancePort=30080, PolicyNames=[])
    elb.delete_load_balancer_policy(**NAME, PolicyName="proxy")
    assert classic.described["Policies"]["OtherPolicies"] == []


def test_what_is_not_implemented_is_refused_by_name(classic: Classic) -> None:
    classic.create()
    given = {**NAME, "PolicyName": "p", "CookieName": "c"}
    name = "CreateAppCookieStickinessPolicy"
    refuses(classic.client.create_app_cookie_stickiness_policy, "InvalidAction", name, **given)


def test_permissions_are_those_of_the_balancer(client: Client, classic: Classic) -> None:
    """docs.aws.amazon.com/service-authorization: loadbalancer/${LoadBalancerName}, and its tags."""
    classic.create(Tags=[{"Key": "team", "Value": "a"}])
    allow = {"Effect": "Allow", "Action": "elasticloadbalancing:*"}
    tagged = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    make_role(client, "by-name", document({**allow, "Resource": ARN}))
    make_role(client, "by-tag", document({**allow, "Resource": "*", "Condition": tagged}))
    classic.create(LoadBalancerName="two")
    for role in ("by-name", "by-tag"):
        elb = client("elb", *session(client, role))
        elb.describe_tags(LoadBalancerNames=["one"])
        words = f"assumed-role/{role}"
        refuses(elb.describe_tags, "AccessDenied", words, LoadBalancerNames=["two"])
