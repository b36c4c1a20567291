"""Makes VPCs and their hosts real, and the backbone that connects them with the host `world`."""

import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from localcloud.aws.snapshots import Snapshots
from localcloud.changes import Changes
from localcloud.network import netns
from localcloud.network.fabric import addresses, apply, plan
from localcloud.network.fabric.model import Fabric
from localcloud.paths import NETNS, WORLD

# The names of the reconciler's namespaces begin so; those of pods are in the same folder.
OWN_PREFIXES = ("vpc-", "i-", "eks-", "elb-", "clb-", WORLD)


class NetworkReconciler:
    """Creates and removes namespaces, veths, routes and rules as the records say.

    It notifies the topic "network" when hosts or uplinks change. A host's processes are not its
    concern: those of nodes and control planes end before their interfaces are deleted from the
    records, but a load balancer's nginx may still run for a moment in a deleted namespace.
    """

    name = "network"
    topics = frozenset({"ec2", "elbv2", "eks"})

    def __init__(self, snapshots: Snapshots, changes: Changes) -> None:
        self._snapshots, self._changes = snapshots, changes
        self._have: Fabric | None = None  # None: unknown, so `reconcile` begins with a reset
        # The numbers of the uplinks, of VPC routers by VPC id, and of control planes by host.
        self._numbers: tuple[Mapping[str, int], Mapping[str, int]] = ({}, {})
        self._lock = threading.Lock()
        self._hosts: frozenset[str] = frozenset()

    def host(self, name: str) -> Path | None:
        """The network namespace of a host, or None until it is up."""
        with self._lock:
            return netns.path(name) if name in self._hosts else None

    def uplinks(self) -> Mapping[str, str]:
        """The address of each VPC's router on its uplink, by the VPC's id."""
        return {
            vpc_id: addresses.uplink(addresses.VPC_ROUTER_UPLINK, number)[1].partition("/")[0]
            for vpc_id, number in self._numbers[0].items()
        }

    def reconcile(self) -> None:
        """Make real what the records say now, if that has changed.

        Raises ValueError for a VPC that overlaps the addresses of uplinks, and FabricError when
        `ip` or `nft` fails.
        """
        before, want = self._numbers, self._wanted()  # this updates self._numbers
        if before != self._numbers:
            self._changes.notify("network")
        have, self._have = self._have, None  # unknown again if this fails
        if have is None:
            have = apply.reset(_own_namespaces())
        self._publish(want.namespaces & self._hosts)  # hide the namespaces to be deleted
        if _topology(have) != _topology(want):
            apply.change_topology(have, want)
        rulesets, errors = _load_rulesets(have, want)
        self._have = replace(want, rulesets=rulesets)
        self._publish(want.namespaces - want.forwarding)
        if errors:
            raise apply.FabricError("\n".join(errors))

    def _wanted(self) -> Fabric:
        vpcs = self._snapshots.vpcs()
        routed = [vpc.id for vpc in vpcs if vpc.interfaces]
        self._numbers = (
            addresses.numbered(routed, self._numbers[0]),
            addresses.numbered(plan.control_planes(vpcs), self._numbers[1]),
        )
        return plan.wanted(vpcs, self._snapshots.instances(), *self._numbers)

    def _publish(self, hosts: frozenset[str]) -> None:
        with self._lock:
            changed, self._hosts = hosts != self._hosts, hosts
        if changed:
            self._changes.notify("network")


def _load_rulesets(have: Fabric, want: Fabric) -> tuple[dict[str, str], list[str]]:
    """Load each ruleset that changed, even if one fails; returns those in force, and errors."""
    done = {name: text for name, text in have.rulesets.items() if name in want.rulesets}
    errors = []
    for name, ruleset in want.rulesets.items():
        if ruleset != done.get(name):
            try:
                apply.load_ruleset(name, ruleset)
                done[name] = ruleset
            except apply.FabricError as error:
                errors.append(str(error))
    return done, errors


def _topology(fabric: Fabric) -> tuple[object, ...]:
    return fabric.links, fabric.addresses_and_routes, fabric.files


def _own_namespaces() -> list[str]:
    names = os.listdir(NETNS) if NETNS.is_dir() else []
    return sorted(name for name in names if name.startswith(OWN_PREFIXES))
