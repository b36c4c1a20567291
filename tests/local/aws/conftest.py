"""One AWS API on a loopback port for all tests, empty for each, and clients that sign for it."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from localcloud.aws import backends
from localcloud.aws.accounts import iam_arn
from localcloud.aws.api import AwsApi, bootstrap
from localcloud.aws.eks import issuer
from localcloud.aws.elbv2.target_states import HEALTH
from localcloud.aws.http import Server
from localcloud.changes import Changes
from tests.local.aws.support import KEY, REGION, Client, Eks, Elb, Vpc, trust

MANAGED = ("AdministratorAccess", "AmazonSSMManagedInstanceCore", "AmazonEKSWorkerNodePolicy")


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[AwsApi, str]]:
    """The API and where it serves."""
    from moto.ec2.models import amis
    from moto.iam import models as iam
    from moto.utilities.utils import load_resource

    # 1,300 images and as many policies, or a key, take longer to make than a test.
    newest = load_resource(f"ec2/resources/latest_amis/{REGION}.json")
    amis.AMIS[:] = [ami for ami in newest if ami["name"].startswith("al2023-ami-2023")]
    models: Any = iam
    policies = json.loads(models.aws_managed_policies_data)
    models.aws_managed_policies_data = json.dumps({name: policies[name] for name in MANAGED})
    patch = pytest.MonkeyPatch()
    patch.setenv("MOTO_AMIS_PATH", "those above, and no more")
    key = issuer.new_key()
    patch.setattr(issuer, "new_key", lambda: key)
    api = AwsApi(Changes())
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(api.app)
    server.serve(listener)
    yield api, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.close()
    patch.undo()


@pytest.fixture
def api(served: tuple[AwsApi, str]) -> AwsApi:
    """The API without records but for its developer."""
    api, _ = served
    backends.reset()
    HEALTH.clear()
    api.clusters.states.clear()
    api.commands.sent.clear()
    bootstrap(api)
    keys = backends.iam().access_keys
    _, key = keys.popitem()
    key.access_key_id, key.secret_access_key = KEY
    keys[KEY[0]] = key
    return api


@pytest.fixture
def url(served: tuple[AwsApi, str], api: AwsApi) -> str:
    """Where the API serves."""
    return served[1]


@pytest.fixture(scope="session")
def _clients() -> Iterator[dict[Any, Any]]:
    made: dict[Any, Any] = {}
    yield made
    for client in made.values():
        client.close()


@pytest.fixture
def client(url: str, _clients: dict[Any, Any]) -> Client:
    """Makes boto3 clients; `keys` are an access key's id, secret and token, else developer's."""

    def make(service: str, *keys: str) -> Any:
        key_id, secret, *token = keys or KEY
        wanted = (service, key_id, secret)
        if wanted not in _clients:
            _clients[wanted] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=url,
                aws_access_key_id=key_id,
                aws_secret_access_key=secret,
                aws_session_token=token[0] if token else None,
                config=Config(retries={"total_max_attempts": 1}),
            )
        return _clients[wanted]

    return make


@pytest.fixture
def vpc(api: AwsApi) -> Vpc:
    return Vpc()


@pytest.fixture
def roles(api: AwsApi) -> dict[str, str]:
    """The ARNs of a cluster's and a node's role."""
    iam = backends.iam()
    for name, service in (("cluster", "eks"), ("node", "ec2")):
        document = trust({"Service": f"{service}.amazonaws.com"}, "sts:AssumeRole")
        iam.create_role(name, document, "/", None, "", [], "3600")
    return {name: iam_arn(f"role/{name}") for name in ("cluster", "node")}


@pytest.fixture
def eks(api: AwsApi, client: Client, vpc: Vpc, roles: dict[str, str]) -> Eks:
    return Eks(api, client("eks"), vpc, roles)


@pytest.fixture
def elb(client: Client, vpc: Vpc) -> Elb:
    return Elb(client("elbv2"), vpc)
