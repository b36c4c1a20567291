"""The table: every AWS type that the local cloud has, found by its token."""

from functools import cache
from importlib import import_module

from localcloud.plugins.aws.properties import unknown_token
from localcloud.plugins.aws.table import ResourceType

MODULES = (
    "vpc",
    "gateways",
    "routes",
    "security",
    "launch_templates",
    "instances",
    "roles",
    "policies",
    "profiles",
    "oidc",
    "kms",
    "logs",
    "route53",
    "clusters",
    "nodegroups",
    "addons",
    "access",
)
"""The files of this folder; each has its entries in a tuple TYPES."""


@cache
def table() -> dict[str, ResourceType]:
    """Every entry, by token."""
    modules = (import_module(f"{__name__}.{module}") for module in MODULES)
    return {kind.token: kind for module in modules for kind in module.TYPES}


def find(token: str) -> ResourceType:
    """The entry of a token. Raises ProviderError, with the way out, if there is none."""
    if token not in table():
        raise unknown_token(token, table())
    return table()[token]
