import http.client
import socket
import ssl

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.eks.operations import OPERATIONS
from localcloud.aws.http import Server, tls_context
from localcloud.aws.request import Request
from localcloud.aws.services import scope_of
from localcloud.pki import Authority
from tests.api.aws.support import KEY, Client, refusal, refuses

ONE = {"clusterName": "one"}
UNKNOWN = ("AKIAUNKNOWNUNKNOWNUN", "secret")


@pytest.mark.parametrize(
    ("keys", "service", "operation", "code"),
    [
        (UNKNOWN, "sts", "get_caller_identity", "InvalidClientTokenId"),
        (UNKNOWN, "ec2", "describe_vpcs", "AuthFailure"),
        (UNKNOWN, "eks", "list_clusters", "UnrecognizedClientException"),
        ((KEY[0], "wrong"), "sts", "get_caller_identity", "SignatureDoesNotMatch"),
    ],
)
def test_an_unknown_key_or_secret_is_refused_in_the_words_of_the_service(
    client: Client, keys: tuple[str, str], service: str, operation: str, code: str
) -> None:
    assert refusal(getattr(client(service, *keys), operation))[0] == code


@pytest.mark.parametrize(
    ("service", "operation", "params", "code", "name"),
    [
        ("sqs", "list_queues", {}, "UnknownService", "the service sqs"),
        ("cloudfront", "list_distributions", {}, "UnknownService", "the service cloudfront"),
        ("lambda", "list_functions", {}, "UnknownService", "the service lambda"),
        ("rds", "describe_db_instances", {}, "UnknownService", "the service rds"),
        ("ec2", "describe_ipams", {}, "InvalidAction", "DescribeIpams of ec2"),
        ("eks", "list_insights", ONE, "InvalidRequestException", "ListInsights of eks"),
    ],
)
def test_what_the_cloud_has_not_is_refused_by_name(
    client: Client, service: str, operation: str, params: dict[str, str], code: str, name: str
) -> None:
    call = getattr(client(service), operation)
    refuses(call, code, f"{name} is not offered by the local cloud", **params)


def test_a_connection_is_kept_for_the_next_request(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    for _ in range(2):
        connection.request("GET", "/id/" + "0" * 32 + "/keys")
        response = connection.getresponse()
        assert (response.status, response.getheader("Connection")) == (404, None)
        response.read()
        assert connection.sock is not None
    connection.close()


def test_it_serves_tls(api: AwsApi) -> None:
    authority = Authority("test")
    listener = socket.create_server(("127.0.0.1", 0))
    certificate = authority.issue("sts.amazonaws.com", ["127.0.0.1"])
    server = Server(api.app)
    server.serve(listener, tls_context(certificate))
    context = ssl.create_default_context(cadata=authority.certificate)
    port = listener.getsockname()[1]
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
    connection.request("GET", "/")
    assert connection.getresponse().status == 403
    connection.close()
    server.close()


def test_a_change_wakes_the_topic_of_its_service_and_reading_does_not(
    api: AwsApi, client: Client
) -> None:
    route53, mark = client("route53"), api.changes.seen({"route53"})
    route53.list_hosted_zones()
    assert api.changes.seen({"route53"}) == mark
    route53.create_hosted_zone(Name="shop.internal", CallerReference="one")
    assert api.changes.seen({"route53"}) == mark + 1


@pytest.mark.parametrize(
    ("host", "service", "region"),
    [
        ("sts.eu-west-1.amazonaws.com", "sts", "eu-west-1"),
        ("sts.amazonaws.com", "sts", "us-east-1"),
        ("eks-auth.eu-west-1.api.aws", "eks-auth", "eu-west-1"),
    ],
)
def test_an_unsigned_request_is_for_its_host(host: str, service: str, region: str) -> None:
    scope = scope_of(Request("POST", "/", "", {"host": f"{host}:443"}, b""))
    assert (scope.service, scope.region, scope.key_id) == (service, region, None)


def test_a_fault_is_an_answer_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setitem(OPERATIONS, "ListClusters", fail)
    assert refusal(client("eks").list_clusters) == ("InternalFailure", "RuntimeError: broken")
