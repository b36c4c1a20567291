"""Flow logs of a VPC, to CloudWatch Logs."""

from localcloud.plugins.aws.kinds import integer, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import ApiCall, ResourceType
from localcloud.plugins.aws.rules import arn, one_of
from localcloud.plugins.aws.types.ec2_shared import own_arn, tagging


def _interval(value: int) -> str | None:
    return None if value in (60, 600) else "must be 60 or 600"


FLOW_LOG = ResourceType(
    token="aws:ec2/flowLog:FlowLog",
    service="ec2",
    properties={
        "vpcId": Prop(required=True, replace=True, read="ResourceId"),
        "trafficType": Prop(string(one_of("ACCEPT", "REJECT", "ALL")), replace=True, required=True),
        "logDestination": Prop(string(arn), required=True, replace=True),
        "logDestinationType": Prop(
            string(one_of("cloud-watch-logs")), default="cloud-watch-logs", replace=True
        ),
        "iamRoleArn": Prop(
            string(arn), required=True, replace=True, aws="DeliverLogsPermissionArn"
        ),
        "maxAggregationInterval": Prop(integer(_interval), default=600, replace=True),
    },
    outputs={"arn": own_arn("vpc-flow-log"), "logFormat": "LogFormat"},
    create=ApiCall(
        "create_flow_logs",
        lambda r: {
            "ResourceIds": [r["vpcId"]],
            "ResourceType": "VPC",
            **r.arguments("trafficType", "logDestination", "logDestinationType", "iamRoleArn"),
            **r.creation("maxAggregationInterval"),
            "ClientToken": r.client_token,
        },
    ),
    id="FlowLogIds[0]",
    read=ApiCall("describe_flow_logs", lambda r: {"FlowLogIds": [r.id]}, "FlowLogs[0]"),
    delete=ApiCall("delete_flow_logs", lambda r: {"FlowLogIds": [r.id]}),
    missing=("InvalidFlowLogId.NotFound",),
    tagging=tagging("vpc-flow-log"),
    delete_first=("vpcId", "logDestination"),
)

TYPES = (FLOW_LOG,)
