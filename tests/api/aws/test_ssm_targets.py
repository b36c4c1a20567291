"""Commands that are sent to instances by tags, to several of them at once."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from tests.api.aws.support import Client, Vpc, grant, make_role, refuses, session

DOCUMENT = "AWS-RunShellScript"
KINDS = ("web", "app", "db")


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


def targeted(*targets: tuple[str, list[str]], **more: Any) -> dict[str, Any]:
    """SendCommand's."""
    given = {"Targets": [{"Key": key, "Values": values} for key, values in targets], **more}
    return {"DocumentName": DOCUMENT, "Parameters": {"commands": ["true"]}, **given}


def ended(number: str) -> None:
    """Wait for a command's threads, which end at once."""
    for thread in threading.enumerate():
        if thread.name == f"command {number}":
            thread.join(5)


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
    ssm: Any, fleet: dict[str, str], targets: Any, kinds: list[str]
) -> None:
    """The values of a target are alternatives, several targets all have to match:
    https://docs.aws.amazon.com/systems-manager/latest/userguide/send-commands-multiple.html
    """
    given = [(key, [value.format(**fleet) for value in values]) for key, values in targets]
    number = ssm.send_command(**targeted(*given))["Command"]["CommandId"]
    ended(number)
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
    refuses(ssm.send_command, code, words, **targeted(*given))


def test_rights_are_needed_on_every_instance_that_targets_name(
    client: Client, fleet: dict[str, str]
) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html"""
    place = "arn:aws:ec2:*:*:instance/"
    resources = [place + fleet["web"], place + fleet["app"], f"arn:aws:ssm:*::document/{DOCUMENT}"]
    make_role(client, "user", grant("ssm:SendCommand", Resource=resources))
    user = client("ssm", *session(client, "user"))
    user.send_command(**targeted(("tag:Kind", ["web", "app"])))
    user.send_command(**targeted(("InstanceIds", [fleet["web"]])))
    denied = ("AccessDeniedException", fleet["db"])
    refuses(user.send_command, *denied, **targeted(("tag-key", ["Kind"])))
    refuses(user.send_command, *denied, **targeted(("InstanceIds", [fleet["db"]])))


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
    ended(number)
    assert (len(sent), max(together)) == (run, at_once)
    listed = ssm.list_command_invocations(CommandId=number)["CommandInvocations"]
    details = ["Failed"] * run + ["Terminated"] * (3 - run)
    assert [one["StatusDetails"] for one in listed] == details
