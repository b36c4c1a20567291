"""The table: every AWS type that the local cloud has, found by its token."""

from difflib import get_close_matches
from functools import cache
from importlib import import_module

from localcloud.plugins.aws.table import ResourceType
from localcloud.plugins.provider import ProviderError

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
        close = get_close_matches(token, table(), 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise ProviderError(
            f"{token} is not in the local cloud{hint}: see docs/localcloud.md, how to add a type"
        )
    return table()[token]
