"""The operations of SSM that the cloud offers."""

from collections.abc import Callable
from typing import Any

from localcloud.aws import validation
from localcloud.aws.calls import Call
from localcloud.aws.eks import offered
from localcloud.aws.eks.nodes import image
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.ssm import instances
from localcloud.aws.ssm.commands import Command, Commands, Invocation

Result = dict[str, Any]
DOCUMENT = "AWS-RunShellScript"
PARAMETERS = {"commands", "workingDirectory", "executionTimeout"}
SEND = {"InstanceIds", "DocumentName", "Parameters", "Comment", "TimeoutSeconds", "DocumentVersion"}
EXECUTION_SECONDS = "3600"  # the default of the document
IMAGES = (
    "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
)

NODE_IMAGES = "/aws/service/eks/optimized-ami"


def _find(commands: Commands, call: Call) -> Command:
    if call.params["CommandId"] not in commands.sent:
        raise AwsError("InvalidCommandId", f"no command {call.params['CommandId']}")
    return commands.sent[call.params["CommandId"]]


def send(commands: Commands, call: Call) -> Result:
    params = call.params
    for name, value in params.items():
        if name not in SEND and value:
            raise not_offered(f"{name} of SendCommand", "ValidationException")
    if params["DocumentName"] != DOCUMENT:
        raise not_offered(f"the document {params['DocumentName']}", "InvalidDocument")
    given = params.get("Parameters") or {}
    if unknown := set(given) - PARAMETERS:
        raise AwsError("InvalidParameters", f"unknown: {', '.join(sorted(unknown))}")
    if not given.get("commands"):
        raise AwsError("InvalidParameters", "the parameter commands is required")
    ids = params.get("InstanceIds") or []
    known = {instance.id for instance in instances.managed(call.region)}
    if not ids or not set(ids) <= known:
        wrong = sorted(set(ids) - known)
        raise AwsError("InvalidInstanceId", f"Instances not in a valid state: {wrong}")
    command = Command(
        lines=_lines(given),
        timeout=float((given.get("executionTimeout") or [EXECUTION_SECONDS])[0]),
        document=DOCUMENT,
        comment=params.get("Comment") or "",
        parameters=given,
        invocations={instance_id: Invocation(instance_id) for instance_id in ids},
    )
    commands.send(command)
    return {"Command": _command(command)}


def _lines(given: dict[str, list[str]]) -> tuple[str, ...]:
    folder = (given.get("workingDirectory") or [""])[0]
    quoted = folder.replace("'", "'\\''")
    return (*((f"cd '{quoted}' || exit 1",) if folder else ()), *given["commands"])


def _command(command: Command) -> Result:
    done = [i for i in command.invocations.values() if i.ended]
    return {
        "CommandId": command.id,
        "DocumentName": command.document,
        "Comment": command.comment,
        "Parameters": command.parameters,
        "InstanceIds": list(command.invocations),
        "RequestedDateTime": command.requested,
        "Status": command.status,
        "StatusDetails": command.status,
        "TargetCount": len(command.invocations),
        "CompletedCount": len(done),
        "ErrorCount": len([i for i in done if i.status == "Failed"]),
    }


def get_invocation(commands: Commands, call: Call) -> Result:
    command = _find(commands, call)
    invocation = command.invocations.get(call.params["InstanceId"])
    if invocation is None:
        raise AwsError("InvocationDoesNotExist", f"not sent to {call.params['InstanceId']}")
    started = {"ExecutionStartDateTime": _time(invocation.started)} if invocation.started else {}
    ended = {"ExecutionEndDateTime": _time(invocation.ended)} if invocation.ended else {}
    return {
        "CommandId": command.id,
        "InstanceId": invocation.instance_id,
        "Comment": command.comment,
        "DocumentName": command.document,
        "PluginName": "aws:runShellScript",
        "ResponseCode": invocation.code,
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "StandardOutputContent": invocation.stdout,
        "StandardErrorContent": invocation.stderr,
        **started,
        **ended,
    }


