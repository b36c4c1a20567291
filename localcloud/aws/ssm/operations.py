"""The operations of SSM that the cloud offers."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from localcloud.aws import validation
from localcloud.aws.calls import Call
from localcloud.aws.eks import offered
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

NODE_IMAGES = "/aws/service/eks/optimized-ami"


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


def get_parameter(call: Call) -> Result:
    name, known = call.params["Name"], public_parameters(call.region)
    if name not in known:
        raise AwsError("ParameterNotFound", f"the local cloud has {', '.join(known)}, not {name}")
    value, kind = known[name]
    parameter = {"Name": name, "Type": "String", "Value": value, "Version": 1, "DataType": kind}
    return {"Parameter": {**parameter, "ARN": f"arn:aws:ssm:{call.region}::parameter{name}"}}


OPERATIONS: Mapping[str, Callable[[Call], Result]] = {
    "DescribeInstanceInformation": describe_instances,
    "GetParameter": get_parameter,
}


def answer(commands: Commands, sessions: Sessions, call: Call) -> Result:
    """The result of a call. Raises AwsError."""
    operations: dict[str, Callable[[Call], Result]] = {
        **OPERATIONS,
        **{name: partial(each, commands) for name, each in run_command.OPERATIONS.items()},
        **{name: partial(each, sessions) for name, each in session_manager.OPERATIONS.items()},
    }
    return validation.checked(call, operations, "ValidationException", "ValidationException")(call)
