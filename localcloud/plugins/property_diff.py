"""The differences between two property values, by property path."""

import re
from enum import Enum
from typing import Any

from localcloud.plugins.values import UNKNOWN, Secret


class Change(Enum):
    """How a property path changed."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


def diff(old: Any, new: Any, path: str = "") -> dict[str, Change]:
    """The paths at which two values differ, as Pulumi writes paths: `spec.ports[0]["a.b"]`.

    Secrets are compared by what they hold; None equals absent; an unknown differs from everything.
    Lists are compared by position.
    """
    old, new = _unwrap(old), _unwrap(new)
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        pairs = ((_join(path, key), old.get(key), new.get(key)) for key in keys)
    elif isinstance(old, list) and isinstance(new, list):
        size = max(len(old), len(new))
        olds, news = old + [None] * (size - len(old)), new + [None] * (size - len(new))
        pairs = ((f"{path}[{i}]", olds[i], news[i]) for i in range(size))
    else:
        return _changed(old, new, path)
    return {at: change for sub, a, b in pairs for at, change in diff(a, b, sub).items()}


def _changed(old: Any, new: Any, path: str) -> dict[str, Change]:
    if old is None or new is None:
        if old is new:
            return {}
        return {path: Change.ADD if old is None else Change.DELETE}
    same = type(old) is type(new) or {type(old), type(new)} <= {int, float}
    return {} if same and old == new and new is not UNKNOWN else {path: Change.UPDATE}


def _unwrap(value: Any) -> Any:
    return _unwrap(value.value) if isinstance(value, Secret) else value


def _join(path: str, key: str) -> str:
    if re.fullmatch(r"[A-Za-z_$][\w$]*", key):
        return f"{path}.{key}" if path else key
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'{path}["{escaped}"]'
