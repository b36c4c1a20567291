"""Authorization: the policies of a caller and of a bucket, applied to a call."""

from collections.abc import Iterator
from dataclasses import replace

from localcloud.aws import backends
from localcloud.aws.accounts import ACCOUNT
from localcloud.aws.caller import Caller
from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError
from localcloud.aws.iam import policy, principals, resources, s3_actions
from localcloud.aws.iam.policy import PermissionRequest

PREFIXES = {"tagging": "tag"}  # where actions do not start with the service's signing name
ALWAYS_ALLOWED = {"sts:GetCallerIdentity", "sts:GetSessionToken"}  # allowed without any policy
ROLE_PARAMETERS = {  # the parameters that pass a role to EKS
    "CreateCluster": ("roleArn",),
    "CreateNodegroup": ("nodeRole",),
    "CreateAddon": ("serviceAccountRoleArn",),
    "CreatePodIdentityAssociation": ("roleArn",),
    "UpdatePodIdentityAssociation": ("roleArn",),
}
# docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html, dependent actions
WEB_ACL_CHANGES = {"wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"}
CODES = {"ec2": "UnauthorizedOperation", "json": "AccessDeniedException"}  # by protocol
# docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
REASON = {
    "denied": "with an explicit deny in {a_policy}",
    "not allowed": "because no {type} allows the {action} action",
}


def action_of(call: Call) -> str:
    """The action that policies name for a call."""
    if call.service.name == "s3":
        return f"s3:{s3_actions.action(call.operation, call.params)}"
    prefix = PREFIXES.get(call.service.name, call.service.name)
    return f"{prefix}:{call.operation}"


def authorize(call: Call, protocol: str) -> set[str]:
    """The actions that a call needs.

    Raises AwsError unless the caller's policies, or the policy of the bucket, allow each of them.
    """
    assert call.caller, "only a call with a caller is authorised"
    found = principals.policies_of(call.caller)
    needed = list(requests(call, call.caller))
    bucket_policy = _bucket_policy(call)
    for request in needed:
        by_bucket = policy.evaluate_resource_policy(
            bucket_policy, replace(request, principals=_names(call.caller))
        )
        by_identity = found.of_identity(request)
        # Within one account an Allow in either policy is enough, and a Deny in either one wins.
        stronger = max(by_bucket, by_identity, key=("not allowed", "allowed", "denied").index)
        kind = "identity-based policy" if stronger == by_identity else "resource-based policy"
        verdicts = {kind: stronger, **found.of_limits(request)}
        for verdict in ("denied", "not allowed"):
            for kind, each in verdicts.items():
                if each == verdict:
                    raise _refusal(call.caller, request, verdict, kind, protocol)
    return {request.action for request in needed}


def _bucket_policy(call: Call) -> str:
    """The policy of the bucket that a call names."""
    name = call.params.get("Bucket") if call.service.name == "s3" else None
    bucket = backends.s3().buckets.get(str(name))
    return bucket.policy.decode() if bucket and bucket.policy else policy.NOTHING


def _names(caller: Caller) -> frozenset[str]:
    """The principals of a bucket policy that are this caller."""
    return frozenset({caller.arn, caller.principal})


def _refusal(
    caller: Caller, request: PermissionRequest, verdict: str, kind: str, protocol: str
) -> AwsError:
    names = ", ".join(request.resources)
    on = "" if names == policy.UNKNOWN else f" on resource: {names}"
    a = "an" if kind.startswith("i") else "a"
    reason = REASON[verdict].format(action=request.action, type=kind, a_policy=f"{a} {kind}")
    code = CODES.get(protocol.removeprefix("rest-"), "AccessDenied")
    message = f"User: {caller.arn} is not authorized to perform: {request.action}{on} {reason}"
    return AwsError(code, message, 403)


def requests(call: Call, caller: Caller) -> Iterator[PermissionRequest]:
    """What has to be allowed for a call: its action, passing roles, and tagging what it creates.

    AWS also requires elasticloadbalancing:AddTags for creation. The policy of the load balancer
    controller 2.4.5 is older than this rule and lacks it, so it is not required here.
    """
    action = action_of(call)
    if action in ALWAYS_ALLOWED:
        return
    for role in ROLE_PARAMETERS.get(call.operation, ()):
        if call.service.name == "eks" and call.params.get(role):
            yield PermissionRequest(
                "iam:PassRole", (call.params[role],), context(call, caller, policy.UNKNOWN)
            )
    if action in WEB_ACL_CHANGES:
        balancer = call.params["ResourceArn"]
        yield PermissionRequest(
            "elasticloadbalancing:SetWebAcl", (balancer,), context(call, caller, balancer)
        )
    names = resources.of(call)
    for name in names or [policy.UNKNOWN]:
        yield PermissionRequest(action, (name,), context(call, caller, name))
    for specification in call.params.get("TagSpecifications") or []:
        if call.service.name == "ec2" and call.operation.startswith(("Create", "Run", "Allocate")):
            yield _tagging(call, caller, specification["ResourceType"])


def _tagging(call: Call, caller: Caller, kind: str) -> PermissionRequest:
    resource = f"arn:aws:ec2:{call.region}:{ACCOUNT}:{kind}/*"
    added = {"ec2:createaction": (call.operation,)}
    return PermissionRequest(
        "ec2:CreateTags", (resource,), context(call, caller, policy.UNKNOWN) | added
    )


def context(call: Call, caller: Caller, resource: str) -> dict[str, tuple[str, ...]]:
    """The keys of a call's context, lower-case, for one of its resources."""
    found: dict[str, tuple[str, ...]] = {
        "aws:principalarn": (caller.principal,),
        "aws:principalaccount": (ACCOUNT,),
        "aws:principaltype": ("User" if caller.user else "AssumedRole",),
        "aws:requestedregion": (call.region,),
        "aws:resourceaccount": (ACCOUNT,),
        "aws:securetransport": ("true",),
    }
    if caller.user:
        found["aws:username"] = (caller.user,)
    for name, value in principals.session_tags(caller).items():
        found[f"aws:principaltag/{name}".lower()] = (value,)
    requested = resources.requested_tags(call.params)
    for name, value in requested.items():
        found[f"aws:requesttag/{name}".lower()] = (value,)
    if requested:
        found["aws:tagkeys"] = tuple(requested)
    resource_tags = resources.tags_of(resource) if resource != policy.UNKNOWN else {}
    for name, value in resource_tags.items():
        for prefix in ("aws:resourcetag", f"{call.service.name}:resourcetag"):
            found[f"{prefix}/{name}".lower()] = (value,)
    if action_of(call) == "ssm:StartSession":  # the document's permission is always checked
        found["ssm:sessiondocumentaccesscheck"] = ("true",)
    if linked := call.params.get("AWSServiceName"):
        found["iam:awsservicename"] = (linked,)
    if attached := call.params.get("PolicyArn"):
        found["iam:policyarn"] = (attached,)
    return found
