"""The mount namespace of a node: the machine's files, and layers for what its programs write.

The first process, containerd, creates it. The mounts of pods are in it, so it has to outlive
containerd, which is restarted in it.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path

from localcloud.kubernetes.node.plan import NODE_FOLDER

# Folders in which the node's programs write to fixed paths, such as /var/lib/cni: each is covered
# by an overlay whose upper layer is in memory.
OVERLAID = ("/etc", "/var/lib", "/var/log")

# The kubelet finds these values in files of the node, so it does not set them for the machine.
KERNEL_SETTINGS = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1_000_000,
    "kernel/keys/root_maxbytes": 25_000_000,
}


def _mount_run(folder: Path, hosts: Path | None) -> list[str]:
    """Mount a new /run with the node's files at NODE_FOLDER, and the host's at /run/hosts."""
    run = shlex.quote(str(folder / "run"))
    inside = f"{run}/{NODE_FOLDER.relative_to('/run')}"
    lines = [
        f"mkdir -p {run}",
        f"mount -n -t tmpfs -o mode=0755 node {run}",
        f"mkdir -p {inside} {run}/hosts",
        f"mount -n --bind {shlex.quote(str(folder))} {inside}",
    ]
    if hosts:
        lines.append(f"mount -n --bind {shlex.quote(str(hosts))} {run}/hosts")
    return [*lines, f"mount -n --move {run} /run"]


def _overlay(folder: str) -> list[str]:
    layer = f"/run/overlay{folder}"
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


def _join_cgroup(procs_files: Sequence[Path]) -> list[str]:
    """The lines that move a shell, and the program that it executes, into a cgroup."""
    return [f"echo $$ > {shlex.quote(str(file))}" for file in procs_files]


def setup_script(folder: Path, hosts: Path | None, procs_files: Sequence[Path]) -> str:
    """The shell script that sets the namespace up and then executes its arguments."""
    lines = ["set -e", *_join_cgroup(procs_files), *_mount_run(folder, hosts)]
    for overlaid in OVERLAID:
        lines += _overlay(overlaid)
    lines.append("ln -sf /run/hosts/resolv.conf /run/hosts/hosts /etc/")
    for name, value in KERNEL_SETTINGS.items():
        lines += _kernel_setting(name, value)
    # The node forwards the packets of its pods; other hosts forward none.
    lines.append("echo 1 > /proc/sys/net/ipv4/ip_forward")
    # Mount propagation between pods needs shared mounts.
    lines += ["mount -n --make-rshared /", 'exec "$@"']
    return "\n".join(lines)


def first_command(
    folder: Path, hosts: Path | None, procs_files: Sequence[Path], command: Sequence[str]
) -> list[str]:
    """The argv that creates the namespace and runs the node's first program in it.

    `folder` holds the node's files, `hosts` its resolv.conf and hosts.
    """
    script = setup_script(folder, hosts, procs_files)
    return ["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", script, "node",
            *command]  # fmt: skip


def next_command(namespace: Path, procs_files: Sequence[Path], command: Sequence[str]) -> list[str]:
    """The argv that runs another program in the mount namespace at a path."""
    script = "\n".join(["set -e", *_join_cgroup(procs_files), 'exec "$@"'])
    return ["nsenter", f"--mount={namespace}", "--", "sh", "-c", script, "node",
            *command]  # fmt: skip
