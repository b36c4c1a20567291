"""One AWS API on a loopback port for all tests, empty for each, and clients that sign for it."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config

from localcloud.aws import backends, propagation
from localcloud.aws.api import AwsApi, bootstrap
from localcloud.aws.eks import issuer
from localcloud.aws.elbv2.target_states import TARGET_STATES
from localcloud.aws.http import Server
from localcloud.changes import Changes
from tests.api.aws.acm import Acm
from tests.api.aws.support import (
    HERE,
    KEY,
    ONE,
    REGION,
    SSM_MANAGED,
    Client,
    Eks,
    Elb,
    Vpc,
    make_role,
    trusted,
)

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
    server = Server(api.app, api.open_websocket)
    server.serve(listener)
    yield api, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.close()
    patch.undo()


@pytest.fixture
def api(served: tuple[AwsApi, str], monkeypatch: pytest.MonkeyPatch) -> AwsApi:
    """The API without records but for its developer; what changes is in effect at once."""
    api, _ = served
    monkeypatch.setattr(propagation, "DELAY", timedelta(0))
    backends.reset()
    TARGET_STATES.clear()
    api.clusters.states.clear()
    api.commands.sent.clear()
    api.sessions.started.clear()
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
def _make_client(served: tuple[AwsApi, str]) -> Iterator[Client]:
    made = []

    @cache
    def make(service: str, key_id: str = KEY[0], secret: str = KEY[1], token: str = "") -> Any:
        client = boto3.client(
            service, region_name=REGION, endpoint_url=served[1], aws_access_key_id=key_id,
            aws_secret_access_key=secret, aws_session_token=token or None,
            config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(api: AwsApi, _make_client: Client) -> Client:
    """Makes boto3 clients by service, and key id, secret and token, else the developer's."""
    return _make_client


@pytest.fixture
def vpc(client: Client) -> Vpc:
    return Vpc(client)


@pytest.fixture
def roles(client: Client) -> dict[str, str]:
    """The ARNs of a cluster's and a node's role."""
    services = {"cluster": "eks", "node": "ec2"}
    return {name: make_role(client, name, trust=trusted(it)) for name, it in services.items()}


@pytest.fixture
def eks(api: AwsApi, client: Client, vpc: Vpc, roles: dict[str, str]) -> Eks:
    return Eks(api, client, vpc, roles)


@pytest.fixture
def cluster(eks: Eks) -> Eks:
    """EKS with a cluster that is active."""
    eks.active()
    return eks


@pytest.fixture
def elb(api: AwsApi, client: Client, vpc: Vpc) -> Elb:
    return Elb(api, client("elbv2"), vpc)


@pytest.fixture
def acm(api: AwsApi, client: Client) -> Acm:
    return Acm(api, client)


@pytest.fixture
def ssm(client: Client) -> Any:
    return client("ssm")


@pytest.fixture
def instance(client: Client, vpc: Vpc, ssm: Any) -> str:
    """An instance whose role lets SSM manage it, and which reaches SSM."""
    vpc.open()
    iam, profile = client("iam"), {"InstanceProfileName": "bastion"}
    make_role(client, "bastion", trust=trusted("ec2"))
    iam.attach_role_policy(RoleName="bastion", PolicyArn=SSM_MANAGED)
    iam.create_instance_profile(**profile)
    iam.add_role_to_instance_profile(**profile, RoleName="bastion")
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    image = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    made = vpc.launch(ImageId=image, IamInstanceProfile={"Name": "bastion"})
    return str(made["InstanceId"])


@pytest.fixture
def s3(client: Client) -> Any:
    """S3's client, and a bucket."""
    made = client("s3")
    made.create_bucket(**ONE, **HERE)
    return made
