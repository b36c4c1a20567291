"""Ends connections to deregistered targets when their deregistration delay has passed."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from localcloud.aws.elbv2.snapshots import TargetGroup
from localcloud.network.netns import run_in

Target = tuple[Path, str, int]  # network namespace of the load balancer, address and port


class Draining:
    """Remembers the registered targets, and when the delay of each deregistered one is over."""

    def __init__(self) -> None:
        self._registered: dict[str, set[Target]] = {}
        self._until: dict[Target, float] = {}
        self._awaited: float | None = None

    def update(self, groups: Iterable[tuple[Path, TargetGroup]], now: float) -> list[Target]:
        """Take the target groups as they are now; returns the targets whose delay is over.

        `groups` come with the network namespace of their load balancer; `now` is in seconds.
        A target that is registered again, or in another group as well, is not returned.
        """
        before, self._registered = self._registered, {}
        for netns, group in groups:
            found = {(netns, one.address, one.port) for one in group.targets if one.address}
            self._registered[group.arn] = found
            for gone in before.get(group.arn, set()) - found:
                if gone[0] == netns:  # else the group has moved to another load balancer
                    self._until[gone] = now + group.deregistration_delay
        for target in set[Target]().union(*self._registered.values()):
            self._until.pop(target, None)
        over = [target for target, until in self._until.items() if until <= now]
        for target in over:
            del self._until[target]
        return over

    def wait_for_next(self, now: float) -> float | None:
        """The seconds until the next delay ends; None if there is none, or if the last call
        returned those until the same one, for which the caller has set a timer."""
        awaited, self._awaited = self._awaited, min(self._until.values(), default=None)
        return None if self._awaited in (None, awaited) else self._awaited - now


def end_connections(target: Target) -> None:
    """End a load balancer's connections to a target; clients get a 502 or an incomplete body."""
    netns, address, port = target
    command = ["ss", "-K", "-t", "-n", "dst", address, "dport", "=", f":{port}"]
    if netns.exists():
        run_in(netns, lambda: subprocess.run(command, check=True, capture_output=True))
