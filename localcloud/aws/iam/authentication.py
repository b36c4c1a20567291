"""Authentication: the caller of a request, by its signature."""

from datetime import UTC, datetime

from localcloud.aws.caller import Caller, find_key
from localcloud.aws.errors import AwsError
from localcloud.aws.iam import signature as signatures
from localcloud.aws.request import Request

UNKNOWN_KEY = {  # code and message by protocol; else UNKNOWN_KEY_QUERY
    "ec2": ("AuthFailure", "AWS was not able to validate the provided access credentials"),
    "json": (
        "UnrecognizedClientException",
        "The security token included in the request is invalid",
    ),
    "s3": (
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
}
UNKNOWN_KEY_QUERY = ("InvalidClientTokenId", UNKNOWN_KEY["json"][1])
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method."
)


def authenticate(request: Request, protocol: str, now: datetime | None = None) -> Caller:
    """The caller that signed a request.

    Raises AwsError for a missing, wrong or expired signature and for an unknown or expired key.
    """
    signature = signatures.of(request)
    if signature is None and protocol == "s3":
        raise AwsError("AccessDenied", "Access Denied", 403)
    if signature is None:
        raise AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403)
    now = now or datetime.now(UTC)
    found = find_key(signature.key_id)
    if found is None or signature.token != found.token:
        code, message = UNKNOWN_KEY.get(protocol.removeprefix("rest-"), UNKNOWN_KEY_QUERY)
        raise AwsError(code, message, 403)
    if found.expired(now):
        raise AwsError("ExpiredToken", "The security token included in the request is expired", 403)
    signatures.check_time(signature, now)
    if not signatures.matches(signature, request, found.secret):
        raise AwsError("SignatureDoesNotMatch", MISMATCH, 403)
    return found.caller
