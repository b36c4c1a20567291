import threading
from collections.abc import Sequence
from typing import Any
from unittest.mock import Mock

import pytest

from localcloud.aws.api import AwsApi
from tests.api.aws.support import Client, Vpc, make_role, refusal, trusted

MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
DOCUMENT = "AWS-RunShellScript"


@pytest.fixture
def ssm(client: Client) -> Any:
    return client("ssm")


@pytest.fixture
def instance(client: Client, vpc: Vpc, ssm: Any) -> str:
    """An instance whose role lets SSM manage it."""
    iam, profile = client("iam"), {"InstanceProfileName": "bastion"}
    make_role(client, "bastion", trust=trusted("ec2"))
    iam.attach_role_policy(RoleName="bastion", PolicyArn=MANAGED)
    iam.create_instance_profile(**profile)
    iam.add_role_to_instance_profile(**profile, RoleName="bastion")
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    image = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    made = vpc.launch(ImageId=image, IamInstanceProfile={"Name": "bastion"})
    return str(made["InstanceId"])


def arguments(instance: str, **more: Any) -> dict[str, Any]:
    """SendCommand's."""
    given = {"DocumentName": DOCUMENT, "Parameters": {"commands": ["true"]}}
    return {"InstanceIds": [instance], **given, **more}


def send(api: AwsApi, ssm: Any, instance: str, run: Any, **more: Any) -> dict[str, str]:
    """Send a command that `run` runs; returns what names its invocation."""
    api.commands.run = run
    number = ssm.send_command(**arguments(instance, **more))["Command"]["CommandId"]
    return {"CommandId": number, "InstanceId": instance}


def result(ssm: Any, call: dict[str, str]) -> Any:
    """The invocation of a command, whose threads end at once."""
    for thread in threading.enumerate():
        if thread.name == f"command {call['CommandId']}":
            thread.join(5)
    return ssm.get_command_invocation(**call)


def test_a_command_runs_on_the_instance(api: AwsApi, ssm: Any, instance: str) -> None:
    seen: list[Any] = []
    release = threading.Event()

    def run(target: str, lines: Sequence[str], timeout: float) -> tuple[int, str, str]:
        seen.append((target, tuple(lines), timeout))
        release.wait(5)
        return 3, "out", "err"

    parameters = {"commands": ["false", "exit 3"], "executionTimeout": ["7"]}
    call = send(api, ssm, instance, run, Parameters=parameters)
    first = ssm.get_command_invocation(**call)
    assert first["Status"] in ("Pending", "InProgress")
    assert first["ResponseCode"] == -1
    release.set()
    found = result(ssm, call)
    assert seen == [(instance, ("false", "exit 3"), 7.0)]
    assert (found["Status"], found["ResponseCode"]) == ("Failed", 3)
    assert (found["StandardOutputContent"], found["StandardErrorContent"]) == ("out", "err")
    listed = ssm.list_command_invocations(CommandId=call["CommandId"])["CommandInvocations"]
    assert [one["Status"] for one in listed] == ["Failed"]


def test_a_command_that_takes_too_long_has_timed_out(api: AwsApi, ssm: Any, instance: str) -> None:
    call = send(api, ssm, instance, Mock(side_effect=TimeoutError))
    assert result(ssm, call)["Status"] == "TimedOut"


def test_a_cancelled_command_keeps_no_result(api: AwsApi, ssm: Any, instance: str) -> None:
    running, release = threading.Event(), threading.Event()

    def run(*_: Any) -> tuple[int, str, str]:
        running.set()
        release.wait(5)
        return 0, "late", ""

    call = send(api, ssm, instance, run)
    assert running.wait(5)
    ssm.cancel_command(CommandId=call["CommandId"])
    release.set()
    found = result(ssm, call)
    assert (found["Status"], found["StandardOutputContent"]) == ("Cancelled", "")


def test_only_managed_instances_take_commands(client: Client, ssm: Any, instance: str) -> None:
    found = ssm.describe_instance_information()["InstanceInformationList"]
    assert [one["InstanceId"] for one in found] == [instance]
    client("iam").detach_role_policy(RoleName="bastion", PolicyArn=MANAGED)
    assert ssm.describe_instance_information()["InstanceInformationList"] == []
    assert refusal(ssm.send_command, **arguments(instance))[0] == "InvalidInstanceId"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"DocumentName": "AWS-UpdateSSMAgent"}, "the document AWS-UpdateSSMAgent"),
        ({"Targets": [{"Key": "tag:a", "Values": ["b"]}]}, "Targets of SendCommand"),
        ({"Parameters": {"other": ["x"]}}, "unknown: other"),
    ],
)
def test_commands_that_are_refused(
    ssm: Any, instance: str, more: dict[str, Any], words: str
) -> None:
    assert words in refusal(ssm.send_command, **arguments(instance, **more))[1]


def test_an_unknown_parameter_is_told(ssm: Any) -> None:
    assert refusal(ssm.get_parameter, Name="/mine")[0] == "ParameterNotFound"
