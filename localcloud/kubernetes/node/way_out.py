"""Whether a node reaches what it needs of AWS to join its cluster, as EKS's nodes do."""

import subprocess
import time

from localcloud.network import netns

# The address of its instance (EC2), and its images (ECR, whose layers are in S3).
NAMES = ("ec2", "api.ecr", "any.dkr.ecr", "s3")
SECONDS = 10.0  # a route may appear a moment after the node
_TRY = """\
for name; do timeout 2 bash -c "</dev/tcp/$name/443" || { echo "$name"; exit 1; }; done 2>/dev/null
"""


def require(host: str, region: str) -> None:
    """Raises OSError, with the name, when the host does not reach one of the names in time."""
    names = [f"{name}.{region}.amazonaws.com" for name in NAMES]
    command = netns.enter(host, ["sh", "-c", _TRY, "try", *names], None)
    end = time.monotonic() + SECONDS
    while (tried := subprocess.run(command, capture_output=True, text=True)).returncode:
        if time.monotonic() > end:
            raise OSError(
                f"Instances failed to join the kubernetes cluster: {host} does not reach "
                f"{tried.stdout.strip()}; its subnet needs a route to NAT, or VPC endpoints"
            )
        time.sleep(0.5)
