"""Kubernetes objects as plain dicts, and what is commonly read from them."""

from collections.abc import Iterator, Mapping
from typing import Any

Obj = dict[str, Any]


def pluck(obj: Any, *path: str, default: Any = None) -> Any:
    """The value under nested keys, or `default` where one is missing or null."""
    for key in path:
        if not isinstance(obj, Mapping) or obj.get(key) is None:
            return default
        obj = obj[key]
    return obj


def name(obj: Obj) -> str:
    """`metadata.name`, or an empty string."""
    return str(pluck(obj, "metadata", "name", default=""))


def namespace(obj: Obj) -> str:
    """`metadata.namespace`, or an empty string."""
    return str(pluck(obj, "metadata", "namespace", default=""))


def uid(obj: Obj) -> str:
    """`metadata.uid`, or an empty string."""
    return str(pluck(obj, "metadata", "uid", default=""))


def qualified(obj: Obj) -> str:
    """`namespace/name`, or `name` for what has no namespace: the Pulumi id of an object."""
    return f"{namespace(obj)}/{name(obj)}" if namespace(obj) else name(obj)


def annotation(obj: Obj, key: str) -> str:
    """The value of an annotation, or an empty string where it is missing or not known yet."""
    value = pluck(obj, "metadata", "annotations", key)
    return value if isinstance(value, str) else ""


def condition(obj: Obj, type_: str) -> Obj:
    """The status condition of that type, or an empty dict."""
    for item in pluck(obj, "status", "conditions", default=[]):
        if item.get("type") == type_:
            return dict(item)
    return {}


def is_true(obj: Obj, type_: str) -> bool:
    """Whether the status condition of that type is True."""
    return bool(condition(obj, type_).get("status") == "True")


def observed(obj: Obj) -> bool:
    """Whether the controller has seen the present generation of the object."""
    seen = pluck(obj, "status", "observedGeneration", default=0)
    return bool(seen >= pluck(obj, "metadata", "generation", default=0))


def owned_by(obj: Obj, owner: Obj) -> bool:
    """Whether `owner` is among the owner references of `obj`."""
    references = pluck(obj, "metadata", "ownerReferences", default=[])
    return any(reference.get("uid") == uid(owner) for reference in references)


def without_nulls(value: Any) -> Any:
    """The same value without keys that hold null: Kubernetes takes null and absent as equal."""
    if isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def label_selector(selector: Obj) -> str:
    """A LabelSelector in the query form of the API: `app=a,tier in (x,y),!gone`."""
    return ",".join([*_equalities(selector), *_expressions(selector)])


def _equalities(selector: Obj) -> Iterator[str]:
    for key, value in sorted(selector.get("matchLabels", {}).items()):
        yield f"{key}={value}"


def _expressions(selector: Obj) -> Iterator[str]:
    for expression in selector.get("matchExpressions", []):
        key, values = expression["key"], ",".join(expression.get("values", []))
        yield {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }[expression["operator"]]
