from datetime import UTC, datetime, timedelta

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
    return received(request.prepare())


def received(prepared: object) -> Request:
    _, _, rest = prepared.url.partition("//")  # type: ignore[attr-defined]
    host, _, rest = rest.partition("/")
    path, _, query = rest.partition("?")
    given = prepared.headers.items()  # type: ignore[attr-defined]
    headers = {n.lower(): v if isinstance(v, str) else v.decode() for n, v in given}
    body = prepared.body or b""  # type: ignore[attr-defined]
    return Request(
        prepared.method,  # type: ignore[attr-defined]
        f"/{path}",
        query,
        {"host": host, **headers},
        body,
    )


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
    signature = signatures.of(request)
    assert signature
    assert signature.token == token
    assert signatures.matches(signature, request, SECRET)
    assert not signatures.matches(signature, request, "other")


@pytest.mark.parametrize("change", ["body", "path", "query", "header"])
def test_an_altered_request_does_not_match(change: str) -> None:
    request = signed("POST", "http://localhost/clusters?a=1", b"body")
    altered = {
        "body": Request("POST", request.raw_path, request.query, request.headers, b"other"),
        "path": Request("POST", "/other", request.query, request.headers, request.body),
        "query": Request("POST", request.raw_path, "a=2", request.headers, request.body),
        "header": Request(
            "POST",
            request.raw_path,
            request.query,
            {**request.headers, "host": "elsewhere"},
            request.body,
        ),
    }[change]
    signature = signatures.of(altered)
    assert signature
    assert not signatures.matches(signature, altered, SECRET)


def test_a_presigned_request_matches() -> None:
    request = AWSRequest("GET", "http://localhost/?Action=GetCallerIdentity", headers={"X-K": "c"})
    SigV4QueryAuth(Credentials("AKIA", SECRET), "sts", "eu-west-1", 60).add_auth(request)
    given = received(request.prepare())
    signature = signatures.of(given)
    assert signature
    assert signature.lifetime == timedelta(seconds=60)
    assert signatures.matches(signature, given, SECRET)


def test_a_signature_holds_for_fifteen_minutes() -> None:
    signature = signatures.of(signed("GET", "http://localhost/"))
    assert signature
    now = datetime.now(UTC)
    signatures.check_time(signature, now + timedelta(minutes=14))
    with pytest.raises(AwsError, match="Signature expired"):
        signatures.check_time(signature, now + timedelta(minutes=16))


def test_an_incomplete_signature_is_refused() -> None:
    header = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=1"}
    with pytest.raises(AwsError, match="lacks a part"):
        signatures.of(Request("GET", "/", "", header, b""))
