"""The real Pulumi engine drives the language host and the aws plugin."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.plugins.aws.schema import schema
from localcloud.plugins.versions import sdk_version
from tests.api.plugins.aws.conftest import reconciled
from tests.api.plugins.stack import GatedApi, Stack, client, gated_api, lines

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


def test_a_stack_is_destroyed_and_made_again(cloud: Cloud, stack: Stack) -> None:
    """An instance's client token, once its instance is terminated, is never used again."""
    images = client(cloud[1], "ec2").describe_images(Owners=["amazon"])["Images"]
    stack.program(
        'vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")\n'
        'subnet = aws.ec2.Subnet("a", vpc_id=vpc.id, cidr_block="10.0.0.0/24")\n'
        f'host = aws.ec2.Instance("host", ami="{images[0]["ImageId"]}", instance_type="t3.micro",'
        " subnet_id=subnet.id)\n"
        'pulumi.export("host", host.id)\n'
    )
    made = set()
    for _ in range(3):
        stack.up()
        made.add(stack.outputs()["host"])
        stack.up("--expect-no-changes")
        stack.pulumi("destroy", "--yes", "--skip-preview")
    assert len(made) == 3
    assert vpcs(cloud) == []


def test_a_replacement_is_another_one_and_stays(cloud: Cloud, stack: Stack) -> None:
    stack.program(program())
    stack.up()
    first = stack.outputs()
    for resource, export in (("aws:ec2/vpc:Vpc::net", "vpc"), ("aws:iam/role:Role::node", "role")):
        said = stack.up("--replace", f"urn:pulumi:test::example::{resource}")
        assert lines(said, resource[-3:], "replaced")
        second = stack.outputs()
        assert second[export] != first[export]
        stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert vpcs(cloud) == [second["vpc"]]


def test_default_tags_come_and_go_with_the_first_up(cloud: Cloud, stack: Stack) -> None:
    stack.program(program())
    stack.up()
    ec2 = client(cloud[1], "ec2")
    for given in ("a", "b", None):
        command = ["set", "--path", "aws:defaultTags.tags.team", given] if given else []
        stack.pulumi("config", *(command or ["rm", "aws:defaultTags"]))
        assert lines(stack.pulumi("preview"), "net", "update", "[diff: ~tagsAll]")
        stack.up()
        tags = ec2.describe_vpcs(VpcIds=vpcs(cloud))["Vpcs"][0]["Tags"]
        found = {each["Key"]: each["Value"] for each in tags}
        assert found == {"Name": "net", "owner": "me", **({"team": given} if given else {})}
        stack.up("--expect-no-changes")


CLUSTER = """
def trust(service):
    return json.dumps({{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
        "Action": "sts:AssumeRole", "Principal": {{"Service": f"{{service}}.amazonaws.com"}}}}]}})
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
subnets = [
    aws.ec2.Subnet(
        zone, vpc_id=vpc.id, cidr_block=f"10.0.{{number}}.0/24",
        availability_zone=f"eu-west-1{{zone}}",
    ).id
    for number, zone in enumerate("ab")
]
cluster = aws.eks.Cluster(
    "clu", role_arn=aws.iam.Role("clu", assume_role_policy=trust("eks")).arn,
    vpc_config={{"subnet_ids": subnets, "endpoint_private_access": True, {endpoint}}},
    access_config={{"authentication_mode": "API"}}, {more}
)
aws.vpc.SecurityGroupIngressRule(
    "into-nodes", security_group_id=cluster.vpc_config.cluster_security_group_id,
    ip_protocol="tcp", from_port=1, to_port=2, cidr_ipv4="10.0.0.0/16",
)
aws.iam.OpenIdConnectProvider(
    "issuer", url=cluster.identities[0].oidcs[0].issuer, client_id_lists=["sts.amazonaws.com"]
)
aws.ec2.SecurityGroup(
    "says", vpc_id=vpc.id,
    description=pulumi.Output.concat(cluster.endpoint, cluster.arn, cluster.vpc_config.vpc_id),
)
"""


@pytest.mark.parametrize(
    "change",
    [
        {"more": 'upgrade_policy={"support_type": "STANDARD"}'},
        {"endpoint": '"endpoint_public_access": False'},
        {"more": 'tags={"a": "b"}'},
    ],
)
def test_a_changed_cluster_changes_nothing_that_depends_on_it(
    cloud: Cloud, stack: Stack, change: dict[str, str]
) -> None:
    """In the preview, as in the update, the values that AWS chose stay known."""
    given = {"more": "", "endpoint": ""}
    with reconciled(cloud[0]):
        stack.program(CLUSTER.format(**given))
        stack.up()
        stack.program(CLUSTER.format(**{**given, **change}))
        for said in (stack.pulumi("preview"), stack.up()):
            assert lines(said, "aws:eks:Cluster", "clu", "update")
            for other in ("replace", "into-nodes", "issuer", "says"):
                assert not lines(said, other)
        stack.pulumi("destroy", "--yes", "--skip-preview")


def test_what_is_not_offered_is_refused_in_the_preview(cloud: Cloud, stack: Stack) -> None:
    stack.program(CLUSTER.format(more='version="1.34"', endpoint=""))
    said = stack.pulumi("up", "--yes", fails=True)
    assert lines(said, "version", "Kubernetes 1.34 (it runs 1.35")
    assert vpcs(cloud) == []


def test_an_import_prints_the_program_that_has_it(cloud: Cloud, stack: Stack) -> None:
    config = {"Comment": 'The "first" zone of ${everybody}'}
    call = {"Name": "imported.example", "CallerReference": "imported", "HostedZoneConfig": config}
    zone = client(cloud[1], "route53").create_hosted_zone(**call)["HostedZone"]["Id"]
    data = {
        "MetadataOptions": {"HttpTokens": "required"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20}}],
    }
    tags = [{"ResourceType": "launch-template", "Tags": [{"Key": "someKey", "Value": "v"}]}]
    template = client(cloud[1], "ec2").create_launch_template(
        LaunchTemplateName="imported", LaunchTemplateData=data, TagSpecifications=tags
    )["LaunchTemplate"]["LaunchTemplateId"]
    stack.program("")
    for token, name, id in (
        ("aws:route53/zone:Zone", "first-zone", zone.rpartition("/")[2]),
        ("aws:ec2/launchTemplate:LaunchTemplate", "nodes", template),
    ):
        said = stack.pulumi("import", "--yes", "--protect=false", token, name, id)
        assert lines(said, name, "imported")
        code = said.partition("import pulumi_aws as aws\n")[2]
        stack.add(code)
    stack.up("--expect-no-changes")


def test_the_schema_is_one_that_the_engine_takes(stack: Stack) -> None:
    path = stack.folder / "schema.json"
    path.write_text(schema(sdk_version("aws")))
    assert "error" not in stack.pulumi("schema", "check", str(path))


def test_a_signal_ends_a_wait_and_keeps_what_was_made(cloud: Cloud, stack: Stack) -> None:
    """After one Ctrl-C the engine finishes what it has started, and records it."""
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
