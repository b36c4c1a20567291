"""Nodes are drained while requests come in: no request fails.

https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html. The controller leaves a
cordoned node registered (kubernetes-sigs/aws-load-balancer-controller, pkg/backend), so that a
drained node goes on passing requests to the pods of others.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.cloud.conftest import CHECKOUT, Cloud

# One connection per request, until the input ends; tells the status of each, or what went wrong.
REQUESTS = """\
for url; do
  stdbuf -oL curl -s -m 5 --rate 25/s -H 'Connection: close' -o /dev/null \\
    -w '%{http_code} %{url_effective} %{errormsg}\\n' "$url/?[1-99999]" &
done
read end
kill $(jobs -p)
"""


@contextmanager
def requests(cloud: Cloud, host: str, urls: Sequence[str], told: list[str]) -> Iterator[None]:
    """Send requests from a host all the while, and add what came of each to `told`."""
    inside = ["exec", host, "--", "bash", "-c", REQUESTS, "requests", *urls]
    with subprocess.Popen(
        [sys.executable, "-m", "localcloud", *inside], env=cloud.environment, cwd=CHECKOUT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield
        told += process.communicate("end\n", timeout=30)[0].splitlines()


def test_no_request_fails_while_one_node_after_the_other_is_drained(cloud: Cloud) -> None:
    outputs = cloud.outputs()
    names = [f"{host}.{outputs['domain']}" for host in ("svc", "svc1", "svc2")]
    from_world = [f"http://{name}" for name in (outputs["load_balancer_hostname"], *names)]
    columns = "custom-columns=:.metadata.name,:.status.addresses[0].address"
    nodes = kubectl(cloud, "get", "nodes", "--no-headers", "-o", columns).split()
    port = outputs["node_ports"]["nginx-node-port"]
    from_vpc = [f"http://{address}:{port}" for address in nodes[1::2]]
    told: list[str] = []
    with requests(cloud, "world", from_world, told), requests(cloud, "bastion", from_vpc, told):
        # The second one has both replicas of everything.
        for node in nodes[::2]:
            kubectl(cloud, "drain", node, "--ignore-daemonsets", "--delete-emptydir-data")
            kubectl(cloud, "uncordon", node)
    assert [line for line in told if not line.startswith("200 ")] == []
    for url in (*from_world, *from_vpc):
        assert sum(url in line for line in told) > 100


def kubectl(cloud: Cloud, *args: str) -> str:
    return cloud.run(["kubectl", *args]).stdout
