"""The operations of AWS WAF that the cloud offers: docs.aws.amazon.com/waf/latest/APIReference."""

import uuid
from collections.abc import Callable
from typing import Any

from localcloud.aws import backends, pages, tags, validation
from localcloud.aws.accounts import ACCOUNT
from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.wafv2 import rules
from localcloud.aws.wafv2.records import Waf, WebAcl, missing, of_region, web_acl_arn
from localcloud.aws.wafv2.rules import INVALID

Result = dict[str, Any]
QUOTA = 100  # web ACLs per region: docs.aws.amazon.com/waf/latest/developerguide/limits.html
RESERVED = ("All", "Default_Action")  # APIReference/API_VisibilityConfig.html, MetricName
_CONTENT = ("DefaultAction", "Description", "Rules", "VisibilityConfig")
_OFFERED = {"Name", "Scope", "Id", "LockToken", "Tags", *_CONTENT}


def create(call: Call) -> Result:
    """CreateWebACL."""
    params, region = call.params, of_region(call.region)
    name, content = params["Name"], _content(call)
    if any(each.name == name for each in region.records.values()):
        raise AwsError(
            "WAFDuplicateItemException",
            "AWS WAF couldn't perform the operation because some resource in your request is a"
            f" duplicate of an existing one: {name}",
        )
    if len(region.records) == QUOTA:
        raise AwsError("WAFLimitsExceededException", f"A region has {QUOTA} web ACLs, by quota")
    id_ = str(uuid.uuid4())
    made = WebAcl(
        web_acl_arn(call.region, name, id_),
        id_, name, content, rules.capacity(content["Rules"]),
    )  # fmt: skip
    _add_tags(made, params.get("Tags", []))
    region.records[made.arn] = made
    return {"Summary": _summary(made)}


def _content(call: Call) -> dict[str, Any]:
    params = call.params
    if more := sorted(name for name, value in params.items() if value and name not in _OFFERED):
        raise not_offered(f"{', '.join(more)} of {call.operation}", INVALID)
    if len(params["DefaultAction"]) != 1 or any(params["DefaultAction"].values()):
        raise not_offered("a default action but plain Allow or Block", INVALID)
    for each in (params, *params.get("Rules", [])):
        if (metric := each["VisibilityConfig"]["MetricName"]) in RESERVED:
            raise AwsError(INVALID, f"The metric name {metric} is reserved for AWS WAF")
    given = {name: params[name] for name in _CONTENT if name in params}
    return {"Rules": [], **given}


def _summary(found: WebAcl) -> Result:
    return {
        "Name": found.name,
        "Id": found.id,
        "Description": found.content.get("Description", ""),
        "LockToken": found.lock_token,
        "ARN": found.arn,
    }


def _described(found: WebAcl) -> Result:
    return {
        "Name": found.name,
        "Id": found.id,
        "ARN": found.arn,
        **found.content,
        "Capacity": found.capacity,
        "ManagedByFirewallManager": False,
        "LabelNamespace": f"awswaf:{ACCOUNT}:webacl:{found.name}:",
        "RetrofittedByFirewallManager": False,
    }


def get(call: Call) -> Result:
    found = _named(call)
    return {"WebACL": _described(found), "LockToken": found.lock_token}


def list_all(call: Call) -> Result:
    found, size = list(of_region(call.region).records.values()), call.params.get("Limit", QUOTA)
    page, following = pages.cut(found, call.params.get("NextMarker"), size, INVALID)
    return {"WebACLs": list(map(_summary, page)), "NextMarker": following}


def update(call: Call) -> Result:
    """UpdateWebACL: all of the content is set anew."""
    found, content = _named(call), _content(call)
    found.require(call.params["LockToken"])
    found.capacity = rules.capacity(content["Rules"])
    found.content, found.lock_token = content, str(uuid.uuid4())
    return {"NextLockToken": found.lock_token}


def delete(call: Call) -> Result:
    found, region = _named(call), of_region(call.region)
    found.require(call.params["LockToken"])
    if found.arn in region.associated.values():
        raise AwsError(
            "WAFAssociatedItemException",
            "AWS WAF couldn't perform the operation because your resource is being used by another"
            " resource or it's associated with another resource.",
        )
    del region.records[found.arn]
    return {}


def associate(call: Call) -> Result:
    """AssociateWebACL, in place of the load balancer's former one."""
    region = of_region(call.region)
    acl = region.find(call.params["WebACLArn"])
    region.associated[_load_balancer(call, region)] = acl.arn
    return {}


def disassociate(call: Call) -> Result:
    region = of_region(call.region)
    region.associated.pop(_load_balancer(call, region), None)
    return {}


def get_for_resource(call: Call) -> Result:
    region = of_region(call.region)
    found = region.associated.get(_load_balancer(call, region))
    return {"WebACL": _described(region.find(found))} if found else {}


def list_resources(call: Call) -> Result:
    region = of_region(call.region)
    acl = region.find(call.params["WebACLArn"])
    kind = call.params.get("ResourceType", "APPLICATION_LOAD_BALANCER")
    found = region.associated.items() if kind == "APPLICATION_LOAD_BALANCER" else ()
    return {"ResourceArns": [resource for resource, each in found if each == acl.arn]}


def _load_balancer(call: Call, region: Waf) -> str:
    """The ARN of a call's application load balancer."""
    resource = str(call.params["ResourceArn"])
    if ":loadbalancer/app/" not in resource:
        raise not_offered(
            f"a web ACL for {resource} (an Application Load Balancer can have one)", INVALID
        )
    if resource not in backends.elbv2(region.region_name).load_balancers:
        raise missing(resource)
    return resource


def add_tags(call: Call) -> Result:
    _add_tags(_tagged(call), call.params["Tags"])
    return {}


def remove_tags(call: Call) -> Result:
    present = _tagged(call).tags
    for key in call.params["TagKeys"]:
        present.pop(key, None)
    return {}


def list_tags(call: Call) -> Result:
    found = _tagged(call)
    listed = tags.described(found.tags)
    return {"TagInfoForResource": {"ResourceARN": found.arn, "TagList": listed}}


def _add_tags(found: WebAcl, given: list[dict[str, str]]) -> None:
    codes = "WAFTagOperationException", "WAFLimitsExceededException"
    found.tags = tags.added(found.tags, given, "A web ACL", *codes)


def _tagged(call: Call) -> WebAcl:
    return of_region(call.region).find(call.params["ResourceARN"])


def _named(call: Call) -> WebAcl:
    """By ARN, or by name and id."""
    params, region = call.params, of_region(call.region)
    if params.get("ARN"):
        return region.find(params["ARN"])
    name, id_ = params.get("Name", ""), params.get("Id", "")
    return region.find(web_acl_arn(call.region, name, id_))


OPERATIONS: dict[str, Callable[[Call], Result]] = {
    "CreateWebACL": create,
    "GetWebACL": get,
    "ListWebACLs": list_all,
    "UpdateWebACL": update,
    "DeleteWebACL": delete,
    "AssociateWebACL": associate,
    "DisassociateWebACL": disassociate,
    "GetWebACLForResource": get_for_resource,
    "ListResourcesForWebACL": list_resources,
    "TagResource": add_tags,
    "UntagResource": remove_tags,
    "ListTagsForResource": list_tags,
}


def answer(call: Call) -> Result:
    """The result of a call. Raises AwsError for an operation that the cloud does not have."""
    operation = validation.checked(call, OPERATIONS, INVALID)
    if call.params.get("Scope", "REGIONAL") != "REGIONAL":
        raise not_offered("the scope CLOUDFRONT", INVALID)
    return operation(call)
