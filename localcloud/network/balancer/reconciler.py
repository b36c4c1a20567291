"""Runs load balancers, as nginx or as rules of a router, and checks the health of their targets."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from localcloud.aws.elbv2.snapshots import LoadBalancer, TargetGroup
from localcloud.aws.elbv2.target_states import Key, State
from localcloud.aws.snapshots import Snapshots
from localcloud.changes import Changes
from localcloud.network import conntrack, netns
from localcloud.network.balancer import (
    draining,
    flow_marks,
    lua_routes,
    network_load_balancer,
    network_load_balancer_tls,
    nginx,
    prober,
    tls,
)
from localcloud.network.balancer.draining import Draining
from localcloud.network.balancer.log_delivery import Deliver, LogDelivery
from localcloud.network.balancer.nginx import NginxOptions
from localcloud.network.balancer.nginx_process import ConfigurationError, NginxProcess
from localcloud.network.balancer.prober import Check, Prober
from localcloud.network.balancer.router_tables import RouterTables
from localcloud.network.balancer.target_health import Health
from localcloud.network.balancer.targets import addresses_by_group, target_group_arns
from localcloud.network.fabric.apply import FabricError
from localcloud.network.reconciler import NetworkReconciler
from localcloud.paths import RUN
from localcloud.process import ProcessError
from localcloud.supervisor import Supervised, Supervisor
from localcloud.tools import Tools

Groups = dict[str, TargetGroup]  # by ARN


class Reports(Protocol):
    """Where to report the health of targets, and which load balancers serve (state `active`)."""

    def report(
        self, target_group: str, target: str, port: int, state: State, reason: str, /
    ) -> None: ...

    def set_active(self, load_balancer: str, /) -> None: ...


class LoadBalancerReconciler:
    """Makes load balancers real, in the namespaces and routers of the network reconciler."""

    name = "load-balancers"
    topics = frozenset({"elbv2", "ec2", "network", "health", "acm"})

    def __init__(
        self,
        snapshots: Snapshots,
        network: NetworkReconciler,
        tools: Tools,
        reports: Reports,
        changes: Changes,
        supervisor: Supervisor,
        logs: Path,
        folder: Path = RUN / "balancers",
        deliver: Deliver = lambda *_: None,
    ) -> None:
        """`deliver` stores the lines of access logs."""
        self._snapshots, self._network, self._tools = snapshots, network, tools
        self._reports, self._changes, self._logs, self._folder = reports, changes, logs, folder
        self._processes: dict[str, NginxProcess] = {}
        self._tables = RouterTables()
        self._supervised = Supervised(supervisor)
        self._prober = Prober(self._health_changed)
        self._access_logs = LogDelivery(deliver)
        self._draining = Draining()

    def reconcile(self) -> None:
        """Run the load balancers, and check their targets, as the records say now.

        The errors of load balancers and target groups are raised together at the end.
        """
        balancers = self._snapshots.load_balancers()
        groups = {group.arn: group for group in self._snapshots.target_groups()}
        tls_settings = tls.settings(self._snapshots.certificates(), groups.values())
        errors: list[str] = []
        self._check(balancers, groups, errors)
        self._stop_all_but({each.arn for each in balancers if _needs_nginx(each)})
        self._tables.keep({each.host for each in balancers if each.type == "network"})
        for balancer in balancers:
            namespace = self._network.host(balancer.host)
            if namespace:
                _collect(errors, partial(self._serve, balancer, groups, namespace, tls_settings))
        self._drain(balancers, groups, errors)
        if errors:
            raise RuntimeError("; ".join(errors))

    def _check(
        self, balancers: tuple[LoadBalancer, ...], groups: Groups, errors: list[str]
    ) -> None:
        """Check the targets of every group that a load balancer uses, and no others."""
        used_by = {arn: balancer for balancer in balancers for arn in target_group_arns(balancer)}
        checks: dict[Key, Check] = {}
        for group in groups.values():
            balancer = used_by.get(group.arn)
            namespace = self._network.host(balancer.host) if balancer else None
            if namespace:
                _collect(errors, partial(_add_checks, checks, group, namespace))
        self._prober.watch(checks)

    def _serve(
        self, balancer: LoadBalancer, groups: Groups, namespace: Path, tls_settings: tls.TlsSettings
    ) -> None:
        if balancer.type == "network":
            self._tables.load(
                balancer.host,
                balancer.vpc_id,
                network_load_balancer.script(balancer, groups, self._state),
                flow_marks.unhealthy(balancer, groups, self._state),
            )
        if _needs_nginx(balancer):
            self._run_nginx(balancer, groups, namespace, tls_settings)
        self._reports.set_active(balancer.arn)

    def _run_nginx(
        self, balancer: LoadBalancer, groups: Groups, namespace: Path, tls_settings: tls.TlsSettings
    ) -> None:
        used = [groups[arn] for arn in target_group_arns(balancer) if arn in groups]
        options = NginxOptions(
            self._folder / balancer.host, self._tools.nginx_modules, self._tools.packages.lua
        )
        addresses = addresses_by_group(used, self._state)
        text = nginx.config(balancer, addresses, options, tls_settings)
        # A Classic Load Balancer may have only TCP listeners, which need no routes.
        has_http = balancer.type == "application" or "HTTP" in {
            each.protocol for each in balancer.listeners
        }
        routes = lua_routes.text(balancer, groups, self._prober.health) if has_http else ""
        process = self._processes.get(balancer.arn)
        if process and not process.valid:
            self._stop(balancer.arn)
            process = None
        if process is None:
            program = self._tools.binary("nginx")
            process = NginxProcess(
                balancer.host, program, namespace, options, self._logs, self._supervised
            )
            self._processes[balancer.arn] = process
        process.serve(text, routes)
        self._access_logs.watch(balancer, options.prefix, process.reopen_logs)

    def _drain(
        self, balancers: tuple[LoadBalancer, ...], groups: Groups, errors: list[str]
    ) -> None:
        """End connections to deregistered targets, where the load balancer does that."""
        used = [
            (namespace, groups[arn])
            for balancer in balancers
            if (namespace := self._network.host(balancer.host))
            for arn in target_group_arns(balancer) & groups.keys()
            if balancer.type == "application" or groups[arn].terminate_deregistered
        ]
        routers = {each.host: each.vpc_id for each in balancers if each.type == "network"}
        now = time.monotonic()
        for target in self._draining.update(used, now):
            _collect(errors, partial(draining.end_connections, target))
            host, address, port = target[0].name, *target[1:]
            if host in routers:
                mark = flow_marks.mark(host, f"{address}:{port}")
                _collect(errors, partial(conntrack.end, netns.path(routers[host]), {mark}))
        wait = self._draining.wait_for_next(now)
        if wait is not None:
            self._prober.later(wait, partial(self._changes.notify, "health"))

    def _state(self, one: Key) -> State:
        return self._prober.health(one).state

    def _stop_all_but(self, kept: set[str]) -> None:
        for arn in self._processes.keys() - kept:
            self._stop(arn)

    def _stop(self, arn: str) -> None:
        process = self._processes.pop(arn)
        process.stop()
        self._access_logs.finish(arn)
        process.remove_files()

    def _health_changed(self, one: Key, health: Health) -> None:
        arn, target, port = one
        self._reports.report(arn, target, port, health.state, health.reason)
        self._changes.notify("health")


def _needs_nginx(balancer: LoadBalancer) -> bool:
    return balancer.type != "network" or bool(network_load_balancer_tls.proxied(balancer))


def _add_checks(checks: dict[Key, Check], group: TargetGroup, namespace: Path) -> None:
    checks |= prober.checks(group, namespace)


def _collect(errors: list[str], work: Callable[[], None]) -> None:
    """Do the work of one load balancer or target group, and keep its error."""
    try:
        work()
    except (ValueError, OSError, ConfigurationError, ProcessError, FabricError) as error:
        errors.append(str(error))
