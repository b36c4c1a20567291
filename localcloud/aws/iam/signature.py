"""AWS Signature Version 4, in the Authorization header or the query string.

Source: "Signature Version 4 signing process" of the IAM user guide.
"""

import hashlib
import hmac
import posixpath
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

from localcloud.aws.errors import AwsError
from localcloud.aws.request import Request

ALGORITHM = "AWS4-HMAC-SHA256"
STAMP = "%Y%m%dT%H%M%SZ"
SKEW = timedelta(minutes=15)  # how far a client's clock may be off
UNSIGNED = "UNSIGNED-PAYLOAD"
UNSIGNED_CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"  # of S3, with a checksum at its end


@dataclass(frozen=True)
class Signature:
    """The parts of a signature. `lifetime` is set for a presigned request."""

    key_id: str
    date: str
    region: str
    service: str
    headers: tuple[str, ...]
    signature: str
    stamp: str
    token: str | None
    lifetime: timedelta | None = None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"

    @property
    def signed_at(self) -> datetime:
        """Raises AwsError for a malformed stamp."""
        try:
            return datetime.strptime(self.stamp, STAMP).replace(tzinfo=UTC)
        except ValueError:
            raise AwsError(
                "IncompleteSignature", f"Date must be in ISO-8601 'basic format', not {self.stamp}"
            ) from None


def of(request: Request) -> Signature | None:
    """The signature of a request, or None if it is unsigned.

    Raises AwsError for an incomplete signature.
    """
    header = request.headers.get("authorization", "")
    if header.startswith(ALGORITHM):
        parts = dict(re.findall(r"(\w+)=([^,\s]+)", header))
        stamp = request.headers.get("x-amz-date", "")
        token = request.headers.get("x-amz-security-token")
        names = ("Credential", "SignedHeaders", "Signature")
        return _signature([parts.get(name, "") for name in names], stamp, token, None)
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if query.get("X-Amz-Algorithm") != ALGORITHM:
        return None
    names = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature")
    lifetime = timedelta(seconds=int(query.get("X-Amz-Expires") or 0))
    token = query.get("X-Amz-Security-Token")
    given = [query.get(name, "") for name in names]
    return _signature(given, query.get("X-Amz-Date", ""), token, lifetime)


def _signature(
    given: list[str], stamp: str, token: str | None, lifetime: timedelta | None
) -> Signature:
    credential, headers, signature = given
    scope = credential.split("/")
    if len(scope) != 5 or not headers or not signature or not stamp:
        raise AwsError("IncompleteSignature", "Authorization lacks a part", 403)
    key_id, date, region, service, _ = scope
    names = tuple(headers.split(";"))
    return Signature(key_id, date, region, service, names, signature, stamp, token, lifetime)


def check_time(signature: Signature, now: datetime) -> None:
    """Raise AwsError for a signature that has expired or is not valid yet."""
    start, end = signature.signed_at - SKEW, signature.signed_at + (signature.lifetime or SKEW)
    if not start <= now <= end:
        raise AwsError(
            "SignatureDoesNotMatch",
            f"Signature expired: {signature.stamp} is not within {start:{STAMP}} and {end:{STAMP}}",
            403,
        )


def matches(signature: Signature, request: Request, secret: str) -> bool:
    """Whether `secret` made the signature of this request."""
    expected = sign(signature, request, secret)
    return hmac.compare_digest(expected, signature.signature)


def sign(signature: Signature, request: Request, secret: str) -> str:
    """The signature that `secret` makes, as hex digits."""
    digest = hashlib.sha256(_canonical(signature, request).encode()).hexdigest()
    text = "\n".join((ALGORITHM, signature.stamp, signature.scope, digest))
    key = f"AWS4{secret}".encode()
    for part in signature.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _canonical(signature: Signature, request: Request) -> str:
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signature.headers
    )
    parts = (
        request.method,
        _canonical_path(request.raw_path, signature.service),
        _canonical_query(request.query),
        headers,
        ";".join(signature.headers),
        _payload(signature, request),
    )
    return "\n".join(parts)


def _canonical_path(raw: str, service: str) -> str:
    """The path: for S3 encoded once, for every other service twice."""
    if service == "s3":
        return quote(unquote(raw), safe="/~")
    path = posixpath.normpath(f"/{raw.lstrip('/')}")
    path += "/" if raw.endswith("/") and path != "/" else ""
    return quote(path, safe="/~")


def _canonical_query(query: str) -> str:
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def _payload(signature: Signature, request: Request) -> str:
    given = request.headers.get("x-amz-content-sha256", "")
    if signature.service == "s3" and signature.lifetime is not None:
        return UNSIGNED
    digest = hashlib.sha256(request.body).hexdigest()
    return given if given in (UNSIGNED, UNSIGNED_CHUNKS) else digest
