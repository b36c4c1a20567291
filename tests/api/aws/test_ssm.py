import threading
from collections.abc import Sequence
from typing import Any
from unittest.mock import Mock

import pytest

from localcloud.aws.api import AwsApi
from tests.api.aws.support import SSM_MANAGED, Client, grant, refusal, with_boundary

DOCUMENT = "AWS-RunShellScript"


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


def test_a_boundary_limits_the_agent_of_an_instance(
    client: Client, ssm: Any, instance: str
) -> None:
    """docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"""
    with_boundary(client, "bastion", grant("ec2:*"))
    assert ssm.describe_instance_information()["InstanceInformationList"] == []


def test_only_managed_instances_take_commands(client: Client, ssm: Any, instance: str) -> None:
    found = ssm.describe_instance_information()["InstanceInformationList"]
    assert [one["InstanceId"] for one in found] == [instance]
    client("iam").detach_role_policy(RoleName="bastion", PolicyArn=SSM_MANAGED)
    assert ssm.describe_instance_information()["InstanceInformationList"] == []
    assert refusal(ssm.send_command, **arguments(instance))[0] == "InvalidInstanceId"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"DocumentName": "AWS-UpdateSSMAgent"}, "the document AWS-UpdateSSMAgent"),
        (
            {"Targets": [{"Key": "tag:a", "Values": ["b"]}]},
            "exactly one of InstanceIds and Targets",
        ),
        ({"InstanceIds": []}, "exactly one of InstanceIds and Targets"),
        ({"InstanceIds": ["i-0123456789abcdef0"] * 2}, "named twice"),
        ({"OutputS3BucketName": "results"}, "OutputS3BucketName of SendCommand is not offered"),
        ({"MaxConcurrency": "0"}, "MaxConcurrency"),
        ({"MaxErrors": "101%"}, "MaxErrors"),
        ({"Parameters": {"other": ["x"]}}, "unknown: other"),
    ],
)
def test_commands_that_are_refused(
    ssm: Any, instance: str, more: dict[str, Any], words: str
) -> None:
    assert words in refusal(ssm.send_command, **arguments(instance, **more))[1]


def test_details_of_an_invocation_are_the_output_of_its_plugin(
    api: AwsApi, ssm: Any, instance: str
) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CommandPlugin.html"""

    def plugin(*ran: Any) -> Any:
        call = send(api, ssm, instance, lambda *_: ran)
        result(ssm, call)
        listed = ssm.list_command_invocations(CommandId=call["CommandId"])
        assert listed["CommandInvocations"][0]["CommandPlugins"] == []
        listed = ssm.list_command_invocations(CommandId=call["CommandId"], Details=True)
        return listed["CommandInvocations"][0]["CommandPlugins"][0]

    found = plugin(3, "out\n" + "x" * 3000, "")
    assert (found["Name"], found["Status"]) == ("aws:runShellScript", "Failed")
    assert (found["ResponseCode"], found["Output"]) == (3, "out\n" + "x" * 2496)
    assert found["ResponseFinishDateTime"] >= found["ResponseStartDateTime"]
    assert plugin(0, "out", "wrong")["Output"] == "out\n----------ERROR-------\nwrong"


@pytest.mark.parametrize("operation", ["list_commands", "list_command_invocations"])
def test_filters_of_commands_are_refused_by_name(ssm: Any, operation: str) -> None:
    filters = [{"key": "Status", "value": "Success"}]
    found = refusal(getattr(ssm, operation), Filters=filters)
    assert found[0] == "InvalidFilterKey"


def test_an_unknown_parameter_is_told(ssm: Any) -> None:
    assert refusal(ssm.get_parameter, Name="/mine")[0] == "ParameterNotFound"
