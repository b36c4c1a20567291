"""The processes of one node: starts them, applies what add-ons want, ends them with all pods."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from localcloud.kubernetes import cgroup
from localcloud.kubernetes.node import cni, containerd, kube_proxy, kubelet, reachability
from localcloud.kubernetes.node.namespace import first_command, next_command
from localcloud.kubernetes.node.plan import Features, NodePlan, Programs
from localcloud.kubernetes.node.preloaded_images import PreloadedImages
from localcloud.process import Process
from localcloud.supervisor import Supervised

POD_IDENTITY_ADDRESS = "169.254.170.23/32"  # where pods reach the Pod Identity agent


@dataclass
class NodeProcesses:
    """containerd, kubelet and kube-proxy of one node; `features` are those that it has now."""

    plan: NodePlan
    programs: Programs
    images: PreloadedImages
    supervised: Supervised
    write_files: Callable[[], None]
    features: Features = field(default_factory=Features, init=False)
    _procs_files: tuple[Path, ...] = field(default=(), init=False)
    _namespace: int | None = field(default=None, init=False)  # outlives containerd

    def start(self, wanted: Features) -> None:
        """Start containerd and kubelet, which then register the node.

        Raises ProcessError, CgroupError, OSError (also when the node does not reach AWS), and the
        error of the import of the images.
        """
        self.write_files()
        reachability.require_aws(self.plan.instance_id, self.plan.zone[:-1])
        self.images.clone(self.plan.folder / containerd.ROOT.name)
        self._procs_files = cgroup.make_cgroup(self.plan.cgroup, cgroup.mounted())
        # Before any pod starts: the agent listens on this address at once.
        self._set_pod_identity(wanted.pod_identity)
        self._start_containerd()
        program = self.programs.binary("kubelet", self.plan.version)
        self._launch_inside("kubelet", kubelet.command(self.plan, program))

    def _name(self, program: str) -> str:
        return f"{self.plan.instance_id}-{program}"

    def _launch(
        self, program: str, args: list[str], healthy: Callable[[], bool] | None = None
    ) -> Process:
        """Start a program, without waiting until it is healthy."""
        name = self._name(program)
        return self.supervised.start(
            Process(
                name=name,
                args=args,
                log=self.plan.logs / f"{name}.log",
                netns=self.plan.netns,
                env=self.programs.environment,
                healthy=healthy,
            )
        )

    def _start_containerd(self) -> None:
        program = str(self.programs.binary("containerd"))
        args = [program, f"--config={self.plan.folder / containerd.CONFIG}"]
        command = first_command(self.plan.folder, self.plan.hosts, self._procs_files, args)
        process = self._launch("containerd", command, lambda: containerd.answers(process.pid or 0))
        self.supervised.wait(process)
        self._namespace = os.open(f"/proc/{process.pid}/ns/mnt", os.O_RDONLY)
        process.args = self._inside(args)

    def _inside(self, args: list[str]) -> list[str]:
        """The argv that runs a program in the node's mount namespace and cgroups."""
        namespace = Path(f"/proc/{os.getpid()}/fd/{self._namespace}")
        return next_command(namespace, self._procs_files, args)

    def _launch_inside(
        self, program: str, args: list[str], healthy: Callable[[], bool] | None = None
    ) -> None:
        """Start a program in the node's mount namespace, and wait until it is healthy."""
        self.supervised.wait(self._launch(program, self._inside(args), healthy))

    def apply(self, wanted: Features) -> None:
        """Add what add-ons want, and remove what they no longer want.

        Raises ProcessError when kube-proxy does not start.
        """
        self._set_pod_identity(wanted.pod_identity)
        if wanted.pod_network != self.features.pod_network:
            self._set_pod_network(wanted.pod_network)
        if wanted.kube_proxy_version != self.features.kube_proxy_version:
            self._set_kube_proxy(wanted.kube_proxy_version)
        self.features = wanted

    def _set_pod_identity(self, wanted: bool) -> None:
        if wanted != self.features.pod_identity:
            verb = "replace" if wanted else "delete"
            address = ["ip", "address", verb, POD_IDENTITY_ADDRESS, "dev", "lo"]
            command = ["nsenter", f"--net={self.plan.netns}", *address]
            subprocess.run(command, check=True, capture_output=True)
            self.features = replace(self.features, pod_identity=wanted)

    def _set_pod_network(self, wanted: bool) -> None:
        file = self.plan.folder / "cni" / cni.FILE
        if wanted:
            # One write, since containerd ignores a file that is renamed into its folder.
            file.write_text(json.dumps(cni.config(self.plan.pod_prefix)))
        else:
            file.unlink()

    def _set_kube_proxy(self, wanted: str) -> None:
        """Start kube-proxy of version `wanted`, or stop it and remove its rules if that is ""."""
        version = wanted or self.features.kube_proxy_version
        program, netns = self.programs.binary("kube-proxy", version), self.plan.netns
        self.supervised.stop(self._name("kube-proxy"))
        if wanted:
            args = kube_proxy.command(program)
            self._launch_inside("kube-proxy", args, lambda: kube_proxy.healthy(netns))
        else:
            args = self._inside(kube_proxy.cleanup(program))
            command = ["nsenter", f"--net={netns}", "--", *args]
            subprocess.run(command, check=True, capture_output=True)

    def stop(self) -> None:
        """End every process of the node, pods included, and remove its files; safe to repeat."""
        self.supervised.forget()
        cgroup.remove_cgroups(self.plan.cgroup)
        self.supervised.kill()
        if self._namespace is not None:
            os.close(self._namespace)
            self._namespace = None
        shutil.rmtree(self.plan.folder, ignore_errors=True)
