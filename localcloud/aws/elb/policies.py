"""The policies of Classic Load Balancers; only that for the PROXY protocol is implemented.

docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-proxy-protocol.html
"""

from typing import Any

from localcloud.aws.elb import checks
from localcloud.aws.elb_backend import Balancer, Elb
from localcloud.aws.errors import AwsError

Params = dict[str, Any]
Result = dict[str, Any]
PROXY = "ProxyProtocolPolicyType"


def create(elb: Elb, params: Params) -> Result:
    """A request that repeats a policy is no error."""
    balancer, name = elb.named(params["LoadBalancerName"]), params["PolicyName"]
    if params["PolicyTypeName"] != PROXY:
        raise checks.not_offered(f"a policy of type {params['PolicyTypeName']}")
    given = params.get("PolicyAttributes") or []
    values = {x["AttributeName"]: x["AttributeValue"].lower() for x in given}
    if values != {"ProxyProtocol": "true"}:
        raise checks.not_offered(f"a policy of type {PROXY} without ProxyProtocol true")
    balancer.policies[name] = {
        "PolicyName": name,
        "PolicyTypeName": PROXY,
        "PolicyAttributeDescriptions": given,
    }
    return {}


def delete(elb: Elb, params: Params) -> Result:
    balancer, name = elb.named(params["LoadBalancerName"]), params["PolicyName"]
    if any(name in used for used in balancer.proxied.values()):
        raise checks.conflict(f"The policy {name} is in use")
    balancer.policies.pop(name, None)
    return {}


def describe(elb: Elb, params: Params) -> Result:
    balancer = elb.named(params["LoadBalancerName"])
    asked = params.get("PolicyNames") or list(balancer.policies)
    return {"PolicyDescriptions": [_policy(balancer, name) for name in asked]}


def set_for_instances(elb: Elb, params: Params) -> Result:
    balancer, port = elb.named(params["LoadBalancerName"]), params["InstancePort"]
    for name in params["PolicyNames"]:
        _policy(balancer, name)
    before = balancer.proxied.get(port, [])
    balancer.proxied[port] = params["PolicyNames"]
    try:
        check(balancer)
    except AwsError:
        balancer.proxied[port] = before
        raise
    return {}


def check(balancer: Balancer) -> None:
    """Refuse the PROXY protocol for HTTP."""
    for each in balancer.listeners:
        if each["Protocol"] == "HTTP" and balancer.proxied.get(each["InstancePort"]):
            raise checks.not_offered("the PROXY protocol behind an HTTP listener")


def _policy(balancer: Balancer, name: str) -> dict[str, Any]:
    if name not in balancer.policies:
        message = f"There is no policy with name {name} for load balancer {balancer.name}"
        raise AwsError("PolicyNotFound", message)
    return balancer.policies[name]
