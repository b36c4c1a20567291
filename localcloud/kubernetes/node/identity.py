"""Where pods of a node find the Pod Identity agent."""

import subprocess
from pathlib import Path

ADDRESS = "169.254.170.23/32"


def set_address(netns: Path, wanted: bool) -> None:
    """Give the agent's link-local address to the node, or take it away."""
    verb = "replace" if wanted else "delete"
    command = ["nsenter", f"--net={netns}", "ip", "address", verb, ADDRESS, "dev", "lo"]
    subprocess.run(command, check=True, capture_output=True)
