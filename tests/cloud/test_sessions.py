"""SSM sessions with the AWS CLI and its plugin, through the bastion of the stack."""

import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cloud.conftest import Cloud, processes_of
from tests.cloud.waiting import eventually
from tests.terminal import Terminal

REMOTE = "AWS-StartPortForwardingSessionToRemoteHost"
Start = Callable[..., Terminal]


@pytest.fixture
def bastion(cloud: Cloud) -> str:
    return str(cloud.outputs()["bastion_instance_id"])


@pytest.fixture
def start(cloud: Cloud, bastion: str) -> Iterator[Start]:
    """Starts a session on the bastion; at the end nothing of it is left."""
    made: list[Terminal] = []

    def run(*arguments: str) -> Terminal:
        command = ["aws", "ssm", "start-session", "--target", bastion, *arguments]
        made.append(Terminal(command, cloud.environment))
        return made[-1]

    yield run
    for terminal in made:
        terminal.close()
    eventually(lambda: not processes_of(cloud, "ssm-session-worker"))
    assert cloud.client("ssm").describe_sessions(State="Active")["Sessions"] == []


@pytest.fixture
def endpoint(cloud: Cloud, bastion: str) -> Iterator[str]:
    """The private address of the API server, which lets the bastion in meanwhile."""
    ec2, eks = cloud.client("ec2"), cloud.client("eks")
    filters = [{"Name": "description", "Values": ["Amazon EKS *"]}]
    found = ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"][0]
    cluster = eks.describe_cluster(name=cloud.outputs()["cluster_name"])["cluster"]
    instance = ec2.describe_instances(InstanceIds=[bastion])["Reservations"][0]["Instances"][0]
    source = {"GroupId": instance["SecurityGroups"][0]["GroupId"]}
    ports = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [source]}
    rule = {
        "GroupId": cluster["resourcesVpcConfig"]["clusterSecurityGroupId"],
        "IpPermissions": [ports],
    }
    ec2.authorize_security_group_ingress(**rule)
    yield str(found["PrivateIpAddress"])
    ec2.revoke_security_group_ingress(**rule)


def test_a_shell_on_the_bastion(cloud: Cloud, bastion: str, start: Start) -> None:
    found = cloud.client("ec2").describe_instances(InstanceIds=[bastion])
    address = found["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
    shell = start()
    shell.type("hostname -I; stty size\n")
    shell.shows(rf"\s{address} \s+33 101\s")
    shell.type("getent hosts google.com || echo by the resolver of the VPC\n")
    shell.shows(r"\sby the resolver of the VPC")
    shell.type("exit\n")
    shell.shows("Exiting session")
    assert shell.code() == 0


def test_kubectl_by_way_of_the_bastion(cloud: Cloud, endpoint: str, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    parameters = f"host={endpoint},portNumber=443,localPortNumber={port}"
    session = start("--document-name", REMOTE, "--parameters", parameters)
    session.shows("Waiting for connections")
    eventually(lambda: begin(port).startswith(b"HTTP/1.1 200 OK"))  # the rule is there
    server = f"https://127.0.0.1:{port}"

    def schema(_: int) -> str:
        return cloud.run(["kubectl", "--server", server, "get", "--raw", "/openapi/v2"]).stdout

    with ThreadPoolExecutor(4) as pool:
        several = set(pool.map(schema, range(4)))
    assert [len(text) > 1_000_000 for text in several] == [True]
    outputs, text = cloud.outputs(), "back and forth\n" * 50_000
    pod = ["-n", outputs["namespace"], f"deploy/{outputs['deployments'][0]}"]
    echoed = cloud.run(["kubectl", "--server", server, "exec", "-i", *pod, "--", "cat"], text=text)
    assert echoed.stdout == text
    session.signal(signal.SIGINT)
    session.shows("Terminate signal received")
    assert session.code() == 0
    eventually(lambda: endpoint not in cloud.on("bastion", ["ss", "-Htn"]).stdout)


def begin(port: int) -> bytes:
    """The beginning of an answer, whose connection is closed before its end."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        plain = socket.create_connection(("127.0.0.1", port), 5)
        with context.wrap_socket(plain) as connection:
            connection.sendall(b"GET /version HTTP/1.1\r\nHost: kubernetes\r\n\r\n")
            return connection.recv(20)
    except OSError as error:
        return str(error).encode()
