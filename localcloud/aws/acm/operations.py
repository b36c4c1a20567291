"""The operations of ACM that the cloud offers: docs.aws.amazon.com/acm/latest/APIReference."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from localcloud.aws import pages, tags, validation
from localcloud.aws.accounts import arn
from localcloud.aws.acm import describing, importing
from localcloud.aws.acm_backend import ISSUED, Acm, Record, of_region
from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError, not_offered

Result = dict[str, Any]
QUOTA = (
    10  # domain names of a certificate: docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
)
LONGEST_FIRST = 64  # the others may have 253: API_RequestCertificate.html, DomainName
ISSUED_ALGORITHMS = ("RSA_2048", "EC_prime256v1", "EC_secp384r1")
LISTED_ALGORITHMS = ("RSA_1024", "RSA_2048")  # by ListCertificates, unless others are asked for
TOKEN_SECONDS = 3600
PAGE = 1000


def request_certificate(call: Call) -> Result:
    """RequestCertificate: the record is pending until `issuing` finds its validation records."""
    params, now = call.params, datetime.now(UTC)
    _check_request(call)
    names = tuple(dict.fromkeys(
        name.lower() for name in (params["DomainName"], *params.get("SubjectAlternativeNames", []))
    ))  # fmt: skip
    if len(names) > QUOTA:
        raise AwsError(
            "LimitExceededException", f"A certificate has at most {QUOTA} domain names, by quota"
        )
    region, algorithm = of_region(call.region), params.get("KeyAlgorithm", "RSA_2048")
    token = (params.get("IdempotencyToken") or str(uuid.uuid4()), algorithm, *names)
    made = region.records.get(region.tokens.get(token, ""))
    if made and (now - made.created).total_seconds() < TOKEN_SECONDS:
        return {"CertificateArn": made.arn}
    options = params.get("Options", {})
    record = Record(
        _new_arn(call), "AMAZON_ISSUED", names, algorithm, now, "PENDING_VALIDATION",
        transparency=options.get("CertificateTransparencyLoggingPreference", "ENABLED"),
    )  # fmt: skip
    _add_tags(record, params.get("Tags", []))
    region.records[record.arn] = record
    region.tokens = {key: each for key, each in region.tokens.items() if each in region.records}
    region.tokens[token] = record.arn
    return {"CertificateArn": record.arn}


def _check_request(call: Call) -> None:
    params = call.params
    if len(params["DomainName"]) > LONGEST_FIRST:
        raise AwsError(
            "ValidationException",
            f"The first domain name can be no longer than {LONGEST_FIRST} characters.",
        )
    if params.get("CertificateAuthorityArn"):
        raise not_offered("a private certificate authority", "InvalidParameterException")
    method = params.get("ValidationMethod", "EMAIL")  # AWS's default
    if method != "DNS":
        raise not_offered(f"validation by {method}", "InvalidParameterException")
    if params.get("ManagedBy"):
        raise not_offered("ManagedBy", "InvalidParameterException")
    if params.get("Options", {}).get("Export") == "ENABLED":
        raise not_offered("an exportable certificate", "InvalidParameterException")
    algorithm = params.get("KeyAlgorithm", "RSA_2048")
    if algorithm not in ISSUED_ALGORITHMS:
        raise AwsError(
            "InvalidParameterException",
            f"The key algorithm {algorithm} is not supported for a requested certificate, which"
            f" has one of {', '.join(ISSUED_ALGORITHMS)}",
        )
    for each in params.get("DomainValidationOptions", []):
        if each["ValidationDomain"].lower() != each["DomainName"].lower():
            raise AwsError(
                "InvalidDomainValidationOptionsException",
                "A validation domain that differs from the domain is for validation by EMAIL",
            )


def import_certificate(call: Call) -> Result:
    """ImportCertificate, anew or in place of an imported certificate's content."""
    params, region, now = call.params, of_region(call.region), datetime.now(UTC)
    content = importing.read(
        params["Certificate"], params["PrivateKey"], params.get("CertificateChain", b""), now
    )
    if given := params.get("CertificateArn"):
        record = region.find(given)
        if record.type != "IMPORTED":
            raise AwsError("ValidationException", f"{given} is not an imported certificate")
        if record.algorithm != content.algorithm:
            text = f"{given} has a key of {record.algorithm}, and keeps its type and size"
            raise AwsError("ValidationException", text)
        if params.get("Tags"):
            raise AwsError("InvalidTagException", "Tags cannot be applied to a reimport")
    else:
        record = Record(_new_arn(call), "IMPORTED", content.names, "", now, ISSUED)
        _add_tags(record, params.get("Tags", []))
    record.names, record.algorithm = content.names, content.algorithm
    record.certificate, record.chain, record.key = content.certificate, content.chain, content.key
    record.issued, record.status = now, ISSUED
    region.records[record.arn] = record
    return {"CertificateArn": record.arn}


