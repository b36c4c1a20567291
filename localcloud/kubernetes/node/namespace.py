"""The mount namespace of a node: the machine's files, with nothing of it written to.

The node's first process, its containerd, makes it. Its pods' mounts are in it, so it has to
outlive containerd, which is started again in it.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path

from localcloud.kubernetes.node.plan import INSIDE

# Folders of the machine that a node's programs write to below paths that cannot be set:
# /var/lib/cni, /var/log/containers ... What they write stays in the node's own memory.
SHADOWED = ("/etc", "/var/lib", "/var/log")

# The kubelet sets these for the whole machine unless they read as it wants them.
KERNEL_SETTINGS = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1_000_000,
    "kernel/keys/root_maxbytes": 25_000_000,
}


def _own_run(folder: Path, hosts: Path | None) -> list[str]:
    """A /run of the node's own, with its folder at INSIDE and the host's files at /run/hosts."""
    run = shlex.quote(str(folder / "run"))
    inside = f"{run}/{INSIDE.relative_to('/run')}"
    lines = [
        f"mkdir -p {run}",
        f"mount -n -t tmpfs -o mode=0755 node {run}",
        f"mkdir -p {inside} {run}/hosts",
        f"mount -n --bind {shlex.quote(str(folder))} {inside}",
    ]
    if hosts:
        lines.append(f"mount -n --bind {shlex.quote(str(hosts))} {run}/hosts")
    return [*lines, f"mount -n --move {run} /run"]


def _shadow(folder: str) -> list[str]:
    layer = f"/run/shadow{folder}"
    options = f"lowerdir={folder},upperdir={layer}/upper,workdir={layer}/work"
    return [
        f"mkdir -p {layer}/upper {layer}/work",
        f"mount -n -t overlay -o {options} node {folder}",
    ]


def _kernel_setting(name: str, value: int) -> list[str]:
    file = f"/run/kernel/{name}"
    return [
        f"mkdir -p {Path(file).parent}",
        f"echo {value} > {file}",
        f"mount -n --bind {file} /proc/sys/{name}",
    ]


def joining(procs_files: Sequence[Path]) -> list[str]:
    """The lines that take a shell, and what it becomes, into a cgroup."""
    return [f"echo $$ > {shlex.quote(str(file))}" for file in procs_files]


def setup_script(folder: Path, hosts: Path | None, procs_files: Sequence[Path]) -> str:
    """The shell script that makes the namespace around itself and becomes its arguments."""
    lines = ["set -e", *joining(procs_files), *_own_run(folder, hosts)]
    for shadowed in SHADOWED:
        lines += _shadow(shadowed)
    lines.append("ln -sf /run/hosts/resolv.conf /run/hosts/hosts /etc/")
    for name, value in KERNEL_SETTINGS.items():
        lines += _kernel_setting(name, value)
    # Volumes that a pod mounts for others need mounts to spread below /.
    lines += ["echo 1 > /proc/sys/net/ipv4/ip_forward", "mount -n --make-rshared /", 'exec "$@"']
    return "\n".join(lines)


def first_command(
    folder: Path, hosts: Path | None, procs_files: Sequence[Path], command: Sequence[str]
) -> list[str]:
    """The argv that makes the namespace and runs the node's first program in it.

    `folder` holds the node's files, `hosts` its resolv.conf and hosts.
    """
    script = setup_script(folder, hosts, procs_files)
    return ["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", script, "node",
            *command]  # fmt: skip


def next_command(namespace: Path, procs_files: Sequence[Path], command: Sequence[str]) -> list[str]:
    """The argv of another program in the mount namespace at a path."""
    script = "\n".join(["set -e", *joining(procs_files), 'exec "$@"'])
    return ["nsenter", f"--mount={namespace}", "--", "sh", "-c", script, "node",
            *command]  # fmt: skip
