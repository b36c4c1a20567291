"""dev and prod as shipped, with only what differs per account, from nothing to nothing.

A private API, as https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html ("Accessing
a private only API server") has it, by Session Manager's port forwarding to a remote host:
https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
"""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud.aws.accounts import iam_arn
from tests.cloud import rights
from tests.cloud.conftest import CHECKOUT, CLOUD_TIMEOUT, STACK, Cloud, processes_of, start
from tests.cloud.inventory import inventory
from tests.cloud.test_stack import checks
from tests.cloud.test_tls import refusals
from tests.terminal import Terminal

WORKER = "ssm-session-worker"
KEPT = ["kms", "logs"]  # see components/control_plane_logs.py
PREFIX = "eks-service-types:"
TUNNEL_HOST = "eks-service-types-prod.eu-west-1.eks.amazonaws.com"  # see Pulumi.local.yaml
ADMINISTRATOR = "AmazonEKSClusterAdminPolicy"
PUBLIC: dict[str, Any] = {
    "endpoint-public-access": True,
    "endpoint-public-access-cidrs": ["198.18.0.0/24"],  # this machine and the world
}


def settings_of(stack: str) -> dict[str, Any]:
    loaded = yaml.safe_load((CHECKOUT / f"Pulumi.{stack}.yaml").read_text())
    return dict(loaded["config"])


def own(domain: str) -> dict[str, Any]:
    """What differs per account: the domain, the users, and the images that can be pulled."""
    images = {
        key.removeprefix(PREFIX): value
        for key, value in settings_of(STACK).items()
        if key.startswith((f"{PREFIX}controller-", f"{PREFIX}nginx-image"))
    }
    entry = {"principal": iam_arn("user/checks"), "policy": ADMINISTRATOR}
    return {**images, "domain": domain, "access-entries": {"checks": entry}}


@dataclass(frozen=True)
class Stack:
    """A stack, its deployer, and who checks it; both have the rights of docs/policies alone."""

    name: str
    deployer: Cloud
    checker: Cloud
    folder: Path

    def pulumi(self, *args: str, check: bool = True) -> str:
        done = self.deployer.pulumi(*args, "--cwd", str(self.folder), check=check)
        return done.stdout + done.stderr

    def shell(self, command: str) -> None:
        """Run a command of docs/aws.md as it stands there, with the answer yes."""
        said = {"FOLDER": str(self.folder), "PULUMI_SKIP_CONFIRMATIONS": "true"}
        where = replace(self.deployer, keys={**self.deployer.keys, **said})
        where.run(["bash", "-euc", f'cd "$FOLDER"; {command}'])

    def configure(self, **changes: Any) -> None:
        """The shipped settings with these changes, whose names have _ for -."""
        named = {key.replace("_", "-"): value for key, value in changes.items()}
        changed = {f"{PREFIX}{key}": value for key, value in named.items()}
        file = self.folder / f"Pulumi.{self.name}.yaml"
        salt = yaml.safe_load(file.read_text())  # of the passphrase, by `stack init`
        file.write_text(yaml.safe_dump({**salt, "config": {**settings_of(self.name), **changed}}))

    def failed(self) -> dict[int, str]:
        """What the checks that do not hold saw; all thirteen have run."""
        outputs = self.deployer.outputs()
        results = checks(self.checker, outputs)
        assert sorted(results) == list(range(1, 14))
        return {number: row["saw"] for number, row in results.items() if not row["ok"]}

    def left(self, before: set[str]) -> list[str]:
        """The services of what is there and was not before."""
        now = inventory(replace(self.deployer, keys={}).client)
        return sorted(each.partition("/")[0] for each in now - before)


def guide(heading: str, **names: str) -> list[str]:
    """The commands below a heading of docs/aws.md, with values for the names in capitals."""
    section = (CHECKOUT / "docs/aws.md").read_text().partition(f"\n## {heading}\n")[2]
    block = re.findall(r"^    (\S.*?)(?:    #.*)?$", section.partition("\n## ")[0], re.MULTILINE)
    for name, value in names.items():
        block = [line.replace(name, value) for line in block]
    return block


def commands_of_readme() -> list[str]:
    """The commands of README's list for AWS that concern the stack dev, from its first `up` on."""
    listed = (CHECKOUT / "README.md").read_text().partition("\n7. ")[2].partition("\n\n")[0]
    return re.findall(r"`((?:pulumi|make|\.venv/bin/python) [^`]+)`", listed)


def project(folder: Path, stack: str) -> Path:
    """The checkout, with a file of the stack's settings that may be changed."""
    for path in CHECKOUT.iterdir():
        if path.name != f"Pulumi.{stack}.yaml":
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def stack_on(tmp_path: Path) -> Iterator[Callable[[str], Stack]]:
    clouds: list[Cloud] = []

    def made(name: str) -> Stack:
        cloud = start(name)
        clouds.append(cloud)
        deployer, checker = (
            replace(rights.user(cloud, user), stack=name) for user in ("deployer", "checks")
        )
        stack = Stack(name, deployer, checker, project(tmp_path, name))
        stack.pulumi("stack", "init")
        return stack

    yield made
    for cloud in clouds:
        cloud.down()


