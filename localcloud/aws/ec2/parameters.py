"""What EC2 requests may not ask for here; moto would accept it, and nothing would come of it."""

from localcloud.aws.calls import Call
from localcloud.aws.errors import not_offered

OPERATIONS = {"CreateFleet", "RequestSpotFleet", "RequestSpotInstances"}
PARAMETERS = ("UserData", "InstanceMarketOptions")


def check(call: Call) -> None:
    """Raise AwsError for user data and spot instances, in a launch template too."""
    if call.operation in OPERATIONS:
        raise not_offered(call.operation, "UnsupportedOperation")
    for given in (call.params, call.params.get("LaunchTemplateData") or {}):
        for name in PARAMETERS:
            if given.get(name):
                raise not_offered(f"{name} of {call.operation}", "UnsupportedOperation")
