"""Whether a node reaches the AWS services that it needs to join its cluster, as on EKS."""

import subprocess
import time

from localcloud.network import netns

# For the private DNS name of its instance (EC2), and for images (ECR, whose layers are in S3).
NAMES = ("ec2", "api.ecr", "any.dkr.ecr", "s3")
TIMEOUT = 10.0  # seconds, since a route may appear a moment after the node
_TRY = """\
for name; do timeout 2 bash -c "</dev/tcp/$name/443" || { echo "$name"; exit 1; }; done 2>/dev/null
"""


def require_aws(host: str, region: str) -> None:
    """Raise OSError, with the name, if a host does not reach one of the NAMES in time."""
    names = [f"{name}.{region}.amazonaws.com" for name in NAMES]
    command = netns.enter(host, ["sh", "-c", _TRY, "try", *names], None)
    end = time.monotonic() + TIMEOUT
    while (tried := subprocess.run(command, capture_output=True, text=True)).returncode:
        if time.monotonic() > end:
            raise OSError(
                f"Instances failed to join the kubernetes cluster: {host} does not reach "
                f"{tried.stdout.strip()}; its subnet needs a route to NAT, or VPC endpoints"
            )
        time.sleep(0.5)
