"""Flow logs: the connections of the VPC, in CloudWatch Logs."""

import pulumi
import pulumi_aws as aws

from components.policies import document, flow_logs_trust

# https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
_ACTIONS = ("CreateLogStream", "PutLogEvents", "DescribeLogGroups", "DescribeLogStreams")


def flow_logs(
    name: str, *, vpc_id: pulumi.Input[str], retention_days: int, opts: pulumi.ResourceOptions
) -> None:
    """Record all connections, accepted and rejected, in a log group made for them."""
    group = aws.cloudwatch.LogGroup(
        f"{name}-flow-logs", retention_in_days=retention_days, opts=opts
    )
    account_id = aws.get_caller_identity_output(
        opts=pulumi.InvokeOutputOptions(parent=opts.parent)
    ).account_id
    role = aws.iam.Role(
        f"{name}-flow-logs-role",
        assume_role_policy=pulumi.Output.json_dumps(account_id.apply(flow_logs_trust)),
        opts=opts,
    )
    actions = [f"logs:{action}" for action in _ACTIONS]
    policy = aws.iam.RolePolicy(
        f"{name}-flow-logs-rights",
        role=role.name,
        policy=pulumi.Output.json_dumps(
            group.arn.apply(
                lambda arn: document(
                    [{"Effect": "Allow", "Action": actions, "Resource": [arn, f"{arn}:*"]}]
                )
            )
        ),
        opts=opts,
    )
    aws.ec2.FlowLog(
        f"{name}-flow-log",
        vpc_id=vpc_id,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=600,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy])),
    )
