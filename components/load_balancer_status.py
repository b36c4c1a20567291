"""The host name that a controller writes into a Service's or an Ingress's status, and the wait
for it."""

from typing import Any

import pulumi

# What the provider waits for in place of its own rules, which also wait for endpoints to settle.
# https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-await/
WAIT_FOR_HOSTNAME = {
    "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0].hostname}",
}
# For a Service without a load balancer, which works as soon as it exists.
NO_WAIT = {"pulumi.com/skipAwait": "true"}


def load_balancer_hostname(status: pulumi.Output[Any]) -> pulumi.Output[str]:
    """The first host name in a status (of the SDK's types), unknown if there is none.

    After a failed wait the state has no host name: a preview then shows it as unknown, and the next
    `up` waits again and reads it.
    """
    return status.apply(_hostname)


def _hostname(status: Any) -> Any:
    ingress = status and status.load_balancer and status.load_balancer.ingress
    return ingress[0].hostname if ingress else pulumi.UNKNOWN
