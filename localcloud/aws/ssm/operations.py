"""The operations of SSM that the cloud offers."""

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.aws import validation
from localcloud.aws.calls import Call
from localcloud.aws.eks.nodes import image
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.ssm import instances, run_command, session_manager
from localcloud.aws.ssm.commands import Commands
from localcloud.aws.ssm.sessions import Sessions

Result = dict[str, Any]
IMAGES = (
    "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
)


def describe_instances(call: Call) -> Result:
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


def get_parameter(call: Call) -> Result:
    name = call.params["Name"]
    if name not in IMAGES:
        raise AwsError("ParameterNotFound", f"the local cloud has {', '.join(IMAGES)}, not {name}")
    value = {"Name": name, "Type": "String", "Value": image(call.region), "Version": 1}
    kind = {"DataType": "aws:ec2:image", "ARN": f"arn:aws:ssm:{call.region}::parameter{name}"}
    return {"Parameter": {**value, **kind}}


OPERATIONS: Mapping[str, Callable[[Call], Result]] = {
    "DescribeInstanceInformation": describe_instances,
    "GetParameter": get_parameter,
}


def answer(commands: Commands, sessions: Sessions, call: Call) -> Result:
    """The result of a call. Raises AwsError."""
    validation.check(call, "ValidationException")
    if call.operation in OPERATIONS:
        return OPERATIONS[call.operation](call)
    if call.operation in run_command.OPERATIONS:
        return run_command.OPERATIONS[call.operation](commands, call)
    if call.operation in session_manager.OPERATIONS:
        return session_manager.OPERATIONS[call.operation](sessions, call)
    raise not_offered(f"{call.operation} of ssm", "ValidationException")
