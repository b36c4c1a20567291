"""Where a cloud keeps its files: one folder, for its owner only, which `down` removes."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

PROJECT = "eks-service-types"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")


def state_home() -> Path:
    """The folder that contains one folder per cloud."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / PROJECT


@dataclass(frozen=True)
class CloudPaths:
    """The files of the cloud `name`. Raises ValueError for a name that is not a short DNS label."""

    name: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"cloud name {self.name!r}: lower-case letters, digits and '-', 20 at most"
            )

    @property
    def root(self) -> Path:
        return state_home() / self.name

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def pki(self) -> Path:
        return self.root / "pki"

    @property
    def clusters(self) -> Path:
        """One folder per Kubernetes cluster: etcd data, kubelet and containerd roots."""
        return self.root / "clusters"

    @property
    def pulumi(self) -> Path:
        """The stack's state and the engine's home."""
        return self.root / "pulumi"

    @property
    def plugins(self) -> Path:
        """The engine's plugin cache."""
        return self.pulumi / "home" / "plugins"

    @property
    def bin(self) -> Path:
        """The folder that comes first on PATH."""
        return self.root / "bin"

    @property
    def forkservers(self) -> Path:
        """The sockets and logs of the fork servers: see localcloud.forkserver."""
        return self.root / "forkservers"

    @property
    def kubeconfig(self) -> Path:
        return self.root / "kubeconfig"

    @property
    def cgroup(self) -> str:
        """The path of its cgroup in every hierarchy."""
        return f"{PROJECT}-{self.name}"


# Inside the cloud /run is a tmpfs of its own, so these paths do not collide with the machine's or
# another cloud's. They are short since the path of a unix socket has 107 characters at most.
RUN = Path("/run/localcloud")
WORLD = "world"  # the host that represents the internet
NETNS = Path("/run/netns")
HOSTS = RUN / "hosts"  # a folder per host, with its resolv.conf and hosts file
