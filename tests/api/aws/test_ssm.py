import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.ssm.commands import Command, Commands, Invocation
from tests.api.aws.support import (
    ACCOUNT,
    SSM_MANAGED,
    Client,
    Vpc,
    grant,
    make_role,
    refusal,
    session,
)

DOCUMENT = "AWS-RunShellScript"


def arguments(instance: str, **more: Any) -> dict[str, Any]:
    """SendCommand's."""
    given = {"DocumentName": DOCUMENT, "Parameters": {"commands": ["true"]}}
    return {"InstanceIds": [instance], **given, **more}


def ended(command: Command) -> None:
    """Wait for a command's threads, which end at once."""
    for thread in threading.enumerate():
        if thread.name == f"command {command.id}":
            thread.join(5)


def test_a_command_runs_on_the_instance(api: AwsApi, ssm: Any, instance: str) -> None:
    seen: list[Any] = []
    release = threading.Event()

    def run(target: str, lines: Sequence[str], timeout: float) -> tuple[int, str, str]:
        seen.append((target, tuple(lines), timeout))
        release.wait(5)
        return 3, "out", "err"

    api.commands.run = run
    parameters = {"commands": ["false", "exit 3"], "executionTimeout": ["7"]}
    sent = ssm.send_command(**arguments(instance, Parameters=parameters))
    number = sent["Command"]["CommandId"]
    call = {"CommandId": number, "InstanceId": instance}
    first = ssm.get_command_invocation(**call)
    assert first["Status"] in ("Pending", "InProgress")
    assert first["ResponseCode"] == -1
    release.set()
    ended(api.commands.sent[number])
    found = ssm.get_command_invocation(**call)
    assert seen == [(instance, ("false", "exit 3"), 7.0)]
    assert (found["Status"], found["ResponseCode"]) == ("Failed", 3)
    assert found["StandardOutputContent"] == "out"
    assert found["StandardErrorContent"] == "err"
    listed = ssm.list_command_invocations(CommandId=number)["CommandInvocations"]
    assert [one["Status"] for one in listed] == ["Failed"]


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


@pytest.fixture
def fleet(client: Client, vpc: Vpc, api: AwsApi, instance: str) -> dict[str, str]:
    """Three managed instances by the value of their tag Kind."""
    api.commands.run = lambda target, lines, timeout: (0, target, "")
    more = {"IamInstanceProfile": {"Name": "bastion"}}
    ids = [instance, *(str(vpc.launch(**more)["InstanceId"]) for _ in range(2))]
    for number, kind in zip(ids, KINDS, strict=True):
        tags = [{"Key": "Kind", "Value": kind}, {"Key": f"is-{kind}", "Value": "yes"}]
        client("ec2").create_tags(Resources=[number], Tags=tags)
    return dict(zip(KINDS, ids, strict=True))


KINDS = ("web", "app", "db")


def targeted(*targets: tuple[str, list[str]], **more: Any) -> dict[str, Any]:
    """SendCommand's."""
    given = {"Targets": [{"Key": key, "Values": values} for key, values in targets], **more}
    return {"DocumentName": DOCUMENT, "Parameters": {"commands": ["true"]}, **given}


@pytest.mark.parametrize(
    ("targets", "kinds"),
    [
        ([("tag:Kind", ["web"])], ["web"]),
        ([("tag:Kind", ["db", "app", "none"])], ["app", "db"]),
        ([("tag:Kind", ["web", "db"]), ("tag:is-db", ["yes"])], ["db"]),
        ([("tag-key", ["is-web", "is-app"])], ["web", "app"]),
        ([("tag-key", ["Kind"]), ("tag:is-app", ["yes"])], ["app"]),
        ([("InstanceIds", ["{web}", "{db}", "{web}"])], ["web", "db"]),
        ([("tag:Kind", ["none"])], []),
        ([("tag:kind", ["web"])], []),
    ],
)
def test_a_command_goes_to_the_instances_that_its_targets_name(
    api: AwsApi, ssm: Any, fleet: dict[str, str], targets: Any, kinds: list[str]
) -> None:
    """The values of a target are alternatives, several targets all have to match:
    https://docs.aws.amazon.com/systems-manager/latest/userguide/send-commands-multiple.html
    """
    given = [(key, [value.format(**fleet) for value in values]) for key, values in targets]
    number = ssm.send_command(**targeted(*given))["Command"]["CommandId"]
    ended(api.commands.sent[number])
    listed = ssm.list_command_invocations(CommandId=number)["CommandInvocations"]
    assert [one["InstanceId"] for one in listed] == [fleet[kind] for kind in kinds]
    (command,) = ssm.list_commands(CommandId=number)["Commands"]
    assert (command["Status"], command["TargetCount"]) == ("Success", len(kinds))
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
    assert command["StatusDetails"] == ("Success" if kinds else "NoInstancesInTag")


@pytest.mark.parametrize(
    ("targets", "code", "words"),
    [
        ([("resource-groups:Name", ["g"])], "InvalidParameters", "target key resource-groups:Name"),
        ([("Tag:Kind", ["web"])], "InvalidParameters", "the target key Tag:Kind is not offered"),
        ([("InstanceIds", ["i-0123456789abcdef0"])], "InvalidInstanceId", "not in a valid state"),
        ([("InstanceIds", ["{web}"]), ("tag:a", ["b"])], "InvalidParameters", "must be the only"),
        ([("tag:a", ["b"]), ("InstanceIds", ["{web}"])], "InvalidParameters", "must be the only"),
    ],
)
def test_targets_that_are_refused(
    ssm: Any, fleet: dict[str, str], targets: Any, code: str, words: str
) -> None:
    given = [(key, [value.format(**fleet) for value in values]) for key, values in targets]
    found = refusal(ssm.send_command, **targeted(*given))
    assert found[0] == code
    assert words in found[1]


