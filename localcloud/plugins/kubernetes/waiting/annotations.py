"""The annotations by which a program steers the waiting: skipAwait, timeoutSeconds, waitFor."""

import json
import re
from collections.abc import Callable
from typing import Any

from localcloud.plugins.kubernetes.objects import Obj, annotation, condition, observed, pluck
from localcloud.plugins.kubernetes.waiting.rule import Verdict, View

SKIP_AWAIT = "pulumi.com/skipAwait"
TIMEOUT = "pulumi.com/timeoutSeconds"
WAIT_FOR = "pulumi.com/waitFor"

_JSONPATH = re.compile(r"jsonpath=\{((?:\.[A-Za-z_][\w-]*|\[\d+\])+)\}(?:=(.*))?")
_CONDITION = re.compile(r"condition=([\w./-]+)(?:=(.*))?")


def timeout(obj: Obj, asked: float, default: float) -> float:
    """Seconds to wait: the customTimeouts of the resource, else the annotation, else `default`."""
    if asked:
        return asked
    seconds = annotation(obj, TIMEOUT)
    return float(seconds) if seconds.isdecimal() else default


def refusal(wait_for: str) -> str:
    """Why a waitFor annotation cannot be taken, or an empty string."""
    for expression in _expressions(wait_for):
        if not _JSONPATH.fullmatch(expression) and not _CONDITION.fullmatch(expression):
            return (
                f"{expression!r} is not implemented: use condition=TYPE[=STATUS] or "
                "jsonpath={.field.path[0]}[=value]"
            )
    return ""


def judge_of(wait_for: str) -> Callable[[View], Verdict]:
    """The judgement that a (not refused) waitFor annotation asks for: all of its expressions."""
    expressions = _expressions(wait_for)

    def judge(view: View) -> Verdict:
        unmet = [expression for expression in expressions if not _met(view.own, expression)]
        if not unmet:
            return Verdict(True)
        text = f"Waiting for {', '.join(unmet)}"
        return Verdict(False, text, (text,))

    return judge


def _expressions(wait_for: str) -> list[str]:
    if not wait_for:
        return []
    try:
        several = json.loads(wait_for)
    except ValueError:
        return [wait_for]
    listed = isinstance(several, list) and several
    return [str(item) for item in several] if listed else [wait_for]


def _met(obj: Obj, expression: str) -> bool:
    path = _JSONPATH.fullmatch(expression)
    if path:
        value = _at(obj, path[1])
        return value is not None if path[2] is None else _text(value) == path[2]
    named = _CONDITION.fullmatch(expression)
    if named is None:
        return False
    found = condition(obj, named[1])
    seen = found.get("observedGeneration")
    fresh = observed(obj) or pluck(obj, "status", "observedGeneration") is None
    if seen is not None:
        fresh = seen >= pluck(obj, "metadata", "generation", default=0)
    return fresh and str(found.get("status", "")).lower() == (named[2] or "True").lower()


def _at(value: Any, path: str) -> Any:
    for field, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", path):
        if index:
            there = isinstance(value, list) and len(value) > int(index)
            value = value[int(index)] if there else None
        else:
            value = pluck(value, field)
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