def unchanged(stack: Stack) -> None:
    stack.pulumi("preview", "--expect-no-changes")
    stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")


# Other shapes of dev, all with TLS. Without NAT, nothing but endpoints leads from nodes to AWS:
# https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
HOSTS = {f"shop-{n}": {"page": f"shop {n}", "host": f"shop-{n}", "replicas": 1} for n in range(48)}
SHAPES: dict[str, dict[str, Any]] = {
    "shipped": {},
    "no NAT": {"nat": "none", "vpc-endpoints": True},
    "classic": {"load-balancer": "classic"},
    "ip targets": {"target-type": "ip", "load-balancer-tls": True},
    # More pods than two nodes of dev's type take (17 each)
    "50 hosts": {"services": HOSTS, "node-instance-type": "m6i.xlarge"},
}


@pytest.mark.timeout(CLOUD_TIMEOUT)
@pytest.mark.parametrize("shape", SHAPES)
def test_dev_comes_up_and_goes(stack_on: Callable[[str], Stack], shape: str) -> None:
    stack = stack_on("dev")
    cloud = replace(stack.deployer, keys={})
    before = inventory(cloud.client)
    stack.configure(**own("dev.shop.internal"), **PUBLIC, **SHAPES[shape])
    up, check, make_check, destroy = commands_of_readme()
    stack.shell(up)
    assert stack.failed() == {}
    assert refusals(stack.deployer) == []
    unchanged(stack)
    if shape == "shipped":
        for command in (check, make_check):
            stack.checker.world(["bash", "-euc", f'cd "{stack.folder}"; {command}'])
    stack.shell(destroy)
    assert stack.left(before) == KEPT
    if shape == "shipped":
        (key,) = (each for each in inventory(cloud.client) - before if each.startswith("kms/"))
        for command in guide("Protection and destroying", KEY=key.removeprefix("kms/")):
            replace(stack, deployer=cloud).shell(command)  # by an administrator
        assert stack.left(before) == []


def filtered_by(cloud: Cloud) -> list[str]:
    """The names of the web ACLs of application load balancers."""
    waf = cloud.client("wafv2")
    balancers = cloud.client("elbv2").describe_load_balancers()["LoadBalancers"]
    arns = [each["LoadBalancerArn"] for each in balancers if each["Type"] == "application"]
    found = [waf.get_web_acl_for_resource(ResourceArn=arn).get("WebACL") for arn in arns]
    return [acl["Name"] for acl in found if acl]


@pytest.mark.timeout(CLOUD_TIMEOUT)
def test_prod_comes_up_becomes_private_and_goes(stack_on: Callable[[str], Stack]) -> None:
    stack = stack_on("prod")
    cloud = replace(stack.deployer, keys={})
    domain = "prod.shop.internal"
    cloud.client("route53").create_hosted_zone(Name=domain, CallerReference="prod")
    before = inventory(cloud.client)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    given = {**own(domain), "api-tunnel-port": port, "api-tunnel-host": TUNNEL_HOST}

    stack.configure(**given)
    assert "through the bastion, which the first `up` makes" in stack.pulumi("preview", check=False)
    select, mine, public, tunnel, others, private = guide(
        "Private clusters",
        **{"YOUR-ADDRESS/32": "198.18.0.0/24"},  # this machine and the world
    )
    for command in (select, mine, public):
        stack.shell(command)
    assert stack.failed() == {}
    (acl,) = filtered_by(cloud)
    assert acl.startswith("firewall-web-acl-")

    opened = ["bash", "-c", f'cd "{stack.folder}"; {tunnel}']
    with closing(Terminal(opened, stack.deployer.environment)) as session:
        session.shows("Waiting for connections")
        stack.shell(others)
        stack.shell(private)
        (cluster,) = json.loads(stack.deployer.outputs()["kubeconfig"])["clusters"]
        assert cluster["cluster"]["server"] == f"https://127.0.0.1:{port}"
        unchanged(stack)
        assert stack.failed() == {}
        assert len(processes_of(cloud, WORKER)) == 1  # the checks have ended theirs
        (bucket,) = cloud.client("s3").list_buckets()["Buckets"]
        for command in guide("Access logs", BUCKET=bucket["Name"]):
            replace(stack, deployer=cloud).shell(command)  # fails if there is no log

        assert "protected" in stack.pulumi("destroy", "--yes", check=False)
        stack.configure(**given, protect=False, waf=False)
        stack.pulumi("up", "--yes", "--skip-preview")
        assert filtered_by(cloud) == []
        stack.pulumi("preview", "--expect-no-changes")
        stack.pulumi("destroy", "--yes", "--skip-preview")
    assert stack.left(before) == KEPT
