"""Running a command on a host: its network, its files, and nothing of the machine's."""

import subprocess
from pathlib import Path

import pytest

from localcloud.network.netns import enter, path, run_in
from tests.cloud.network.stage import Stage
from tests.unit.localcloud.network.examples import group, instance, interface, vpc

DNS_NAME = "ip-10-0-2-11.eu-west-1.compute.internal"


def run(*command: str, ca: Path | None = None) -> str:
    done = subprocess.run(
        enter("i-a", command, ca), capture_output=True, text=True, check=True, cwd="/tmp"
    )
    return done.stdout


@pytest.fixture
def host(stage: Stage) -> str:
    stage.snapshots.machines = (instance("i-a", "10.0.2.11"),)
    stage.show(vpc([interface("i-a", "10.0.2.11", "sg-1", subnet="private")], [group("sg-1")]))
    return "i-a"


def test_a_command_sees_its_hosts_network_and_files(host: str) -> None:
    assert "inet 10.0.2.11/32" in run("ip", "-4", "addr", "show", "eth0")
    assert run("cat", "/etc/resolv.conf") == (
        "search eu-west-1.compute.internal\nnameserver 10.0.0.2\n"
    )
    assert run("cat", "/etc/hosts") == f"127.0.0.1 localhost\n10.0.2.11 {DNS_NAME}\n"


def test_arguments_arrive_as_they_are_and_so_does_the_folder(host: str) -> None:
    odd = ["a b", "$HOME", "'", '"', "*", ""]
    assert run("printf", "%s|", *odd) == "a b|$HOME|'|\"|*||"
    assert run("pwd") == "/tmp\n"


def test_the_clouds_ca_is_trusted_in_place_of_the_machines(host: str, tmp_path: Path) -> None:
    ca = tmp_path / "ca.crt"
    ca.write_text("the cloud's")
    assert run("cat", "/etc/ssl/certs/ca-certificates.crt", ca=ca) == "the cloud's"
    assert "the cloud's" not in run("sh", "-c", "cat /etc/ssl/certs/* || true")


@pytest.mark.parametrize("form", ["missing", "dangling"])
def test_a_machine_whose_resolv_conf_is_missing_or_a_link_is_fine(host: str, form: str) -> None:
    change = "rm /etc/resolv.conf"
    if form == "dangling":
        change += " && ln -s /nowhere/resolv.conf /etc/resolv.conf"
    inner = enter("i-a", ["cat", "/etc/resolv.conf"], None)
    # A copy of /etc in a mount namespace of its own stands for such a machine's.
    copy = "mount -t tmpfs t /mnt && cp -a /etc /mnt && mount --bind /mnt/etc /etc"
    machine = f'{copy} && {change} && exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", machine, "sh", *inner], capture_output=True, text=True
    )
    assert done.stdout.endswith("nameserver 10.0.0.2\n"), done.stderr


def test_what_a_command_writes_to_etc_never_reaches_the_machine(host: str) -> None:
    run("sh", "-c", "echo mine > /etc/written-on-a-host && cat /etc/written-on-a-host")
    assert not Path("/etc/written-on-a-host").exists()


def test_cgroups_stay_visible(host: str) -> None:
    assert run("ls", "/sys/fs/cgroup").split() == sorted(
        entry.name for entry in Path("/sys/fs/cgroup").iterdir()
    )


def test_what_fails_in_another_namespace_is_raised_here(host: str) -> None:
    with pytest.raises(ZeroDivisionError):
        run_in(path("i-a"), lambda: 1 / 0)
    with pytest.raises(FileNotFoundError, match="i-none"):
        run_in(path("i-none"), lambda: None)
