"""The real Pulumi engine drives the language host and the aws plugin."""

import threading
from typing import Any
from unittest.mock import Mock

import boto3
import pytest

from localcloud.aws.api import AwsApi
from localcloud.plugins.aws.schema import schema
from localcloud.plugins.versions import sdk_version
from tests.engine import Project

SDKS = """
import json
import pulumi
import pulumi_aws as aws
"""
NETWORK = f"""{SDKS}
tags = {{"Name": "net", "owner": pulumi.Output.secret("me")}}
vpc = aws.ec2.Vpc("net", cidr_block="10.7.0.0/16", tags=tags)
subnet = aws.ec2.Subnet(
    "a", vpc_id=vpc.id, cidr_block="10.7.0.0/24", availability_zone="eu-west-1a"
)
pulumi.export("vpc", vpc.id)
"""
TRUST = """
def trust(service):
    principal = {"Service": f"{service}.amazonaws.com"}
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
"""


def program(description: str = "first") -> str:
    return f"""{NETWORK}{TRUST}
group = aws.ec2.SecurityGroup("bastion", vpc_id=vpc.id, description="{description}")
role = aws.iam.Role("node", assume_role_policy=trust("ec2"), description="{description}")
pulumi.export("role", role.name)
pulumi.export("group", group.id)
"""


def vpcs() -> list[str]:
    """The ids of the VPCs of these programs."""
    cidr = {"Name": "cidr", "Values": ["10.7.0.0/16"]}
    return [each["VpcId"] for each in boto3.client("ec2").describe_vpcs(Filters=[cidr])["Vpcs"]]


def lines(text: str, *parts: str) -> list[str]:
    """The lines that contain all these parts."""
    return [line for line in text.splitlines() if all(part in line for part in parts)]


def test_a_stack_is_made_kept_changed_and_destroyed(
    api: AwsApi, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.program(program())
    assert "[unknown]" in project.pulumi("preview")
    project.up()
    first = project.outputs()
    assert vpcs() == [first["vpc"]]
    (vpc,) = project.resources("aws:ec2/vpc:Vpc")
    for properties in (vpc["inputs"], vpc["outputs"]):
        assert properties["tags"]["Name"] == "net"
        assert "ciphertext" in properties["tags"]["owner"]

    with monkeypatch.context() as patch:
        asked = Mock(wraps=api.respond)
        patch.setattr(api, "respond", asked)
        project.up("--expect-no-changes")
        asked.assert_not_called()  # nothing to change, nothing to ask AWS
    project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    project.pulumi("preview", "--expect-no-changes")

    project.program(program("second"))
    said = project.up()
    assert lines(said, "node", "updated")
    assert lines(said, "bastion", "replaced")
    second = project.outputs()
    assert (second["vpc"], second["role"]) == (first["vpc"], first["role"])
    assert second["group"] != first["group"]

    project.destroy()
    assert vpcs() == []
    assert project.resources() == []


def test_what_others_change_is_seen_by_a_refresh(project: Project) -> None:
    project.program(program())
    project.up()
    boto3.client("ec2").create_tags(Resources=vpcs(), Tags=[{"Key": "Name", "Value": "other"}])
    boto3.client("iam").delete_role(RoleName=project.outputs()["role"])
    said = project.pulumi("refresh", "--yes", "--skip-preview")
    assert lines(said, "net", "updated")
    assert lines(said, "node", "deleted")
    said = project.up()
    assert lines(said, "net", "updated", "[diff: ~tags]")
    assert lines(said, "node", "created")


def test_a_resource_is_imported_by_its_id(project: Project) -> None:
    id = boto3.client("ec2").create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    vpc = f'{SDKS}aws.ec2.Vpc("old", cidr_block="10.3.0.0/16"'
    imported = f'opts=pulumi.ResourceOptions(import_="{id}")'
    project.program(f"{vpc}, enable_dns_hostnames=True, {imported})")
    assert lines(project.pulumi("preview"), "old", "update", "[diff: ~enableDnsHostnames]")
    project.program(f"{vpc}, {imported})")
    said = project.up()
    assert lines(said, "old", "imported")
    assert not lines(said, "old", "diff")
    project.program(f"{vpc})")
    project.up("--expect-no-changes")


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        (
            'aws.sqs.Queue("a")',
            "aws:sqs:Queue (a)",
            "aws:sqs/queue:Queue is not in the local cloud",
        ),
        (
            'aws.ec2.Vpc("a", cidr_block="10.7.0.0/16", ipv6_cidr_block="x")',
            "aws:ec2:Vpc (a)",
            "property ipv6CidrBlock value {x} has a problem: is not a property that",
        ),
    ],
)
def test_bad_inputs_are_told_before_anything_is_made(
    project: Project, text: str, path: str, reason: str
) -> None:
    project.program(SDKS + text)
    said = project.pulumi("preview", fails=True)
    assert lines(said, path)
    assert lines(said, "error", reason)


