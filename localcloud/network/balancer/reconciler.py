"""Runs load balancers as nginx or as rules of a router, and checks the health of the targets."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from localcloud.aws.snapshots import LoadBalancer, Snapshots, TargetGroup
from localcloud.changes import Changes
from localcloud.network.balancer import flows, forwarding, network_load_balancer, nginx, routing
from localcloud.network.balancer.forwarder import Forwarder
from localcloud.network.balancer.nginx import NginxOptions
from localcloud.network.balancer.probe_results import Health, Key, State
from localcloud.network.balancer.prober import Check, Prober
from localcloud.network.balancer.server import ConfigurationError, Server
from localcloud.network.fabric.apply import FabricError
from localcloud.network.reconciler import NetworkReconciler
from localcloud.paths import RUN
from localcloud.process import ProcessError
from localcloud.supervisor import Supervised, Supervisor
from localcloud.tools import Tools


class HealthSink(Protocol):
    """Where to report the health of targets, and load balancers that carry traffic."""

    def report(
        self, target_group: str, target: str, port: int, state: State, reason: str, /
    ) -> None: ...

    def set_active(self, load_balancer: str, /) -> None: ...


class LoadBalancerReconciler:
    """The load balancers run in namespaces that the network reconciler creates."""

    name = "load-balancers"
    topics = frozenset({"elbv2", "ec2", "network", "health"})

    def __init__(
        self,
        snapshots: Snapshots,
        network: NetworkReconciler,
        tools: Tools,
        health: HealthSink,
        changes: Changes,
        supervisor: Supervisor,
        logs: Path,
        folder: Path = RUN / "balancers",
    ) -> None:
        self._snapshots, self._network, self._tools = snapshots, network, tools
        self._sink, self._changes, self._logs, self._folder = health, changes, logs, folder
        self._servers: dict[str, Server] = {}
        self._forwarder = Forwarder()
        self._supervised = Supervised(supervisor)
        self._prober = Prober(self._health_changed)

    def reconcile(self) -> None:
        """Serve and check as the records say now.

        The errors of single load balancers and target groups are raised together at the end.
        """
        balancers = self._snapshots.load_balancers()
        groups = {group.arn: group for group in self._snapshots.target_groups()}
        errors: list[str] = []
        self._check(balancers, groups, errors)
        self._come_back(groups)
        self._stop({each.arn for each in balancers if _is_proxy(each)})
        self._forwarder.keep({each.host for each in balancers})
        for balancer in balancers:
            netns = self._network.host(balancer.host)
            if netns:
                _collect(errors, partial(self._serve, balancer, groups, netns))
        if errors:
            raise RuntimeError("; ".join(errors))

    def _check(
        self,
        balancers: tuple[LoadBalancer, ...],
        groups: dict[str, TargetGroup],
        errors: list[str],
    ) -> None:
        """Check the targets of every group that a load balancer uses, and no others."""
        used_by = {arn: balancer for balancer in balancers for arn in routing.groups_of(balancer)}
        checks: dict[Key, Check] = {}
        for group in groups.values():
            balancer = used_by.get(group.arn)
            netns = self._network.host(balancer.host) if balancer else None
            if netns:
                _collect(errors, partial(_add_checks, checks, group, netns))
        self._prober.watch(checks)

    def _come_back(self, groups: dict[str, TargetGroup]) -> None:
        """Reconcile when the next target is drained whose flows then end."""
        waits = [g.drained_in for g in groups.values() if g.terminate_deregistered and g.drained_in]
        if waits:
            self._prober.later(min(waits) + 0.01, partial(self._changes.notify, "health"))

    def _serve(self, balancer: LoadBalancer, groups: dict[str, TargetGroup], netns: Path) -> None:
        if balancer.type == "network":
            self._forward(balancer, groups)
        if _is_proxy(balancer):
            self._proxy(balancer, groups, netns)
        self._sink.set_active(balancer.arn)

    def _forward(self, balancer: LoadBalancer, groups: dict[str, TargetGroup]) -> None:
        rules = forwarding.script(balancer, groups, self._state)
        used = [groups[arn] for arn in sorted(routing.groups_of(balancer)) if arn in groups]
        self._forwarder.load(balancer.host, balancer.vpc_id, rules, flows.of(used, self._state))

    def _proxy(self, balancer: LoadBalancer, groups: dict[str, TargetGroup], netns: Path) -> None:
        used = [groups[arn] for arn in routing.groups_of(balancer) if arn in groups]
        options = NginxOptions(self._folder / balancer.host, self._tools.nginx_modules)
        text = nginx.config(balancer, routing.servers(used, self._state), options)
        server = self._servers.get(balancer.arn)
        if server and not server.valid:
            server.stop()
            server = None
        if server is None:
            program = self._tools.binary("nginx")
            server = Server(balancer.host, program, netns, options, self._logs, self._supervised)
            self._servers[balancer.arn] = server
        server.serve(text)

    def _state(self, one: Key) -> State:
        return self._prober.health(one).state

    def _stop(self, all_but: set[str]) -> None:
        for arn in self._servers.keys() - all_but:
            self._servers.pop(arn).stop()

    def _health_changed(self, one: Key, health: Health) -> None:
        arn, target, port = one
        self._sink.report(arn, target, port, health.state, health.reason)
        self._changes.notify("health")


def _is_proxy(balancer: LoadBalancer) -> bool:
    return balancer.type == "application" or bool(network_load_balancer.proxied(balancer))


def _add_checks(checks: dict[Key, Check], group: TargetGroup, netns: Path) -> None:
    checks |= routing.checks(group, netns)


def _collect(errors: list[str], work: Callable[[], None]) -> None:
    """Do the work of one load balancer or target group, and keep its error."""
    try:
        work()
    except (ValueError, OSError, ConfigurationError, ProcessError, FabricError) as error:
        errors.append(str(error))