def describe_certificate(call: Call) -> Result:
    return {"Certificate": describing.detail(_named(call))}


def get_certificate(call: Call) -> Result:
    record = _named(call)
    if not record.certificate:
        raise AwsError(
            "RequestInProgressException",
            f"Certificate request for the account is in progress; status: {record.status}",
        )
    return {"Certificate": record.certificate, "CertificateChain": record.chain}


def list_certificates(call: Call) -> Result:
    """ListCertificates; without keyTypes those of RSA keys up to 2048 bits, as on AWS."""
    params = call.params
    for name in ("CertificateKeyPairOrigins",):
        if params.get(name):
            raise not_offered(f"{name} of ListCertificates", "ValidationException")
    includes = dict(params.get("Includes") or {})
    algorithms = includes.pop("keyTypes", None) or LISTED_ALGORITHMS
    if includes:
        raise not_offered(f"the filter {', '.join(includes)}", "ValidationException")
    statuses = params.get("CertificateStatuses")
    found = [
        each
        for each in of_region(call.region).records.values()
        if each.algorithm in algorithms and (not statuses or each.status in statuses)
    ]
    if params.get("SortBy"):
        found.sort(key=lambda each: each.created, reverse=params.get("SortOrder") == "DESCENDING")
    size = params.get("MaxItems") or PAGE
    page, following = pages.cut(found, params.get("NextToken"), size, "ValidationException")
    return {"CertificateSummaryList": list(map(describing.summary, page)), "NextToken": following}


def delete_certificate(call: Call) -> Result:
    record = _named(call)
    if users := record.in_use_by:
        raise AwsError(
            "ResourceInUseException",
            f"Certificate {record.arn} in account {record.arn.split(':')[4]} is in use by"
            f" {', '.join(users)}.",
        )
    del of_region(call.region).records[record.arn]
    return {}


def add_tags(call: Call) -> Result:
    _add_tags(_named(call), call.params["Tags"])
    return {}


def remove_tags(call: Call) -> Result:
    """A tag with a value is removed only if it has this value."""
    present = _named(call).tags
    for each in call.params["Tags"]:
        if each.get("Value", present.get(each["Key"])) == present.get(each["Key"]):
            present.pop(each["Key"], None)
    return {}


def list_tags(call: Call) -> Result:
    return {"Tags": tags.described(_named(call).tags)}


def _add_tags(record: Record, given: list[dict[str, str]]) -> None:
    codes = "InvalidTagException", "TooManyTagsException"
    record.tags = tags.added(record.tags, given, "A certificate", *codes)


def _new_arn(call: Call) -> str:
    return arn("acm", call.region, f"certificate/{uuid.uuid4()}")


def _named(call: Call) -> Record:
    region: Acm = of_region(call.region)
    return region.find(call.params["CertificateArn"])


OPERATIONS: dict[str, Callable[[Call], Result]] = {
    "RequestCertificate": request_certificate,
    "ImportCertificate": import_certificate,
    "DescribeCertificate": describe_certificate,
    "GetCertificate": get_certificate,
    "ListCertificates": list_certificates,
    "DeleteCertificate": delete_certificate,
    "AddTagsToCertificate": add_tags,
    "RemoveTagsFromCertificate": remove_tags,
    "ListTagsForCertificate": list_tags,
}


def answer(call: Call) -> Result:
    """The result of a call. Raises AwsError for an operation that the cloud does not have."""
    return validation.checked(call, OPERATIONS, "ValidationException")(call)
