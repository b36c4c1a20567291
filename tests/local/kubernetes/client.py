"""The tests' side of the lab: start it, ask it, and look into its hosts."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.kubernetes.cgroup import remove_cgroups
from localcloud.kubernetes.node.namespace import KERNEL_SETTINGS
from localcloud.lifecycle import UNSHARE
from localcloud.paths import NETNS, CloudPaths
from localcloud.tools import find

CHECKOUT = Path(__file__).resolve().parents[3]
MODULE = "tests.local.kubernetes.lab"
PERIOD = 0.1  # seconds between looks at what tells nobody of its changes
EKS = "eks-demo"
NODES = ("ip-10-0-1-10.eu-west-1.compute.internal", "ip-10-0-2-10.eu-west-1.compute.internal")
ADDRESSES = ("10.0.1.10", "10.0.2.10")
INSTANCES = ("i-00000000000000001", "i-00000000000000002")


FOLDERS = ("/var/lib/cni", "/var/lib/kubelet", "/var/log/containers", "/opt/containerd",
           "/usr/libexec/kubernetes", "/etc/cni")  # fmt: skip


def eventually(look: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether `look` becomes true in time."""
    deadline, never = time.monotonic() + seconds, threading.Event()
    while not look():
        if time.monotonic() > deadline:
            return False
        never.wait(PERIOD)
    return True


@dataclass(frozen=True)
class MachineState:
    """What nodes would change of the machine if they could."""

    settings: dict[str, str]
    folders: list[str]

    @classmethod
    def now(cls) -> "MachineState":
        settings = {name: Path("/proc/sys", name).read_text() for name in KERNEL_SETTINGS}
        return cls(settings, [path for path in FOLDERS if Path(path).exists()])


class LabError(AssertionError):
    """The lab could not do what was asked."""


class LabClient:
    """A lab in namespaces of its own, below the state folder `home`."""

    def __init__(self, home: Path, name: str) -> None:
        self.paths = CloudPaths(name)
        self.before = MachineState.now()
        self._errors = (home / "lab.log").open("w+")
        with open("/proc/self/ns/net") as host_net:
            number = host_net.fileno()
            self._process = subprocess.Popen(
                [*UNSHARE, sys.executable, "-m", MODULE, name, f"/proc/self/fd/{number}"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
                pass_fds=[number], cwd=CHECKOUT,
            )  # fmt: skip
        self._answer()
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        self._first = int(children.read_text())

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise LabError(f"the lab ended:\n{self.errors()}")
        answer = json.loads(line)
        if "error" in answer:
            raise LabError(f"{answer['error']}\n{self.errors()}")
        return answer["result"]

    def errors(self) -> str:
        """The end of what the lab logged."""
        self._errors.flush()
        return Path(self._errors.name).read_text()[-3000:]

    def ask(self, method: str, *args: object) -> Any:
        """The result of a method of Lab. Raises LabError with what it raised."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps([method, *args]) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def inside(
        self, *args: str, host: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the lab, on the network of a host of it (None: the backbone)."""
        enter = ["nsenter", f"--target={self._first}", "--mount", "--net", "--pid", "--"]
        on = ["nsenter", f"--net={NETNS / host}", "--"] if host else []
        done = subprocess.run(
            [*enter, *on, *args], capture_output=True, text=True, timeout=60, check=False
        )
        if check and done.returncode:
            raise LabError(f"{' '.join(args)}: {done.stdout}{done.stderr}")
        return done

    @staticmethod
    def on_host(*args: str) -> str:
        """What a command on the machine itself prints."""
        return subprocess.run(args, capture_output=True, text=True, check=True).stdout

    def in_mounts_of(self, process: str, *args: str) -> str:
        """What a command prints that sees the files of a process of the lab."""
        pid = self.ask("processes")[process]
        return self.inside("nsenter", f"--mount=/proc/{pid}/ns/mnt", "--", *args).stdout

    def kubectl(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """kubectl as the cluster's administrator."""
        config = self.paths.clusters / "demo" / "control-plane" / "admin.kubeconfig"
        program = str(find().binary("kubectl"))
        return self.inside(program, f"--kubeconfig={config}", *args, check=check)

    def get(self, *args: str) -> Any:
        """An object or list as kubectl reads it."""
        return json.loads(self.kubectl("get", *args, "-o", "json").stdout)

    def in_pod(self, pod: str, *args: str, check: bool = True) -> str:
        """What a command in a pod prints."""
        return self.kubectl("exec", pod, "--", *args, check=check).stdout

    def close(self) -> None:
        """End the lab and remove what it leaves."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=20)
        if self._process.stdout:
            self._process.stdout.close()
        self._errors.close()
        remove_cgroups(self.paths.cgroup)
        shutil.rmtree(self.paths.root)


def started(home: Path, purpose: str) -> LabClient:
    """A lab with a name of its own, its state below `home`."""
    os.environ["XDG_STATE_HOME"] = str(home)
    return LabClient(home, f"lab-{os.getpid()}-{purpose}")
