"""The types and functions of the installed pulumi-aws SDK.

The SDK is generated from the schema of the official provider, and so stands for it.
A kind is "str", "int", "float", "bool", ("list", kind), ("map", kind), or an object: a dict from
names to `Property`.
"""

import collections.abc
import inspect
import re
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, Union, get_args, get_origin, get_type_hints

import pulumi
import pulumi_aws
from pulumi import _types
from pulumi.runtime import rpc


@dataclass(frozen=True)
class Property:
    """One property. `doc`, its documentation on one line, is empty for an output."""

    kind: Any
    required: bool = False
    doc: str = ""

    @property
    def replaces(self) -> bool | None:
        """Whether the documentation says that a change needs a new resource; None: it is silent."""
        if _IN_PLACE.search(self.doc):
            return False
        return True if _REPLACES.search(self.doc) else None

    @property
    def default(self) -> Any:
        """The value that the documentation says holds without one; None if it says nothing."""
        found = _DEFAULT.search(self.doc)
        word = next((each for each in found.groups() if each is not None), None) if found else None
        if word is None or self.kind not in ("str", "int", "bool"):
            return None
        return {"bool": word == "true", "int": word.isdigit() and int(word)}.get(self.kind, word)


Properties = Mapping[str, Property]

_REPLACES = re.compile(
    r"[Ff]orces? (?:a )?new|force (?:\w+ )?recreation|cannot be changed|forces replacement"
)
_IN_PLACE = re.compile(r"stop/start of the EC2 instance by default")
_QUOTED = r"[`'\"]([^`'\"]+)[`'\"]"
_DEFAULT = re.compile(
    rf"\b[Dd]efaults?(?: value)?(?: is| to|:)? {_QUOTED}(?! for)"
    rf"|\b[Dd]efaults? (?:to )?(true|false|[A-Z_]{{4,}})\b|{_QUOTED} by default"
)


def inputs(token: str) -> Properties:
    """The inputs of a type."""
    made = _class(token)
    module = sys.modules[made.__module__]
    # The SDK adds Init where the name is that of an object of another type, too.
    given = getattr(module, f"{made.__name__}InitArgs", None)
    arguments: Properties = _kind(given or getattr(module, f"{made.__name__}Args"))
    return arguments


def outputs(token: str) -> Properties:
    """The outputs of a type, with its inputs."""
    return {name: Property(_kind(of)) for name, of in _types.resource_types(_class(token)).items()}


def arguments(token: str) -> Properties:
    """The arguments of a function."""
    function = _function(token)
    hints = get_type_hints(function, vars(sys.modules[function.__module__]))
    return {
        re.sub(r"_(\w)", lambda m: m[1].upper(), name): Property(
            _kind(hints[name]), each.default is inspect.Parameter.empty
        )
        for name, each in inspect.signature(function).parameters.items()
        if name != "opts"
    }


def result(token: str) -> Properties:
    """What a function answers."""
    function = _function(token)
    name = f"Get{token.rsplit(':get', 1)[1]}Result"
    answer: Properties = _kind(getattr(sys.modules[function.__module__], name))
    return answer


@cache
def _class(token: str) -> type:
    """The class that the SDK registers for a token such as `aws:ec2/vpc:Vpc`."""
    package, module, _ = token.split(":")
    (registered,) = rpc._RESOURCE_MODULES[f"{package}:{module}"]
    about = vars(registered)["mod_info"]
    made: type = _load(import_module(about["fqn"]), about["classes"][token])
    return made


@cache
def _function(token: str) -> Any:
    module, name = token.split(":")[1:]
    folder = module.split("/")[0]
    home = pulumi_aws if folder == "index" else getattr(pulumi_aws, folder)
    return _load(home, re.sub(r"([A-Z])", lambda m: f"_{m[1].lower()}", name))


def _load(module: Any, name: str) -> Any:
    with warnings.catch_warnings():
        # Modules load at the first access and warn of deprecated classes that nothing here uses.
        warnings.simplefilter("ignore", DeprecationWarning)
        return getattr(module, name)


def _kind(of: Any) -> Any:
    """The kind of an annotation of the SDK, without what all of its inputs may be as well."""
    if get_origin(of) in (Union, types.UnionType):
        kinds = [each for each in get_args(of) if not _aside(each)]
        return "str or object" if str in kinds and len(kinds) > 1 else _kind(kinds[0])
    if get_origin(of) is collections.abc.Sequence:
        return ("list", _kind(get_args(of)[0]))
    if get_origin(of) is collections.abc.Mapping:
        return ("map", _kind(get_args(of)[1]))
    return _Object(of) if of.__module__ != "builtins" else of.__name__


def _aside(of: Any) -> bool:
    """Whether it is nothing, a value not known yet, an enumeration, a resource or a plain dict."""
    kind = get_origin(of) or of
    aside = (type(None), collections.abc.Awaitable, pulumi.Output, pulumi.Resource, Enum)
    return issubclass(kind, aside) or kind.__name__.endswith("ArgsDict")


class _Object(Mapping[str, Property]):
    """The properties of one of the SDK's classes of inputs or outputs, which may contain
    themselves."""

    def __init__(self, of: type) -> None:
        self._of = of

    def __getitem__(self, name: str) -> Property:
        return _properties(self._of)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_properties(self._of))

    def __len__(self) -> int:
        return len(_properties(self._of))


@cache
def _properties(of: type) -> Properties:
    if not _types.is_input_type(of):
        return {name: Property(_kind(each)) for name, each in _types.output_type_types(of).items()}
    names = {known: name for name, known in _types.input_type_py_to_pulumi_names(of).items()}
    optional = of.__init__.__kwdefaults__ or {}  # type: ignore[misc]  # it is the class's own
    return {
        known: Property(
            _kind(each),
            names[known] not in optional,
            " ".join((getattr(of, names[known]).__doc__ or "").split()),
        )
        for known, each in _types.input_type_types(of).items()
    }


def fields(kind: Any) -> Properties:
    """The properties of an object, or of the objects of a list; none for any other kind."""
    inner = kind[1] if isinstance(kind, tuple) else kind
    return inner if isinstance(inner, Mapping) else {}
