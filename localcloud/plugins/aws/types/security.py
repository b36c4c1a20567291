"""Security groups and their rules."""

from typing import Any

from localcloud.plugins.aws.kinds import boolean, integer, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Autoname,
    Resource,
    ResourceType,
    Timeouts,
    update,
)
from localcloud.plugins.aws.rules import cidr, matching
from localcloud.plugins.aws.types.ec2_shared import arn, own_arn, tagging

_PORT = integer(lambda value: None if -1 <= value <= 65535 else "must be a port, or -1 for all")

_READ_GROUP = ApiCall(
    "describe_security_groups", lambda r: {"GroupIds": [r.id]}, "SecurityGroups[0]"
)
_DIRECTIONS = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}


def _empty(resource: Resource, *directions: str) -> None:
    """Revoke all rules of these directions."""
    group = _READ_GROUP(resource)
    for direction in directions:
        if rules := group[_DIRECTIONS[direction]]:
            operation = f"revoke_security_group_{direction}"
            resource.invoke(operation, GroupId=resource.id, IpPermissions=rules)


def _delete_group(resource: Resource) -> None:
    if resource["revokeRulesOnDelete"]:
        _empty(resource, "ingress", "egress")
    resource.invoke("delete_security_group", GroupId=resource.id)


SECURITY_GROUP = ResourceType(
    token="aws:ec2/securityGroup:SecurityGroup",
    service="ec2",
    properties={
        "name": Prop(
            string(matching(r"(?!sg-).{1,255}", "1 to 255 characters that do not start with sg-")),
            replace=True,
            aws="GroupName",
        ),
        "namePrefix": Prop(replace=True, read=None),
        "description": Prop(default="Managed by Pulumi", replace=True),
        "vpcId": Prop(replace=True, computed=True),
        "revokeRulesOnDelete": Prop(boolean(), default=False, read=None),
    },
    outputs={"arn": arn("security-group"), "ownerId": "OwnerId"},
    autoname=Autoname(),
    create=ApiCall("create_security_group", lambda r: r.creation("name", "description", "vpcId")),
    id="GroupId",
    # AWS gives a new group a rule for all egress, which the official provider revokes too.
    after_create=(lambda r: _empty(r, "egress"),),
    read=_READ_GROUP,
    delete=_delete_group,
    missing=("InvalidGroup.NotFound", "InvalidGroupId.Malformed"),
    busy=("DependencyViolation", "InvalidGroup.InUse"),
    tagging=tagging("security-group"),
    timeouts=Timeouts(600, 600, 900),
)

DEFAULT_SECURITY_GROUP = ResourceType(
    token="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    service="ec2",
    properties={"vpcId": Prop(required=True, replace=True)},
    outputs={
        "arn": arn("security-group"),
        "ownerId": "OwnerId",
        "name": "GroupName",
        "description": "Description",
    },
    # AWS made it with the VPC: it is adopted, its rules are revoked, and a deletion leaves it.
    create=ApiCall(
        "describe_security_groups",
        lambda r: {
            "Filters": [
                {"Name": "vpc-id", "Values": [r["vpcId"]]},
                {"Name": "group-name", "Values": ["default"]},
            ]
        },
        "SecurityGroups[0]",
    ),
    id="GroupId",
    after_create=(lambda r: _empty(r, "ingress", "egress"),),
    read=_READ_GROUP,
    delete=lambda r: None,
    missing=("InvalidGroup.NotFound",),
    tagging=tagging("security-group"),
)

_RULE = ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "referencedSecurityGroupId", "description")


def _permission(resource: Resource) -> dict[str, Any]:
    """The rule as AuthorizeSecurityGroupIngress and -Egress take it."""
    permission = resource.arguments("ipProtocol", "fromPort", "toPort")
    description = {"Description": resource["description"]} if resource["description"] else {}
    if resource["cidrIpv4"]:
        permission["IpRanges"] = [{"CidrIp": resource["cidrIpv4"], **description}]
    if resource["referencedSecurityGroupId"]:
        permission["UserIdGroupPairs"] = [
            {"GroupId": resource["referencedSecurityGroupId"], **description}
        ]
    return permission


def _modification(resource: Resource) -> dict[str, Any]:
    """The rule as ModifySecurityGroupRules takes it."""
    rule = resource.arguments("ipProtocol", "fromPort", "toPort", "cidrIpv4", "description")
    group = resource["referencedSecurityGroupId"]
    rule |= {"ReferencedGroupId": group} if group else {}
    changed = [{"SecurityGroupRuleId": resource.id, "SecurityGroupRule": rule}]
    return {"GroupId": resource["securityGroupId"], "SecurityGroupRules": changed}


def _port_unless_all_protocols(port: str) -> str:
    """The path of a port: null in a rule for all protocols, for which AWS returns -1."""
    return f"IpProtocol != '-1' && {port} || `null`"


_RULE_PROPERTIES = {
    "securityGroupId": Prop(required=True, replace=True, read="GroupId"),
    "ipProtocol": Prop(required=True),
    "fromPort": Prop(_PORT, read=_port_unless_all_protocols("FromPort")),
    "toPort": Prop(_PORT, read=_port_unless_all_protocols("ToPort")),
    "cidrIpv4": Prop(string(cidr)),
    "referencedSecurityGroupId": Prop(read="ReferencedGroupInfo.GroupId"),
    "description": Prop(),
}


def _rule(direction: str) -> ResourceType:
    """The entry for rules of one direction: `Ingress` or `Egress`."""
    name = f"securityGroup{direction}Rule"
    word = direction.lower()
    return ResourceType(
        token=f"aws:vpc/{name}:{name[0].upper()}{name[1:]}",
        service="ec2",
        properties=_RULE_PROPERTIES,
        outputs={
            "arn": own_arn("security-group-rule"),
            "securityGroupRuleId": "SecurityGroupRuleId",
        },
        create=ApiCall(
            f"authorize_security_group_{word}",
            lambda r: {
                "GroupId": r["securityGroupId"],
                "IpPermissions": [_permission(r)],
                **r.tag_arguments(),
            },
            "SecurityGroupRules[0]",
        ),
        id="SecurityGroupRuleId",
        read=ApiCall(
            "describe_security_group_rules",
            lambda r: {"SecurityGroupRuleIds": [r.id]},
            "SecurityGroupRules[0]",
        ),
        updates=(update(_RULE, "modify_security_group_rules", _modification),),
        delete=ApiCall(
            f"revoke_security_group_{word}",
            lambda r: {"GroupId": r["securityGroupId"], "SecurityGroupRuleIds": [r.id]},
        ),
        missing=(
            "InvalidSecurityGroupRuleId.NotFound",
            "InvalidPermission.NotFound",
            "InvalidGroup.NotFound",
        ),
        delete_first=("securityGroupId", *_RULE),
        tagging=tagging("security-group-rule"),
    )


TYPES = (SECURITY_GROUP, DEFAULT_SECURITY_GROUP, _rule("Ingress"), _rule("Egress"))
