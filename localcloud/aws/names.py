"""The host names under which the AWS API answers."""

import boto3

# Services with host names such as oidc.eks.<region>.amazonaws.com.
NESTED = ("eks", "elb", "s3")


def api_names(address: str) -> list[str]:
    """The names of the API's certificate: its address, and AWS's own names in every region."""
    regions = boto3.Session().get_available_regions("ec2")
    names = [address, "*.amazonaws.com", "*.api.aws"]
    for region in regions:
        names += [f"*.{region}.amazonaws.com", f"*.{region}.api.aws"]
        names += [f"*.{service}.{region}.amazonaws.com" for service in NESTED]
    return names
