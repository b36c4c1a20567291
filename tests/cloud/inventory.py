"""What is in an account, by kind: to see that a destroy leaves nothing."""

from collections.abc import Callable, Mapping
from typing import Any

# Where AWS keeps what is deleted in its lists for a while, these states mean gone.
GONE = {"terminated", "deleted", "deleting", "PendingDeletion"}
LISTS: tuple[tuple[str, str, str, str, Mapping[str, Any]], ...] = (
    ("acm", "list_certificates", "CertificateSummaryList", "CertificateArn", {}),
    ("ec2", "describe_vpcs", "Vpcs", "VpcId", {}),
    ("ec2", "describe_subnets", "Subnets", "SubnetId", {}),
    ("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId", {}),
    ("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId", {}),
    ("ec2", "describe_route_tables", "RouteTables", "RouteTableId", {}),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupId", {}),
    ("ec2", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId", {}),
    ("ec2", "describe_addresses", "Addresses", "AllocationId", {}),
    ("ec2", "describe_volumes", "Volumes", "VolumeId", {}),
    ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId", {}),
    ("elb", "describe_load_balancers", "LoadBalancerDescriptions", "LoadBalancerName", {}),
    ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn", {}),
    ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn", {}),
    ("iam", "list_roles", "Roles", "Arn", {}),
    ("iam", "list_policies", "Policies", "Arn", {"Scope": "Local"}),
    ("iam", "list_instance_profiles", "InstanceProfiles", "Arn", {}),
    ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn", {}),
    ("eks", "list_clusters", "clusters", "", {}),
    ("logs", "describe_log_groups", "logGroups", "arn", {}),
    ("s3", "list_buckets", "Buckets", "Name", {}),
    ("wafv2", "list_web_acls", "WebACLs", "ARN", {"Scope": "REGIONAL"}),
    ("route53", "list_hosted_zones", "HostedZones", "Id", {}),
)


def inventory(client: Callable[[str], Any]) -> set[str]:
    """`service/id` of all that is there: what the lists above name, instances, keys in use."""
    found = set()
    for service, call, field, key, arguments in LISTS:
        for item in getattr(client(service), call)(**arguments)[field]:
            if not key:
                found.add(f"{service}/{item}")
            elif str(item.get("State")) not in GONE:  # a load balancer's is no text
                found.add(f"{service}/{item[key]}")
    return found | instances(client) | keys(client)


def instances(client: Callable[[str], Any]) -> set[str]:
    """Instances that are not terminated."""
    return {
        f"ec2/{instance['InstanceId']}"
        for reservation in client("ec2").describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        if instance["State"]["Name"] not in GONE
    }


def keys(client: Callable[[str], Any]) -> set[str]:
    """Customer keys that are not on their way out."""
    kms = client("kms")
    described = (
        kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]
    )
    return {
        f"kms/{key['KeyId']}"
        for key in described
        if key["KeyState"] not in GONE and key["KeyManager"] == "CUSTOMER"
    }
