"""What a stack that stands cannot change in place, compared with the outputs of its last run."""

from collections.abc import Mapping

import pulumi
from pulumi.runtime import invoke

from settings.reader import refuse

_WAY_OUT = "set it back, or run pulumi destroy before the change, or use another stack"


def require_unchanged(wanted: Mapping[str, tuple[str, str]]) -> None:
    """Raises pulumi.RunError when one of the stack's outputs has another value.

    `wanted` has the setting and its value by the output's name. All of them would replace the
    cluster, which cannot stand twice under one name, and with it everything inside.
    """
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    found = invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value["outputs"]
    for output, (key, value) in wanted.items():
        before = found.get(output, value)
        if before != value:
            refuse(key, value, f"the stack's cluster stands with {before}; {_WAY_OUT}")
