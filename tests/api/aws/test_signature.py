from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localcloud.aws.errors import AwsError
from localcloud.aws.iam import signature as signatures
from localcloud.aws.request import Request

SECRET = "wJalrXUtnFEMI"


def signed(method: str, url: str, body: bytes = b"", token: str | None = None) -> Request:
    """A request that botocore signed."""
    request = AWSRequest(method, url, data=body, headers={"X-Custom": "a   b"})
    SigV4Auth(Credentials("AKIA", SECRET, token), "eks", "eu-west-1").add_auth(request)
    return received(request)


def received(request: AWSRequest) -> Request:
    """A request as the API receives it."""
    prepared = request.prepare()
    host, _, rest = prepared.url.partition("//")[2].partition("/")
    path, _, query = rest.partition("?")
    given = prepared.headers.items()
    headers = {n.lower(): v if isinstance(v, str) else v.decode() for n, v in given}
    return Request(
        request.method, f"/{path}", query, {"host": host, **headers}, prepared.body or b""
    )


def signature_of(request: Request) -> signatures.Signature:
    found = signatures.of(request)
    assert found
    return found


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4566/",
        "https://eks.eu-west-1.amazonaws.com/clusters/one/access-entries/arn%3Aaws%3Aiam%2Frole",
        "http://localhost/clusters?maxResults=3&nextToken=a%2Bb%20c&empty=",
    ],
)
@pytest.mark.parametrize("token", [None, "session/token+="])
def test_what_botocore_signs_matches(url: str, token: str | None) -> None:
    request = signed("POST", url, b'{"a": 1}', token)
    signature = signature_of(request)
    assert signature.token == token
    assert signatures.matches(signature, request, SECRET)
    assert not signatures.matches(signature, request, "other")


@pytest.mark.parametrize(
    ("part", "value"),
    [("body", b"other"), ("raw_path", "/other"), ("query", "a=2"), ("headers", "elsewhere")],
)
def test_an_altered_request_does_not_match(part: str, value: Any) -> None:
    request = signed("POST", "http://localhost/clusters?a=1", b"body")
    host = {"headers": {**request.headers, "host": value}}
    altered = replace(request, **(host if part == "headers" else {part: value}))
    assert not signatures.matches(signature_of(altered), altered, SECRET)


def test_a_presigned_request_matches() -> None:
    asked = AWSRequest("GET", "http://localhost/?Action=GetCallerIdentity", headers={"X-K": "c"})
    SigV4QueryAuth(Credentials("AKIA", SECRET), "sts", "eu-west-1", 60).add_auth(asked)
    request = received(asked)
    signature = signature_of(request)
    assert signature.lifetime == timedelta(seconds=60)
    assert signatures.matches(signature, request, SECRET)


def test_a_signature_holds_for_fifteen_minutes() -> None:
    signature = signature_of(signed("GET", "http://localhost/"))
    now = datetime.now(UTC)
    signatures.check_time(signature, now + timedelta(minutes=14))
    with pytest.raises(AwsError, match="Signature expired"):
        signatures.check_time(signature, now + timedelta(minutes=16))


def test_an_incomplete_signature_is_refused() -> None:
    header = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=1"}
    with pytest.raises(AwsError, match="lacks a part"):
        signatures.of(Request("GET", "/", "", header, b""))
