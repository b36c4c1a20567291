"""A small site for tests of load balancers: two targets behind the balancer `demo`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from localcloud.aws.elbv2.snapshots import Forward, Listener, TargetGroup
from localcloud.network.balancer import LoadBalancerReconciler
from localcloud.tools import find
from tests.cloud.network.stage import Stage
from tests.cloud.network.web import Answer, Web, get
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import (
    ALL,
    balancer,
    forward,
    group,
    interface,
    listener,
    rule,
    vpc,
)

Kind = Literal["application", "network", "classic"]
PUBLIC, PORT = "198.51.100.7", 8080
ON_A, ON_B = ("i-a", "10.0.2.11", PORT), ("i-b", "10.0.2.12", PORT)


class Sink:
    """Remembers what it is told of targets and balancers."""

    def __init__(self) -> None:
        self.last: dict[tuple[str, str], tuple[str, str]] = {}
        self.states: list[str] = []
        self.carrying: set[str] = set()

    def report(self, group: str, target: str, port: int, state: str, reason: str) -> None:
        self.last[group, target] = state, reason
        self.states.append(state)

    def set_active(self, load_balancer: str) -> None:
        self.carrying.add(load_balancer)


class Site:
    """Targets i-a and i-b, each a web server, and the load balancer `demo`."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.sink = stage, Sink()
        self.logged: list[tuple[str, str]] = []  # access logs that were delivered
        interfaces = [
            interface("elb-demo", "10.0.1.5", "sg-1", public=PUBLIC),
            interface("i-a", ON_A[1], "sg-1", subnet="private"),
            interface("i-b", ON_B[1], "sg-1", subnet="private"),
        ]
        stage.show(vpc(interfaces, [group("sg-1", [ALL])]))
        self.a, self.b = Web("i-a", PORT), Web("i-b", PORT)
        self.reconciler = LoadBalancerReconciler(
            stage.snapshots, stage.network, find(), self.sink, stage.changes,
            stage.supervisor, folder / "logs", folder / "balancers",
            lambda balancer, lines: self.logged.append((balancer.name, lines.decode())),
        )  # fmt: skip

    def close(self) -> None:
        self.reconciler._prober.close()
        self.reconciler._access_logs.close()
        self.a.close()
        self.b.close()

    def show(
        self,
        *listeners: Listener,
        groups: tuple[TargetGroup, ...] = (),
        kind: Kind = "application",
    ) -> None:
        """Let the balancer and its groups be the records, and make them real."""
        self.stage.snapshots.balancers = (balancer(*listeners, kind=kind),)
        self.stage.snapshots.groups = groups
        self.reconciler.reconcile()

    def change(self, **more: Any) -> None:
        """Let the balancer have these attributes."""
        (balancer,) = self.stage.snapshots.balancers
        self.stage.snapshots.balancers = (replace(balancer, **more),)
        self.reconciler.reconcile()

    def settle(self, *healths: tuple[str, str, str]) -> None:
        """Serve by the states once these (group, target, state) have been reported."""
        wanted = {(arn, target): state for arn, target, state in healths}

        def settled() -> bool:
            return all(self.sink.last.get(key, ("",))[0] == wanted[key] for key in wanted)

        eventually(settled)
        self.reconciler.reconcile()

    def serve(
        self, *groups: TargetGroup, action: Forward | None = None, port: int = 80, **more: Any
    ) -> None:
        """Let the balancer forward to these groups, and wait until they get requests.

        `action` forwards otherwise than evenly; `more` are attributes of the balancer.
        """
        given = action or forward(*(group.arn for group in groups))
        self.show(listener(rule(given), port=port), groups=groups)
        self.change(**more)
        self.settle(*((g.arn, t.id, "healthy") for g in groups for t in g.targets))
        assert get("world", PUBLIC, port=port).status == 200

    def get(self, target: str = "/", **headers: str) -> Answer:
        """What the world gets from the balancer."""
        return get("world", PUBLIC, target, 80, headers)

    def until(self, wanted: Callable[[Answer], bool]) -> None:
        """Wait until the balancer answers so: old workers go on for a moment after a change."""
        eventually(lambda: wanted(self.get()))
        eventually(lambda: len(self.workers()) == 1)

    def workers(self) -> list[str]:
        """The process ids of the balancer's workers, those that are ending included."""
        pid = self.reconciler._processes["arn:demo"]._process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
