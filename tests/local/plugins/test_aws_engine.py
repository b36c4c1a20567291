"""The real Pulumi engine drives the language host and the aws plugin."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.plugins.stack import GatedApi, Stack, client, gated_api, lines

Cloud = tuple[GatedApi, dict[str, str]]

PROGRAM = """
tags = {{"Name": "net", "owner": pulumi.Output.secret("me")}}
vpc = aws.ec2.Vpc("net", cidr_block="{cidr}", tags=tags)
subnet = aws.ec2.Subnet("a", vpc_id=vpc.id, cidr_block="{cidr}".replace("/16", "/24"))
group = aws.ec2.SecurityGroup("bastion", vpc_id=vpc.id, description="{description}")
trust = {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {{"Service": "ec2.amazonaws.com"}}}}]}}
role = aws.iam.Role("node", assume_role_policy=json.dumps(trust), description="{description}")
pulumi.export("vpc", vpc.id)
pulumi.export("role", role.name)
pulumi.export("group", group.id)
"""


def program(cidr: str = "10.0.0.0/16", description: str = "first") -> str:
    return PROGRAM.format(cidr=cidr, description=description)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with gated_api() as cloud:
        yield cloud


@pytest.fixture
def stack(cloud: Cloud, tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path, cloud[1])
    yield stack
    stack.pulumi("destroy", "--yes", "--skip-preview")


def vpcs(cloud: Cloud) -> list[Any]:
    found = client(cloud[1], "ec2").describe_vpcs(
        Filters=[{"Name": "is-default", "Values": ["false"]}]
    )
    return [each["VpcId"] for each in found["Vpcs"]]


def test_a_stack_is_made_kept_changed_and_destroyed(cloud: Cloud, stack: Stack) -> None:
    stack.program(program())
    assert "[unknown]" in stack.pulumi("preview")
    stack.up()
    first = stack.outputs()
    assert vpcs(cloud) == [first["vpc"]]

    before = len(cloud[0].requests)
    stack.up("--expect-no-changes")
    assert cloud[0].requests[before:] == []  # nothing to change, nothing to ask AWS
    stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    stack.pulumi("preview", "--expect-no-changes")

    stack.program(program(description="second"))
    said = stack.up()
    assert lines(said, "node", "updated")
    assert lines(said, "bastion", "replaced")
    second = stack.outputs()
    assert (second["vpc"], second["role"]) == (first["vpc"], first["role"])
    assert second["group"] != first["group"]

    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert vpcs(cloud) == []
    assert stack.resources() == []


def test_what_others_change_is_seen_by_a_refresh(cloud: Cloud, stack: Stack) -> None:
    stack.program(program())
    stack.up()
    ec2 = client(cloud[1], "ec2")
    ec2.create_tags(Resources=vpcs(cloud), Tags=[{"Key": "Name", "Value": "other"}])
    client(cloud[1], "iam").delete_role(RoleName=stack.outputs()["role"])
    said = stack.pulumi("refresh", "--yes", "--skip-preview")
    assert lines(said, "net", "updated")
    assert lines(said, "node", "deleted")
    said = stack.up()
    assert lines(said, "net", "updated", "[diff: ~tags]")
    assert lines(said, "node", "created")


def test_secrets_are_secret_in_the_state(stack: Stack) -> None:
    stack.program(program())
    stack.up()
    (vpc,) = [each for each in stack.resources() if each["type"] == "aws:ec2/vpc:Vpc"]
    for properties in (vpc["inputs"], vpc["outputs"]):
        assert properties["tags"]["Name"] == "net"
        assert "ciphertext" in properties["tags"]["owner"]


def test_a_resource_is_imported_by_its_id(cloud: Cloud, stack: Stack) -> None:
    id = client(cloud[1], "ec2").create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    vpc = 'aws.ec2.Vpc("old", cidr_block="10.3.0.0/16"'
    imported = f'opts=pulumi.ResourceOptions(import_="{id}")'
    stack.program(f"{vpc}, enable_dns_hostnames=True, {imported})")
    assert lines(stack.pulumi("preview"), "old", "update", "[diff: ~enableDnsHostnames]")
    stack.program(f"{vpc}, {imported})")
    said = stack.up()
    assert lines(said, "old", "imported")
    assert not lines(said, "old", "diff")
    stack.program(f"{vpc})")
    stack.up("--expect-no-changes")


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ('aws.ec2.Vpc("a", cidr_block="10.0.0.1/16")', "aws:ec2:Vpc (a)", "has host bits set"),
        (
            'aws.sqs.Queue("a")',
            "aws:sqs:Queue (a)",
            "aws:sqs/queue:Queue is not in the local cloud",
        ),
        (
            'aws.ec2.Vpc("a", cidr_block="10.0.0.0/16", ipv6_cidr_block="x")',
            "aws:ec2:Vpc (a)",
            "property ipv6CidrBlock value {x} has a problem: is not a property that",
        ),
    ],
)
def test_bad_inputs_are_told_before_anything_is_made(
    cloud: Cloud, stack: Stack, text: str, path: str, reason: str
) -> None:
    stack.program(text)
    said = stack.pulumi("preview", fails=True)
    assert lines(said, path)
    assert lines(said, "error", reason)
    assert vpcs(cloud) == []


@pytest.mark.parametrize("operation", ["CreateVpc", "CreateRole"])
def test_an_engine_killed_in_the_middle_leaves_one(
    cloud: Cloud, stack: Stack, operation: str
) -> None:
    """AWS made it, the answer is under way, and the engine is killed: the next one goes on."""
    api, environment = cloud
    stack.program(program())
    api.hold(operation)
    api.done.clear()
    api.release.clear()
    with stack.start("up", "--yes", "--skip-preview") as engine:
        assert api.done.wait(60)
        engine.kill()
    api.release.set()
    stack.pulumi("cancel", "--yes")
    stack.up()
    assert vpcs(cloud) == [stack.outputs()["vpc"]]
    names = [each["RoleName"] for each in client(environment, "iam").list_roles()["Roles"]]
    assert [name for name in names if name.startswith("node-")] == [stack.outputs()["role"]]


def test_a_signal_ends_a_wait_and_keeps_what_was_made(cloud: Cloud, stack: Stack) -> None:
    """Ctrl-C once: the engine lets what is under way come to its end, and records it."""
    api, _ = cloud
    stack.program(program())
    api.hold("CreateVpc")
    api.done.clear()
    api.release.clear()
    with stack.start("up", "--yes", "--skip-preview") as engine:
        assert api.done.wait(60)
        engine.send_signal(2)
        api.release.set()
        said, _ = engine.communicate(timeout=60)
    assert engine.returncode
    assert "Traceback" not in said
    stack.up()
    assert vpcs(cloud) == [stack.outputs()["vpc"]]
