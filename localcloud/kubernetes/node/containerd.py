"""containerd of a node: its configuration, and the import of images."""

import json
import socket
import subprocess
from pathlib import Path

from localcloud.kubernetes.node.plan import CONTAINERD_SOCKET, NODE_FOLDER

CONFIG = "containerd.toml"
NAMESPACE = "k8s.io"  # where the kubelet's images are
ROOT = NODE_FOLDER / "containerd"
CNI_FOLDER = NODE_FOLDER / "cni"
UNUSED_SNAPSHOTTERS = ("aufs", "btrfs", "devmapper", "zfs")  # they look at the machine's disks


class ImportFailed(RuntimeError):
    """containerd refused an image; the message says why."""


def config_toml(sandbox_image: str, cni_plugins: Path) -> str:
    """The configuration, version 2 of containerd 1.6 (JSON strings are valid TOML strings)."""
    disabled = [f"io.containerd.snapshotter.v1.{name}" for name in UNUSED_SNAPSHOTTERS]
    quoted = json.dumps
    return f"""\
version = 2
root = {quoted(str(ROOT))}
state = "/run/containerd/state"
disabled_plugins = {quoted(disabled)}
[grpc]
  address = {quoted(str(CONTAINERD_SOCKET))}
[plugins."io.containerd.internal.v1.opt"]
  path = {quoted(str(NODE_FOLDER / "opt"))}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = {quoted(sandbox_image)}
  disable_apparmor = true
  enable_unprivileged_ports = true
  # Lowering a score needs CAP_SYS_RESOURCE; without it the pod would not start.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = {quoted(str(cni_plugins))}
    conf_dir = {quoted(str(CNI_FOLDER))}
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
"""


def socket_from_outside(pid: int) -> Path:
    """The path of the socket of the containerd with this process id, outside its namespace."""
    return Path(f"/proc/{pid}/root{CONTAINERD_SOCKET}")


def answers(pid: int) -> bool:
    """True once containerd listens; raises OSError before."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(socket_from_outside(pid)))
    return True


def import_image(ctr: Path, pid: int, archive: Path) -> None:
    """Import all images of a docker-archive into the containerd with this process id."""
    command = [str(ctr), f"--address={socket_from_outside(pid)}", f"--namespace={NAMESPACE}",
               "images", "import", str(archive)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise ImportFailed(f"{archive.name}: {done.stderr.strip()}")
