"""Describe* of ELBv2 in pages: moto has none for most, and too small ones for the others."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.responses import ELBV2Response

from localcloud.aws import pages
from localcloud.aws.elbv2 import limits

# "PageSize: The maximum number of results to return with this call." (1 to 400, API_DescribeRules)
# Without it a page has 400: a client that reads only the first page of rules, as the AWS SDK for Go
# 1.44 does, gets all of them on AWS, too, where a load balancer has at most 100.
PAGE_SIZE = 400
Whole = Callable[[ELBV2Response], list[Any]]


def install() -> None:
    """Let moto's responses be in pages."""
    response: Any = ELBV2Response
    whole: dict[str, tuple[str, Whole]] = {
        "describe_account_limits": ("Limits", lambda _: limits.account_limits()),
        "describe_load_balancers": ("LoadBalancers", _load_balancers),
        "describe_rules": ("Rules", _rules),
    }
    for name, member in (
        ("describe_listener_certificates", "Certificates"),
        ("describe_listeners", "Listeners"),
        ("describe_ssl_policies", "SslPolicies"),
        ("describe_target_groups", "TargetGroups"),
    ):
        whole[name] = member, _whole(getattr(response, name), member)
    for name, (member, read) in whole.items():
        setattr(response, name, _in_pages(read, member))


def _whole(answer: Callable[[ELBV2Response], Any], member: str) -> Whole:
    return lambda response: list(answer(response).result[member])


def _load_balancers(response: ELBV2Response) -> list[Any]:
    arns, names = response._get_param("LoadBalancerArns"), response._get_param("Names")
    return list(response.elbv2_backend.describe_load_balancers(arns, names))


def _rules(response: ELBV2Response) -> list[Any]:
    listener, arns = response._get_param("ListenerArn"), response._get_param("RuleArns")
    return list(response.elbv2_backend.describe_rules(listener, arns))


def _in_pages(read: Whole, member: str) -> Callable[[ELBV2Response], ActionResult]:
    def answer(response: ELBV2Response) -> ActionResult:
        results = read(response)
        size, marker = response._get_param("PageSize"), response._get_param("Marker")
        page, more = pages.cut(results, marker, int(size or PAGE_SIZE), "ValidationError")
        return ActionResult({member: page, "NextMarker": more})

    return answer
