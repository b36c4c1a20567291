"""The host name that a controller writes into a Service's or an Ingress's status, and the wait
for it."""

from typing import Any

import pulumi

# What the provider waits for in place of its own rules, which also wait for endpoints to settle.
# https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-await/
WAIT_FOR_HOSTNAME = {
    "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0].hostname}",
}
# For what has nothing to wait for: it works once it exists.
NO_WAIT = {"pulumi.com/skipAwait": "true"}


def load_balancer_hostname(status: pulumi.Output[Any]) -> pulumi.Output[str]:
    """The first host name in a status (of the SDK's types), unknown while it is not there.

    A preview of an update may show a status without it; `up` waits until the controller has
    written it.
    """
    return status.apply(_hostname)


def _hostname(status: Any) -> Any:
    ingress = status and status.load_balancer and status.load_balancer.ingress
    return ingress[0].hostname if ingress else pulumi.UNKNOWN
