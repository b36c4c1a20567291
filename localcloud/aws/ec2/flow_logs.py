"""Flow logs, which are records only: nothing is written to their log groups."""

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.flow_logs import FlowLogs as FlowLog

from localcloud.aws.errors import not_offered

CLOUDWATCH = "cloud-watch-logs"


class FlowLogs(EC2Backend):
    """The flow logs of a region, only to CloudWatch Logs."""

    def create_flow_logs(
        self,
        resource_type: str,
        resource_ids: list[str],
        traffic_type: str,
        deliver_logs_permission_arn: str,
        log_destination_type: str,
        log_destination: str,
        log_group_name: str,
        log_format: str,
        max_aggregation_interval: int,
    ) -> tuple[list[FlowLog], list[Any]]:
        """The log group may also be named by its ARN, which moto ignores."""
        if log_destination_type not in (None, CLOUDWATCH):
            raise not_offered(f"flow logs to {log_destination_type}", "UnsupportedOperation")
        if log_destination and not log_group_name:
            log_group_name = log_destination.split(":")[6]
        return super().create_flow_logs(
            resource_type, resource_ids, traffic_type, deliver_logs_permission_arn, CLOUDWATCH,
            log_destination, log_group_name, log_format, max_aggregation_interval,
        )  # fmt: skip
