"""Field managers: whose fields may be taken over, and which fields of others are to be left."""

import re
from collections.abc import Iterable
from typing import Any

from localcloud.plugins.kubernetes.manifest import parts
from localcloud.plugins.kubernetes.objects import Obj, pluck

CLAIM = "pulumi.com/managed"

# Who made an object before Pulumi imported it: as the official provider, theirs become ours.
_TAKEN_OVER = {
    "before-first-apply",
    "kubectl",
    "kubectl-client-side-apply",
    "kubectl-create",
    "pulumi-kubernetes",
    "pulumi-resource-kubernetes",
}


def claiming(body: Obj) -> Obj:
    """The object with at least one field to own.

    The API server keeps no record of a manager that owns nothing, as of a Namespace that is only a
    name; a run after a killed one would then not know it as its own.
    """
    metadata = body.get("metadata", {})
    if body.keys() - {"apiVersion", "kind", "metadata"} or metadata.keys() - {"name", "namespace"}:
        return body
    return {**body, "metadata": {**metadata, "annotations": {CLAIM: "true"}}}


def taken_over(conflicts: Iterable[tuple[str, str]]) -> bool:
    """Whether all conflicts are with managers whose fields we take over."""
    names = [re.search(r'conflict with "([^"]+)"', message) for _, message in conflicts]
    return all(match and match[1] in _TAKEN_OVER for match in names)


def ignoring(body: Obj, live: Obj, ignored: Iterable[str], manager: str) -> Obj:
    """The object to apply where some paths are ignored (`ignoreChanges`).

    What another manager owns and we do not is left out, so that it stays theirs; else the live
    value is sent, so that it stays. Paths into lists stay as the engine set them.
    """
    for path in ignored:
        at = parts(path)
        if any(isinstance(part, int) for part in at):
            continue
        keys = [str(part) for part in at]
        value = pluck(live, *keys)
        if _owned(live, keys, manager, others=True) and not _owned(live, keys, manager):
            body = _with(body, keys, None)
        elif value is not None:
            body = _with(body, keys, value)
    return body


def _owned(live: Obj, keys: list[str], manager: str, *, others: bool = False) -> bool:
    fields = [f"f:{key}" for key in keys]
    for entry in pluck(live, "metadata", "managedFields", default=[]):
        owner_is_us = entry.get("manager") == manager
        if owner_is_us is not others and _has(entry.get("fieldsV1"), fields):
            return True
    return False


def _has(tree: Any, fields: list[str]) -> bool:
    for field in fields:
        if not isinstance(tree, dict) or field not in tree:
            return False
        tree = tree[field]
    return True


def _with(body: Obj, keys: list[str], value: Any) -> Obj:
    """The object with one value set, or left out for None."""
    key, *rest = keys
    if rest:
        inner = body.get(key)
        if not isinstance(inner, dict) and value is None:
            return body
        return {**body, key: _with(inner if isinstance(inner, dict) else {}, rest, value)}
    if value is None:
        return {other: item for other, item in body.items() if other != key}
    return {**body, key: value}