def test_rights_are_needed_on_every_instance_that_targets_name(
    client: Client, api: AwsApi, fleet: dict[str, str]
) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html"""
    place = "arn:aws:ec2:*:*:instance/"
    resources = [place + fleet["web"], place + fleet["app"], f"arn:aws:ssm:*::document/{DOCUMENT}"]
    make_role(client, "user", ACCOUNT, grant("ssm:SendCommand", Resource=resources))
    user = client("ssm", *session(client, "user"))
    user.send_command(**targeted(("tag:Kind", ["web", "app"])))
    user.send_command(**arguments(fleet["web"]))
    for call in (targeted(("tag-key", ["Kind"])), arguments(fleet["db"])):
        code, message = refusal(user.send_command, **call)
        assert code == "AccessDeniedException"
        assert fleet["db"] in message


@pytest.mark.parametrize(
    ("limits", "at_once", "run"),
    [
        ({}, 3, 3),
        ({"MaxConcurrency": "1", "MaxErrors": "3"}, 1, 3),
        ({"MaxConcurrency": "67%", "MaxErrors": "100%"}, 2, 3),
        ({"MaxConcurrency": "1%", "MaxErrors": "34%"}, 1, 2),
        ({"MaxConcurrency": "1"}, 1, 1),
    ],
)
def test_as_many_run_at_once_as_asked_until_too_many_fail(
    api: AwsApi, ssm: Any, fleet: dict[str, str], limits: dict[str, str], at_once: int, run: int
) -> None:
    """With MaxErrors 0, the default, the first error stops the rest; with 10 % of 50, the sixth:
    https://docs.aws.amazon.com/systems-manager/latest/userguide/send-commands-multiple.html
    """
    sent: list[str] = []
    running: list[str] = []
    together: list[int] = []
    first = threading.Barrier(at_once)

    def fail(target: str, lines: Sequence[str], timeout: float) -> tuple[int, str, str]:
        sent.append(target)
        running.append(target)
        if len(sent) <= at_once:
            first.wait(5)
        together.append(len(running))
        time.sleep(0.02)  # for one more to begin
        running.remove(target)
        return 1, "", ""

    api.commands.run = fail
    number = ssm.send_command(**targeted(("tag-key", ["Kind"]), **limits))["Command"]["CommandId"]
    ended(api.commands.sent[number])
    assert (len(sent), max(together)) == (run, at_once)
    listed = ssm.list_command_invocations(CommandId=number)["CommandInvocations"]
    details = ["Failed"] * run + ["Terminated"] * (3 - run)
    assert [one["StatusDetails"] for one in listed] == details


def test_details_of_an_invocation_are_the_output_of_its_plugin(
    api: AwsApi, ssm: Any, instance: str
) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CommandPlugin.html"""
    api.commands.run = lambda target, lines, timeout: (3, "out\n" + "x" * 3000, "wrong")
    number = ssm.send_command(**arguments(instance))["Command"]["CommandId"]
    ended(api.commands.sent[number])
    (plain,) = ssm.list_command_invocations(CommandId=number)["CommandInvocations"]
    assert plain["CommandPlugins"] == []
    found = ssm.list_command_invocations(CommandId=number, Details=True)
    (plugin,) = found["CommandInvocations"][0]["CommandPlugins"]
    assert (plugin["Name"], plugin["Status"]) == ("aws:runShellScript", "Failed")
    assert (plugin["ResponseCode"], len(plugin["Output"])) == (3, 2500)
    assert plugin["Output"].startswith("out\nxxx")
    assert plugin["ResponseFinishDateTime"] >= plugin["ResponseStartDateTime"]
    api.commands.run = lambda target, lines, timeout: (0, "out", "wrong")
    number = ssm.send_command(**arguments(instance))["Command"]["CommandId"]
    ended(api.commands.sent[number])
    found = ssm.list_command_invocations(CommandId=number, Details=True)
    (plugin,) = found["CommandInvocations"][0]["CommandPlugins"]
    assert plugin["Output"] == "out\n----------ERROR-------\nwrong"


@pytest.mark.parametrize("operation", ["list_commands", "list_command_invocations"])
def test_filters_of_commands_are_refused_by_name(ssm: Any, operation: str) -> None:
    filters = [{"key": "Status", "value": "Success"}]
    found = refusal(getattr(ssm, operation), Filters=filters)
    assert found[0] == "InvalidFilterKey"


@pytest.fixture
def sent() -> Command:
    return Command(("true",), 1.0, DOCUMENT, "", {}, {"i-1": Invocation("i-1")})


def test_a_command_that_takes_too_long_has_timed_out(sent: Command) -> None:
    def run(*_: Any) -> tuple[int, str, str]:
        raise TimeoutError

    commands = Commands()
    commands.run = run
    commands.send(sent)
    ended(sent)
    assert sent.invocations["i-1"].status == "TimedOut"


def test_a_cancelled_command_keeps_no_result(sent: Command) -> None:
    running, release = threading.Event(), threading.Event()

    def run(*_: Any) -> tuple[int, str, str]:
        running.set()
        release.wait(5)
        return 0, "late", ""

    commands = Commands()
    commands.run = run
    commands.send(sent)
    assert running.wait(5)
    commands.cancel(sent, [])
    release.set()
    ended(sent)
    assert (sent.status, sent.invocations["i-1"].stdout) == ("Cancelled", "")


def test_an_unknown_parameter_is_told(ssm: Any) -> None:
    assert refusal(ssm.get_parameter, Name="/mine")[0] == "ParameterNotFound"
