"""Runs the cloud's DNS server: CoreDNS on the backbone, with the zones of the records."""

import signal
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from localcloud.aws.snapshots import Snapshots
from localcloud.network.dns import files, zones
from localcloud.network.fabric.addresses import DNS
from localcloud.paths import RUN
from localcloud.process import Process
from localcloud.supervisor import Supervised, Supervisor
from localcloud.tools import Tools

PORT = 53
START_TIMEOUT = 15.0  # seconds


class DnsReconciler:
    """Runs CoreDNS on 192.0.2.53, an address that the network reconciler adds."""

    name = "dns"
    # "health": the name of a network load balancer has the addresses of zones with healthy targets.
    topics = frozenset({"route53", "elbv2", "ec2", "network", "health"})

    def __init__(
        self,
        snapshots: Snapshots,
        uplinks: Callable[[], Mapping[str, str]],
        tools: Tools,
        supervisor: Supervisor,
        logs: Path,
        folder: Path = RUN / "dns",
    ) -> None:
        """`uplinks`: by VPC id, the address from which the queries of its hosts come."""
        self._snapshots, self._folder, self._uplinks = snapshots, folder, uplinks
        self._supervised = Supervised(supervisor)
        self._zones: zones.Zones = {}
        self._serials: dict[str, int] = {}
        self._process = Process(
            name="coredns",
            args=[tools.binary("coredns"), "-conf", folder / "Corefile"],
            log=logs / "coredns.log",
            healthy=_answers,
            timeout=START_TIMEOUT,
        )

    def reconcile(self) -> None:
        """Serve what the records say now. Raises ProcessError if CoreDNS does not start."""
        wanted = zones.zones(
            self._snapshots.hosted_zones(),
            self._snapshots.load_balancers(),
            self._snapshots.instances(),
        )
        wanted |= zones.per_vpc(self._snapshots.vpcs(), self._uplinks())
        changed = wanted != self._zones
        if changed:
            self._write(wanted)
        if not (self._process.running or self._process.served):
            self._supervised.wait(self._supervised.start(self._process))
        elif changed:
            self._process.signal(signal.SIGUSR1)

    def _write(self, wanted: zones.Zones) -> None:
        """Update the files; the serial of a zone increases with every change."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for zone, lines in wanted.items():
            if lines != self._zones.get(zone):
                self._serials[zone] = max(self._serials.get(zone, 0) + 1, int(time.time()))
                content = files.zone_file(files.plain_name(zone), lines, self._serials[zone])
                _replace(self._folder / files.file_name(zone), content)
        _replace(self._folder / "Corefile", files.corefile(wanted, self._folder))
        for zone in self._zones.keys() - wanted.keys():
            (self._folder / files.file_name(zone)).unlink()
        self._zones = wanted


def _replace(path: Path, content: str) -> None:
    """Write a file so that readers see either the old one or the new one."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(content)
    new.replace(path)


def _answers() -> bool:
    with socket.create_connection((DNS, PORT), timeout=1):
        return True
