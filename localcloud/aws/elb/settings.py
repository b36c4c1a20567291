"""The health check, attributes and tags of Classic Load Balancers."""

from typing import Any

from localcloud.aws import tags
from localcloud.aws.elb import checks
from localcloud.aws.elb_backend import Elb

Params = dict[str, Any]
Result = dict[str, Any]


def configure_health_check(elb: Elb, params: Params) -> Result:
    balancer = elb.named(params["LoadBalancerName"])
    checks.check_health_check(params["HealthCheck"])
    balancer.health_check = params["HealthCheck"]
    return {"HealthCheck": balancer.health_check}


def describe_attributes(elb: Elb, params: Params) -> Result:
    return {"LoadBalancerAttributes": elb.named(params["LoadBalancerName"]).attributes}


def modify_attributes(elb: Elb, params: Params) -> Result:
    balancer, given = elb.named(params["LoadBalancerName"]), params["LoadBalancerAttributes"]
    checks.check_attributes(given)
    balancer.attributes |= {name: value for name, value in given.items() if value}
    return {"LoadBalancerName": balancer.name, "LoadBalancerAttributes": balancer.attributes}


def add_tags(elb: Elb, params: Params) -> Result:
    for balancer in map(elb.named, params["LoadBalancerNames"]):
        balancer.tags = checks.merged_tags(params["Tags"], balancer.tags)
    return {}


def remove_tags(elb: Elb, params: Params) -> Result:
    for balancer in map(elb.named, params["LoadBalancerNames"]):
        for tag in params["Tags"]:
            balancer.tags.pop(tag["Key"], None)
    return {}


def describe_tags(elb: Elb, params: Params) -> Result:
    return {
        "TagDescriptions": [
            {"LoadBalancerName": name, "Tags": tags.described(elb.named(name).tags)}
            for name in params["LoadBalancerNames"]
        ]
    }
