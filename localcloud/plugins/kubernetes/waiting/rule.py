"""What a rule is: related collections to watch, and a judgement of what they hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.objects import Obj

POD = Kind("", "v1", "Pod")
TIMEOUT = 600.0  # seconds, as the official provider waits


@dataclass(frozen=True, slots=True)
class Related:
    """Other objects in the same namespace that a rule looks at, by kind and selectors."""

    kind: Kind
    labels: str = ""
    fields: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What is known at one moment: the object itself and the related ones by name."""

    own: Obj
    others: Mapping[str, list[Obj]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement.

    `message` is the state in a few words; `problems` what is known to be wrong; `failed` ends the
    wait at once; `quiet` makes it ready if nothing changes for so many seconds.
    """

    ready: bool
    message: str = ""
    problems: tuple[str, ...] = ()
    failed: bool = False
    quiet: float = 0.0


def no_related(_: Obj) -> Mapping[str, Related]:
    """For rules that look at the object alone."""
    return {}


@dataclass(frozen=True, slots=True)
class Rule:
    """When objects of a kind are ready."""

    judge: Callable[[View], Verdict]
    related: Callable[[Obj], Mapping[str, Related]] = no_related
    timeout: float = TIMEOUT