def test_a_stack_is_destroyed_and_made_again(project: Project) -> None:
    """An instance's client token, once its instance is terminated, is never used again."""
    images = boto3.client("ec2").describe_images(Owners=["amazon"])["Images"]
    project.program(f"""{NETWORK}
host = aws.ec2.Instance(
    "host", ami="{images[0]["ImageId"]}", instance_type="t3.micro", subnet_id=subnet.id
)
pulumi.export("host", host.id)
""")
    made = set()
    for _ in range(2):
        project.up()
        made.add(project.outputs()["host"])
        project.up("--expect-no-changes")
        project.destroy()
    assert len(made) == 2
    assert vpcs() == []


def test_a_replacement_is_another_one_and_stays(project: Project) -> None:
    project.program(program())
    project.up()
    first = project.outputs()
    for resource, export in (("aws:ec2/vpc:Vpc::net", "vpc"), ("aws:iam/role:Role::node", "role")):
        said = project.up("--replace", f"urn:pulumi:example::example::{resource}")
        assert lines(said, resource[-3:], "replaced")
        second = project.outputs()
        assert second[export] != first[export]
        project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert vpcs() == [second["vpc"]]


def test_default_tags_come_and_go_with_the_first_up(project: Project) -> None:
    project.program(program())
    project.up()
    ec2 = boto3.client("ec2")
    for given in ("a", "b", None):
        command = ["set", "--path", "aws:defaultTags.tags.team", given] if given else []
        project.pulumi("config", *(command or ["rm", "aws:defaultTags"]))
        assert lines(project.pulumi("preview"), "net", "update", "[diff: ~tagsAll]")
        project.up()
        tags = ec2.describe_vpcs(VpcIds=vpcs())["Vpcs"][0]["Tags"]
        found = {each["Key"]: each["Value"] for each in tags}
        assert found == {"Name": "net", "owner": "me", **({"team": given} if given else {})}
        project.up("--expect-no-changes")


def cluster(endpoint: bool, more: str = "") -> str:
    return f"""{NETWORK}{TRUST}
other = aws.ec2.Subnet(
    "b", vpc_id=vpc.id, cidr_block="10.7.1.0/24", availability_zone="eu-west-1b"
)
config = {{"subnet_ids": [subnet.id, other.id], "endpoint_private_access": True}}
cluster = aws.eks.Cluster(
    "clu", role_arn=aws.iam.Role("clu", assume_role_policy=trust("eks")).arn,
    vpc_config={{**config, "endpoint_public_access": {endpoint}}},
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


def test_a_changed_cluster_changes_nothing_that_depends_on_it(project: Project) -> None:
    """In the preview, as in the update, the values that AWS chose stay known."""
    project.program(cluster(True))
    project.up()
    policy = 'upgrade_policy={"support_type": "STANDARD"}'
    for changed in ((True, policy), (False, policy), (False, policy + ', tags={"a": "b"}')):
        project.program(cluster(*changed))
        for said in (project.pulumi("preview"), project.up()):
            assert lines(said, "aws:eks:Cluster", "clu", "update")
            for other in ("replace", "into-nodes", "issuer", "says"):
                assert not lines(said, other)


def test_an_import_prints_the_program_that_has_it(project: Project) -> None:
    config = {"Comment": 'The "first" zone of ${everybody}'}
    call = {"Name": "imported.example", "CallerReference": "imported", "HostedZoneConfig": config}
    zone = boto3.client("route53").create_hosted_zone(**call)["HostedZone"]["Id"]
    data = {
        "MetadataOptions": {"HttpTokens": "required"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20}}],
    }
    tags = [{"ResourceType": "launch-template", "Tags": [{"Key": "someKey", "Value": "v"}]}]
    template = boto3.client("ec2").create_launch_template(
        LaunchTemplateName="imported", LaunchTemplateData=data, TagSpecifications=tags
    )["LaunchTemplate"]["LaunchTemplateId"]
    code = SDKS
    for token, name, id in (
        ("aws:route53/zone:Zone", "first-zone", zone.rpartition("/")[2]),
        ("aws:ec2/launchTemplate:LaunchTemplate", "nodes", template),
    ):
        said = project.pulumi("import", "--yes", "--protect=false", token, name, id)
        assert lines(said, name, "imported")
        code += said.partition("import pulumi_aws as aws\n")[2]
    project.program(code)
    project.up("--expect-no-changes")


def test_the_schema_is_one_that_the_engine_takes(project: Project) -> None:
    path = project.folder / "schema.json"
    path.write_text(schema(sdk_version("aws")))
    assert "error" not in project.pulumi("schema", "check", str(path))


def test_a_signal_ends_a_wait_and_keeps_what_was_made(
    api: AwsApi, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one Ctrl-C the engine finishes what it has started, and records it."""
    made, released = threading.Event(), threading.Event()

    def respond(request: Any) -> Any:
        """Carry out a CreateVpc, but do not answer it before the signal."""
        response = AwsApi.respond(api, request)
        if b"Action=CreateVpc" in request.body:
            made.set()
            released.wait(60)
        return response

    project.program(program())
    with monkeypatch.context() as patch:
        patch.setattr(api, "respond", respond)
        with project.start("up", "--yes", "--skip-preview") as engine:
            assert made.wait(60)
            engine.send_signal(2)
            released.set()
            said, _ = engine.communicate(timeout=60)
    assert engine.returncode
    assert "Traceback" not in said
    project.up()
    assert vpcs() == [project.outputs()["vpc"]]
