"""The operations of Run Command, a tool of SSM."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.iam.authorization import authorize
from localcloud.aws.ssm import instances
from localcloud.aws.ssm.commands import (
    MAX_CONCURRENCY,
    MAX_ERRORS,
    Command,
    Commands,
    Invocation,
)

Result = dict[str, Any]
DOCUMENT = "AWS-RunShellScript"
PARAMETERS = {"commands", "workingDirectory", "executionTimeout"}
SEND = {
    "InstanceIds", "Targets", "DocumentName", "DocumentVersion", "Parameters", "Comment",
    "TimeoutSeconds", "MaxConcurrency", "MaxErrors",
}  # fmt: skip
EXECUTION_SECONDS = "3600"  # the default of the document
PLUGIN = "aws:runShellScript"
MAX_PLUGIN_OUTPUT = 2_500  # characters, of ListCommandInvocations


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
    ids = _instances(call)
    command = Command(
        lines=_lines(given),
        timeout=float((given.get("executionTimeout") or [EXECUTION_SECONDS])[0]),
        document=DOCUMENT,
        comment=params.get("Comment") or "",
        parameters=given,
        invocations={instance_id: Invocation(instance_id) for instance_id in ids},
        targets=params.get("Targets") or [],
        max_concurrency=params.get("MaxConcurrency") or MAX_CONCURRENCY,
        max_errors=params.get("MaxErrors") or MAX_ERRORS,
    )
    commands.send(command)
    return {"Command": _command(command)}


def _instances(call: Call) -> list[str]:
    """The ids of the instances that InstanceIds or Targets name, all of them managed."""
    ids, targets = call.params.get("InstanceIds") or [], call.params.get("Targets") or []
    if bool(ids) == bool(targets):
        raise AwsError("InvalidParameters", "exactly one of InstanceIds and Targets is required")
    if len(ids) > len(set(ids)):
        raise AwsError("DuplicateInstanceId", "an instance is named twice in InstanceIds")
    _check_keys([target["Key"] for target in targets])
    known = {instance.id: instance for instance in instances.managed(call.region)}
    if targets and targets[0]["Key"] != "InstanceIds":
        tags = {name: {t["key"]: t["value"] for t in one.get_tags()} for name, one in known.items()}
        chosen = [name for name in known if all(_matches(each, tags[name]) for each in targets)]
    else:
        chosen = list(dict.fromkeys(ids or targets[0].get("Values") or []))
        if wrong := sorted(set(chosen) - set(known)):
            raise AwsError("InvalidInstanceId", f"Instances not in a valid state: {wrong}")
    if targets and call.caller and chosen:
        # The caller needs rights on every instance; only now is it known which these are.
        authorize(replace(call, params={**call.params, "InstanceIds": chosen}), "json")
    return chosen


def _check_keys(keys: Sequence[str]) -> None:
    for key in keys:
        if key not in ("InstanceIds", "tag-key") and not key.startswith("tag:"):
            raise not_offered(f"the target key {key}", "InvalidParameters")
    if "InstanceIds" in keys and len(keys) > 1:
        raise AwsError("InvalidParameters", "a target of InstanceIds must be the only one")


def _matches(target: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    """Whether an instance has one of the values of a target's tag; for tag-key, one of the tags."""
    key, values = target["Key"], target.get("Values") or []
    if key == "tag-key":
        return not tags.keys().isdisjoint(values)
    return tags.get(key.removeprefix("tag:")) in values


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
        "StatusDetails": command.details,
        "Targets": command.targets,
        "MaxConcurrency": command.max_concurrency,
        "MaxErrors": command.max_errors,
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
        "PluginName": PLUGIN,
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


def _plugin(invocation: Invocation) -> Result:
    started = {"ResponseStartDateTime": invocation.started} if invocation.started else {}
    ended = {"ResponseFinishDateTime": invocation.ended} if invocation.ended else {}
    error = f"\n----------ERROR-------\n{invocation.stderr}" if invocation.stderr else ""
    return {
        "Name": PLUGIN,
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "ResponseCode": invocation.code,
        "Output": (invocation.stdout + error)[:MAX_PLUGIN_OUTPUT],
        **started,
        **ended,
    }


def list_invocations(commands: Commands, call: Call) -> Result:
    _refuse_filters(call)
    details = call.params.get("Details")
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
            "CommandPlugins": [_plugin(invocation)] if details else [],
        }
        for command in commands.sent.values()
        for invocation in command.invocations.values()
        if wanted[0] in (None, command.id) and wanted[1] in (None, invocation.instance_id)
    ]
    return {"CommandInvocations": found}


def _refuse_filters(call: Call) -> None:
    if call.params.get("Filters"):
        raise not_offered(f"Filters of {call.operation}", "InvalidFilterKey")


def list_commands(commands: Commands, call: Call) -> Result:
    _refuse_filters(call)
    wanted, instance = call.params.get("CommandId"), call.params.get("InstanceId")
    found = [
        _command(command)
        for command in commands.sent.values()
        if wanted in (None, command.id) and (instance is None or instance in command.invocations)
    ]
    return {"Commands": found}


def cancel(commands: Commands, call: Call) -> Result:
    commands.cancel(_find(commands, call), call.params.get("InstanceIds") or [])
    return {}


OPERATIONS = {
    "SendCommand": send,
    "GetCommandInvocation": get_invocation,
    "ListCommandInvocations": list_invocations,
    "ListCommands": list_commands,
    "CancelCommand": cancel,
}
