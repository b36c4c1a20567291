"""AWS's default quotas of load balancers, and the errors of calls that exceed them.

docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html and
.../network/load-balancer-limits.html
"""

from localcloud.aws.errors import AwsError

# By the names of DescribeAccountLimits, where AWS has one: the quota and the error.
QUOTAS = {
    "application-load-balancers": (50, "TooManyLoadBalancers"),
    "network-load-balancers": (50, "TooManyLoadBalancers"),
    "listeners-per-application-load-balancer": (50, "TooManyListeners"),
    "listeners-per-network-load-balancer": (50, "TooManyListeners"),
    "rules-per-application-load-balancer": (100, "TooManyRules"),
    "condition-values-per-alb-rule": (5, "ValidationError"),
    "condition-wildcards-per-alb-rule": (5, "ValidationError"),
    "target-groups": (3000, "TooManyTargetGroups"),
    "target-groups-per-action-on-application-load-balancer": (5, "TooManyTargetGroups"),
    "target-groups-per-action-on-network-load-balancer": (1, "TooManyTargetGroups"),
    "target-groups-per-application-load-balancer": (
        100,
        "TooManyUniqueTargetGroupsPerLoadBalancer",
    ),
    "targets-per-application-load-balancer": (1000, "TooManyTargets"),
    "targets-per-target-group": (1000, "TooManyTargets"),
    # For DescribeAccountLimits only: tls.py checks the certificates of a listener.
    "certificates-per-application-load-balancer": (25, "TooManyCertificates"),
    "tags-per-resource": (50, "TooManyTags"),
}
UNNAMED = {"targets-per-target-group", "tags-per-resource"}  # not of DescribeAccountLimits


def account_limits() -> list[dict[str, str]]:
    """The quotas as DescribeAccountLimits tells them."""
    named = ((name, most) for name, (most, _) in QUOTAS.items() if name not in UNNAMED)
    return [{"Name": name, "Max": str(most)} for name, most in named]


def check(name: str, count: int) -> None:
    """Raise AwsError, with a code such as TooManyRules, if `count` is above the quota."""
    most, code = QUOTAS[name]
    if count > most:
        text = f"{count} {name.replace('-', ' ')} would exceed the quota, which is {most}"
        raise AwsError(code, text)
