"""Pods: when one is ready, and what is wrong with one that is not."""

from collections.abc import Iterable, Iterator

from localcloud.plugins.kubernetes.objects import Obj, condition, is_true, pluck, qualified
from localcloud.plugins.kubernetes.waiting.rule import Verdict, View

# States every container passes through.
_USUAL = {"ContainerCreating", "PodInitializing"}


def pod(view: View) -> Verdict:
    """A pod is ready when its Ready condition is True or it has succeeded."""
    own = view.own
    phase = pluck(own, "status", "phase", default="Pending")
    if phase == "Succeeded" or is_true(own, "Ready"):
        return Verdict(True, "Pod is ready")
    found = tuple(problems([own]))
    if phase == "Failed":
        why = pluck(own, "status", "message") or pluck(own, "status", "reason") or "Pod failed"
        return Verdict(False, str(why), (*found, str(why)), failed=True)
    waiting = "initialized" if is_true(own, "PodScheduled") else "scheduled"
    if is_true(own, "Initialized"):
        waiting = "ready"
    return Verdict(False, f"Waiting for Pod to be {waiting}", found)


def problems(pods: Iterable[Obj]) -> Iterator[str]:
    """What is wrong with the pods that are not ready, a line each."""
    for item in pods:
        if is_true(item, "Ready") or pluck(item, "status", "phase") == "Succeeded":
            continue
        said = [*_scheduling(item), *_containers(item)]
        if said:
            yield f"[Pod {qualified(item)}]: {'; '.join(said)}"


def _scheduling(item: Obj) -> Iterator[str]:
    scheduled = condition(item, "PodScheduled")
    if scheduled.get("status") == "False" and scheduled.get("message"):
        yield f"[{scheduled.get('reason', 'Unscheduled')}] {scheduled['message']}"


def _containers(item: Obj) -> Iterator[str]:
    for group in ("initContainerStatuses", "containerStatuses"):
        for status in pluck(item, "status", group, default=[]):
            if not status.get("ready"):
                yield from _container(status)


def _container(status: Obj) -> Iterator[str]:
    name = status.get("name")
    waiting = pluck(status, "state", "waiting", default={})
    if waiting.get("reason") and waiting["reason"] not in _USUAL:
        yield f"container {name!r}: [{waiting['reason']}] {waiting.get('message', '')}".rstrip()
    ended = pluck(status, "state", "terminated", default={})
    if ended.get("exitCode"):
        yield f"container {name!r} {_ending(ended)}"
    last = pluck(status, "lastState", "terminated", default={})
    if last:
        yield f"container {name!r} {_ending(last)} before"
    if status.get("started") and not (waiting or ended):
        yield f"container {name!r} runs but is not ready"


def _ending(ended: Obj) -> str:
    text = f"ended with exit code {ended.get('exitCode')} ({ended.get('reason', 'no reason')})"
    return f"{text}: {ended['message'].strip()}" if ended.get("message") else text
