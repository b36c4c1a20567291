"""How requests to S3 are addressed, signed and sent.

docs.aws.amazon.com/AmazonS3/latest/userguide and .../API
"""

from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from localcloud.aws.api import AwsApi
from localcloud.aws.request import Request
from localcloud.aws.services import scope_of
from tests.api.aws.support import KEY, ONE, REGION, Client, refusal


def test_a_bucket_is_reached_in_its_own_region_only(s3: Any, url: str) -> None:
    other = boto3.client(
        "s3", region_name="eu-west-2", endpoint_url=url, aws_access_key_id=KEY[0],
        aws_secret_access_key=KEY[1], config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip
    code, message = refusal(other.list_objects_v2, **ONE)
    other.close()
    assert code == "AuthorizationHeaderMalformed"
    assert message.endswith("expecting 'eu-west-1'")


def signed(url: str, path: str, host: str, secret: str = KEY[1]) -> HttpRequest:
    """A GET by virtual host, as inside a VPC; the connection goes to the API."""
    request = AWSRequest("GET", f"http://{host}{path}", headers={"Host": host})
    S3SigV4Auth(Credentials(KEY[0], secret), "s3", REGION).add_auth(request)
    return HttpRequest(f"{url}{path}", headers=dict(request.headers.items()))


def test_a_bucket_in_the_host_name_is_the_one_in_the_path(s3: Any, url: str) -> None:
    """.../userguide/VirtualHosting.html"""
    s3.put_object(**ONE, Key="a/b", Body=b"x")
    host = f"one-bucket.s3.{REGION}.amazonaws.com"
    with urlopen(signed(url, "/a/b", host)) as answer:
        assert answer.read() == b"x"
    with pytest.raises(HTTPError) as caught:
        urlopen(signed(url, "/a/b", host, "wrong"))
    with caught.value as error:
        text = error.read().decode()
    assert "<Error><Code>SignatureDoesNotMatch</Code>" in text
    unsigned = Request("GET", "/a/b", "", {"host": host}, b"")
    assert (scope_of(unsigned).service, scope_of(unsigned).region) == ("s3", REGION)


def test_presigned_requests_and_bodies_in_chunks_are_taken(s3: Any, url: str) -> None:
    """.../API/sigv4-streaming-trailers.html"""
    signer = boto3.client(
        "s3", region_name=REGION, endpoint_url=url, aws_access_key_id=KEY[0],
        aws_secret_access_key=KEY[1], config=Config(signature_version="s3v4"),
    )  # fmt: skip
    put = signer.generate_presigned_url("put_object", Params={**ONE, "Key": "x y"}, ExpiresIn=60)
    signer.close()
    with urlopen(HttpRequest(put, b"presigned", method="PUT")) as answer:
        assert answer.status == 200
    assert s3.get_object(**ONE, Key="x y")["Body"].read() == b"presigned"
    request = AWSRequest("PUT", f"{url}/one-bucket/chunks")
    request.headers["X-Amz-Content-SHA256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    request.headers["Content-Encoding"] = "aws-chunked"
    request.headers["X-Amz-Decoded-Content-Length"] = "4"
    request.headers["X-Amz-Trailer"] = "x-amz-checksum-crc32"
    request.context["payload_signing_enabled"] = True
    auth = S3SigV4Auth(Credentials(*KEY), "s3", REGION)
    auth.payload = lambda _: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    auth.add_auth(request)
    body = b"4\r\nbody\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    headers = dict(request.headers.items())
    with urlopen(HttpRequest(request.url, iter([body]), headers, method="PUT")) as answer:
        assert answer.status == 200
    found = s3.get_object(**ONE, Key="chunks")
    assert found["Body"].read() == b"body"
    assert "aws-chunked" not in found.get("ContentEncoding", "")


def test_an_unsigned_or_unknown_request_gets_s3s_errors(
    api: AwsApi, client: Client, s3: Any, url: str
) -> None:
    unknown = client("s3", "AKIAUNKNOWNUNKNOWNUN", "secret")
    assert refusal(unknown.list_buckets)[0] == "InvalidAccessKeyId"
    host = f"one-bucket.s3.{REGION}.amazonaws.com"
    response = api.respond(Request("GET", "/a", "", {"host": host}, b""))
    assert response.status == 403
    assert b"<Code>AccessDenied</Code>" in response.body
