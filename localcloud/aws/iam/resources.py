"""The resources of a call for policies: their ARNs and tags.

They are taken from the call's parameters. A call that names none, or one whose ARN is not derived
here, has the resource UNKNOWN, which any Allow statement matches.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from localcloud.aws import backends
from localcloud.aws.accounts import ACCOUNT, PARTITION, arn, iam_arn
from localcloud.aws.calls import Call
from localcloud.aws.iam import s3_actions
from localcloud.aws.wafv2.records import web_acl_arn

Tags = dict[str, str]
EC2_KINDS = {
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
}
EC2_MEMBERS = (
    "AllocationId", "GroupId", "InstanceId", "InstanceIds", "InternetGatewayId", "LaunchTemplateId",
    "NatGatewayId", "NetworkInterfaceId", "Resources", "RouteTableId", "SubnetId", "VpcId",
)  # fmt: skip
ELB_MEMBERS = (
    "ResourceArns", "LoadBalancerArn", "TargetGroupArn", "ListenerArn", "RuleArn",
)  # fmt: skip
IAM_MEMBERS = {
    "PolicyArn": "",
    "RoleName": "role/",
    "UserName": "user/",
    "GroupName": "group/",
    "InstanceProfileName": "instance-profile/",
    "OpenIDConnectProviderArn": "",
}
SHELL = "SSM-SessionManagerRunShell"  # the document of a session that names none
# For operations whose parameters name several resources: the parameter to authorize on; "" for
# none, so that the resource is UNKNOWN.
SUBJECT = {
    "CreateSecurityGroup": "VpcId",
    "CreateSubnet": "VpcId",
    "CreateLoadBalancer": "",
    "AttachRolePolicy": "RoleName",
    "DetachRolePolicy": "RoleName",
    "AddRoleToInstanceProfile": "InstanceProfileName",
    "RemoveRoleFromInstanceProfile": "InstanceProfileName",
}


def of(call: Call) -> list[str]:
    """The ARNs of a call's resources; empty if it names none."""
    finders = {
        "ec2": _ec2,
        "elasticloadbalancing": _elb,
        "iam": _iam,
        "sts": _sts,
        "eks": _eks,
        "eks-auth": _eks,
        "ssm": _ssm,
        "route53": _route53,
        "s3": _s3,
        "acm": _acm,
        "wafv2": _wafv2,
    }
    finder = finders.get(call.service.name)
    params = call.params
    if (subject := SUBJECT.get(call.operation)) is not None:
        params = {name: value for name, value in params.items() if name == subject}
    return list(dict.fromkeys(finder(call.region, params))) if finder else []


def _values(params: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        value = params.get(name)
        yield from value if isinstance(value, list) else [value] if value else []


def _ec2(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    for resource_id in _values(params, EC2_MEMBERS):
        kind = EC2_KINDS.get(resource_id.partition("-")[0])
        if kind:
            yield arn("ec2", region, f"{kind}/{resource_id}")


def _elb(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    yield from _values(params, ELB_MEMBERS)
    for name in _values(params, ("LoadBalancerName", "LoadBalancerNames")):  # classic ones
        yield arn("elasticloadbalancing", region, f"loadbalancer/{name}")


def _iam(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    for name, prefix in IAM_MEMBERS.items():
        for value in _values(params, (name,)):
            yield iam_arn(prefix + value) if prefix else value


def _sts(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    yield from _values(params, ("RoleArn",))


def _eks(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    if resource := params.get("resourceArn"):
        yield resource
    name = params.get("clusterName") or params.get("name")
    if name:
        yield arn("eks", region, f"cluster/{name}")


def _ssm(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    for instance_id in _values(params, ("InstanceIds", "Target")):
        yield arn("ec2", region, f"instance/{instance_id}")
    document = params.get("DocumentName") or (SHELL if "Target" in params else None)
    if document:  # those of AWS's own belong to no account
        account = "" if document.startswith("AWS-") else ACCOUNT
        yield f"arn:{PARTITION}:ssm:{region}:{account}:document/{document}"
    for session_id in _values(params, ("SessionId",)):
        yield arn("ssm", region, f"session/{session_id}")


def _route53(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    for name in ("HostedZoneId", "Id"):
        for value in _values(params, (name,)):
            yield f"arn:aws:route53:::hostedzone/{value.rpartition('/')[2]}"


def _s3(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    yield from s3_actions.resources(params)


def _acm(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    yield from _values(params, ("CertificateArn",))


def _wafv2(region: str, params: Mapping[str, Any]) -> Iterator[str]:
    yield from _values(params, ("ARN", "WebACLArn", "ResourceArn", "ResourceARN"))
    if id_ := params.get("Id"):
        yield web_acl_arn(region, params.get("Name", ""), id_)


def tags_of(resource: str) -> Tags:
    """The tags of an EC2 or ELB resource, by its ARN."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[2] not in ("ec2", "elasticloadbalancing"):
        return {}
    if parts[2] == "ec2":
        return dict(backends.ec2(parts[3]).tags.get(parts[5].partition("/")[2], {}))
    if classic := backends.elb(parts[3]).load_balancers.get(parts[5].partition("/")[2]):
        return classic.tags
    found: Tags = backends.elbv2(parts[3]).tagging_service.get_tag_dict_for_resource(resource)
    return found


def requested_tags(params: Mapping[str, Any]) -> Tags:
    """The tags in a request."""
    given = list(params.get("Tags") or [])
    for specification in params.get("TagSpecifications") or []:
        given += specification.get("Tags") or []
    if isinstance(params.get("tags"), dict):
        return dict(params["tags"])
    return {  # KMS uses TagKey and TagValue
        tag.get("Key") or tag["TagKey"]: tag.get("Value") or tag.get("TagValue") or ""
        for tag in given
        if isinstance(tag, dict)
    }
