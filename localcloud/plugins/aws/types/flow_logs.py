"""Flow logs of a VPC, to CloudWatch Logs."""

from localcloud.plugins.aws.kinds import number, text
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.rules import arn, one_of
from localcloud.plugins.aws.table import Call, ResourceType
from localcloud.plugins.aws.types.ec2 import own_arn, tagging


def _interval(value: int) -> str | None:
    return None if value in (60, 600) else "must be 60 or 600"


FLOW_LOG = ResourceType(
    token="aws:ec2/flowLog:FlowLog",
    service="ec2",
    properties={
        "vpcId": Prop(required=True, replace=True, read="ResourceId"),
        "trafficType": Prop(text(one_of("ACCEPT", "REJECT", "ALL")), replace=True, required=True),
        "logDestination": Prop(text(arn), required=True, replace=True),
        "logDestinationType": Prop(
            text(one_of("cloud-watch-logs")), default="cloud-watch-logs", replace=True
        ),
        "iamRoleArn": Prop(text(arn), required=True, replace=True, aws="DeliverLogsPermissionArn"),
        "maxAggregationInterval": Prop(number(_interval), default=600, replace=True),
    },
    outputs={"arn": own_arn("vpc-flow-log"), "logFormat": "LogFormat"},
    create=Call(
        "create_flow_logs",
        lambda r: {
            "ResourceIds": [r["vpcId"]],
            "ResourceType": "VPC",
            **r.aws("trafficType", "logDestination", "logDestinationType", "iamRoleArn"),
            **r.aws("maxAggregationInterval"),
            **r.tagging(),
            "ClientToken": r.token,
        },
    ),
    id="FlowLogIds[0]",
    read=Call("describe_flow_logs", lambda r: {"FlowLogIds": [r.id]}, "FlowLogs[0]"),
    delete=Call("delete_flow_logs", lambda r: {"FlowLogIds": [r.id]}),
    missing=("InvalidFlowLogId.NotFound",),
    tagging=tagging("vpc-flow-log"),
    delete_first=("vpcId", "logDestination"),
)

TYPES = (FLOW_LOG,)