def _time(moment: Any) -> str:
    return str(moment.isoformat())


def list_invocations(commands: Commands, call: Call) -> Result:
    wanted = call.params.get("CommandId"), call.params.get("InstanceId")
    found = [
        {
            "CommandId": command.id,
            "InstanceId": invocation.instance_id,
            "Comment": command.comment,
            "DocumentName": command.document,
            "RequestedDateTime": command.requested,
            "Status": invocation.status,
            "StatusDetails": invocation.details,
        }
        for command in commands.sent.values()
        for invocation in command.invocations.values()
        if wanted[0] in (None, command.id) and wanted[1] in (None, invocation.instance_id)
    ]
    return {"CommandInvocations": found}


def list_commands(commands: Commands, call: Call) -> Result:
    wanted = call.params.get("CommandId")
    found = [_command(c) for c in commands.sent.values() if wanted in (None, c.id)]
    return {"Commands": found}


def cancel(commands: Commands, call: Call) -> Result:
    commands.cancel(_find(commands, call), call.params.get("InstanceIds") or [])
    return {}


def describe_instances(commands: Commands, call: Call) -> Result:
    for name in ("Filters", "InstanceInformationFilterList"):
        if any(_key(one) != "InstanceIds" for one in call.params.get(name) or []):
            raise not_offered(f"a filter of {name} other than InstanceIds", "InvalidFilterKey")
    given = call.params.get("Filters") or call.params.get("InstanceInformationFilterList") or []
    wanted = {value for one in given for value in one.get("Values") or one.get("valueSet") or []}
    found = [
        {
            "InstanceId": instance.id,
            "PingStatus": "Online",
            "PlatformType": "Linux",
            "PlatformName": "Amazon Linux",
            "PlatformVersion": "2023",
            "ResourceType": "EC2Instance",
            "IPAddress": instance.private_ip,
            "ComputerName": instance.private_dns_name,
        }
        for instance in instances.managed(call.region)
        if not wanted or instance.id in wanted
    ]
    return {"InstanceInformationList": found}


def _key(one: dict[str, Any]) -> str | None:
    return one.get("Key") or one.get("key")


def public_parameters(region: str) -> dict[str, tuple[str, str]]:
    """The value and data type of each public parameter, by name.

    docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
    """
    image_id = image(region)
    found = dict.fromkeys(IMAGES, (image_id, "aws:ec2:image"))
    for version in offered.versions():
        path = f"{NODE_IMAGES}/{version}/amazon-linux-2023/x86_64/standard/recommended"
        found[f"{path}/image_id"] = image_id, "aws:ec2:image"
        found[f"{path}/release_version"] = offered.releases(version)[0], "text"
    return found


def get_parameter(commands: Commands, call: Call) -> Result:
    name, known = call.params["Name"], public_parameters(call.region)
    if name not in known:
        raise AwsError("ParameterNotFound", f"the local cloud has {', '.join(known)}, not {name}")
    value, kind = known[name]
    parameter = {"Name": name, "Type": "String", "Value": value, "Version": 1, "DataType": kind}
    return {"Parameter": {**parameter, "ARN": f"arn:aws:ssm:{call.region}::parameter{name}"}}


OPERATIONS: dict[str, Callable[[Commands, Call], Result]] = {
    "SendCommand": send,
    "GetCommandInvocation": get_invocation,
    "ListCommandInvocations": list_invocations,
    "ListCommands": list_commands,
    "CancelCommand": cancel,
    "DescribeInstanceInformation": describe_instances,
    "GetParameter": get_parameter,
}


def answer(commands: Commands, call: Call) -> Result:
    """The result of a call. Raises AwsError."""
    if call.operation not in OPERATIONS:
        raise not_offered(f"{call.operation} of ssm", "ValidationException")
    validation.check(call, "ValidationException")
    return OPERATIONS[call.operation](commands, call)
