"""The table of AWS types: every type that the local cloud has, by its token."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from localcloud.plugins.aws.properties import unknown_token
from localcloud.plugins.aws.resource_type import ResourceType


@cache
def table() -> dict[str, ResourceType]:
    """The entries in the tuples TYPES of all files of this folder."""
    modules = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)]
    return {each.token: each for module in modules for each in getattr(module, "TYPES", ())}


def find(token: str) -> ResourceType:
    """The entry of a token. Raises PluginError if there is none."""
    if token not in table():
        raise unknown_token(token, table())
    return table()[token]
