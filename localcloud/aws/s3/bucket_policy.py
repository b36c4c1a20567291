"""Which policies S3 stores for a bucket; iam/authorization.py evaluates them.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html and
docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.aws import backends
from localcloud.aws.accounts import PARTITION
from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError
from localcloud.aws.iam import policy

Element = Mapping[str, Any]  # of a policy's JSON
MOST_BYTES = 20480
VERSIONS = ("2008-10-17", "2012-10-17")
ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
    "Condition",
}  # fmt: skip
PRINCIPALS = {"AWS", "Service", "Federated", "CanonicalUser"}
# With a condition on one of these keys, whose values are fixed, a statement for everybody is not
# public.
NARROWING = {
    "aws:sourceaccount", "aws:sourcearn", "aws:sourceip", "aws:sourceowner", "aws:sourcevpc",
    "aws:sourcevpce", "aws:sourceorgid", "aws:principalorgid", "aws:principalarn",
    "aws:principalaccount", "aws:userid", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
}  # fmt: skip


def check(call: Call) -> None:
    """Raise AwsError for a policy that S3 does not store: MalformedPolicy, PolicyTooLarge or, where
    BlockPublicPolicy is set, AccessDenied for a public one."""
    name, text = call.params["Bucket"], str(call.params.get("Policy") or "")
    statements = _statements(text)
    arn = f"arn:{PARTITION}:s3:::{name}"
    for raw in statements:
        _check_elements(raw)
    try:
        parsed = policy.parse(text)
    except (ValueError, TypeError, AttributeError) as error:
        raise _malformed(f"Could not parse the policy: {error}") from None
    for statement, raw in zip(parsed, statements, strict=True):
        if "Resource" not in raw or not all(
            policy.matches(f"{arn}*", each) and each[len(arn) : len(arn) + 1] in ("", "/", "*")
            for each in statement.resources
        ):
            raise _malformed("Policy has invalid resource")
        if not statement.principals:
            raise _malformed("Invalid principal in policy")
        if not all(each == "*" or each.startswith("s3:") for each in statement.actions):
            raise _malformed("Policy has invalid action")
    if len(text.encode()) > MOST_BYTES:
        limit = f"the maximum allowed size of {MOST_BYTES} bytes."
        raise AwsError("PolicyTooLarge", f"Normalized policy document exceeds {limit}")
    _refuse_public(name, statements)


def _statements(text: str) -> list[Element]:
    """The statements of a document. Raises AwsError for one that is none."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    if unknown := sorted(set(document) - {"Version", "Id", "Statement"}):
        raise _malformed(f"Unknown field {unknown[0]}")
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        raise _malformed("The policy must contain a valid version string")
    found = document.get("Statement")
    statements: list[Any] = found if isinstance(found, list) else [found]
    if not found or not all(isinstance(each, dict) for each in statements):
        raise _malformed("Could not parse the policy: Statement is empty!")
    ids = [each["Sid"] for each in statements if each.get("Sid")]
    if len(set(ids)) < len(ids):
        raise _malformed("Statement IDs (SID) in a single policy must be unique")
    return statements


def _check_elements(raw: Element) -> None:
    if unknown := sorted(set(raw) - ELEMENTS):
        raise _malformed(f"Unknown field {unknown[0]}")
    if raw.get("Effect") not in ("Allow", "Deny"):
        raise _malformed(f"Invalid effect: {raw.get('Effect')}")
    for name in ("Principal", "Action", "Resource"):
        if len({name, f"Not{name}"} & set(raw)) != 1:
            raise _malformed(f"Missing required field {name}, or both it and Not{name}")
    principal = raw.get("Principal", "*")
    if principal != "*" and not (isinstance(principal, dict) and set(principal) <= PRINCIPALS):
        raise _malformed("Invalid principal in policy")
    condition = raw.get("Condition", {})
    if not isinstance(condition, dict) or not all(isinstance(v, dict) for v in condition.values()):
        raise _malformed("Could not parse the policy: Condition is no object of operators")


def _refuse_public(name: str, statements: Sequence[Element]) -> None:
    bucket = backends.s3().buckets.get(name)
    block = bucket.public_access_block if bucket else None
    if block and block.block_public_policy and any(map(_is_public, statements)):
        message = (
            "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public "
            "Access"
        )
        raise AwsError("AccessDenied", f"The policy is public: {message}.", 403)


def _is_public(statement: Element) -> bool:
    """Whether it allows everybody, without a condition that fixes who that is."""
    principal = statement.get("Principal", {})
    named = [principal] if principal == "*" else _texts(principal.get("AWS", []))
    if statement["Effect"] != "Allow" or "*" not in named:
        return False
    tests = statement.get("Condition", {})
    return not any(
        key.lower() in NARROWING and not any(_is_wide(text) for text in _texts(value))
        for operator, keys in tests.items()
        if "Not" not in operator and not operator.endswith("IfExists")
        for key, value in keys.items()
    )


def _is_wide(value: str) -> bool:
    return value in ("*", "0.0.0.0/0", "::/0")


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicy", message)
