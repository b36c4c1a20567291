"""The entries of the table of functions (functions.py), such as that of `aws.get_region()`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.plugins.aws.properties import Prop

Args = Mapping[str, Any]
CallAws = Callable[..., Any]
"""call_aws(service, operation, **arguments) calls AWS in the function's region."""


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function.

    Args:
        token: as the SDK invokes it.
        inputs: its inputs; `region` is added if `regional`.
        result: returns the outputs, from the inputs, the region and `call_aws`.
    """

    token: str
    inputs: Mapping[str, Prop] = field(default_factory=dict)
    result: Callable[[Args, str, CallAws], Mapping[str, Any]]
    regional: bool = True

    @property
    def arguments(self) -> dict[str, Prop]:
        """Every input, with the one that `regional` adds."""
        return {**self.inputs, **({"region": Prop()} if self.regional else {})}
