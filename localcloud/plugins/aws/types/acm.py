"""ACM's certificates, and the wait for their validation."""

from typing import Any

from localcloud.plugins.aws.kinds import Array, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Resource,
    ResourceType,
    Tagging,
    Timeouts,
)
from localcloud.plugins.aws.rules import arn, one_of
from localcloud.plugins.aws.tags import pairs
from localcloud.plugins.provider import PluginError

TOKEN = 32  # characters of an idempotency token, none of which is a dash
MISSING = ("ResourceNotFoundException",)
VALIDATION_SECONDS = 75 * 60.0  # as in the official provider


def _read_certificate(resource: Resource) -> Any:
    """The certificate. SubjectAlternativeNames are without the domain name itself, unless the
    program lists it or it is the only one."""
    answer = resource.invoke("describe_certificate", CertificateArn=resource.id)["Certificate"]
    own, names = answer["DomainName"], answer["SubjectAlternativeNames"]
    if names != [own] and own not in (resource["subjectAlternativeNames"] or []):
        answer["SubjectAlternativeNames"] = [name for name in names if name != own]
    return answer


def _validations(resource: Resource, answer: Any) -> list[dict[str, str]]:
    return [
        {
            "domainName": each["DomainName"],
            "resourceRecordName": each["ResourceRecord"]["Name"],
            "resourceRecordType": each["ResourceRecord"]["Type"],
            "resourceRecordValue": each["ResourceRecord"]["Value"],
        }
        for each in answer["DomainValidationOptions"]
    ]


def _renewals(resource: Resource, answer: Any) -> list[dict[str, str]]:
    summary = answer.get("RenewalSummary")
    if not summary:
        return []
    time = summary["UpdatedAt"].isoformat()
    return [{"renewalStatus": summary["RenewalStatus"], "updatedAt": time}]


def _time(name: str) -> Any:
    return lambda r, a: a[name].isoformat() if name in a else ""


CERTIFICATE = ResourceType(
    token="aws:acm/certificate:Certificate",
    service="acm",
    properties={
        "domainName": Prop(required=True, replace=True),
        "subjectAlternativeNames": Prop(Array(), replace=True, computed=True),
        "validationMethod": Prop(
            string(one_of("DNS")),
            required=True,
            replace=True,
            read="DomainValidationOptions[0].ValidationMethod",
        ),
        "keyAlgorithm": Prop(
            string(one_of("RSA_2048", "EC_prime256v1", "EC_secp384r1")), replace=True, computed=True
        ),
    },
    outputs={
        "arn": "CertificateArn",
        "domainValidationOptions": _validations,
        "notAfter": _time("NotAfter"),
        "notBefore": _time("NotBefore"),
        "pendingRenewal": lambda r, a: False,  # early renewal is not offered
        "renewalEligibility": "RenewalEligibility",
        "renewalSummaries": _renewals,
        "status": "Status",
        "type": "Type",
        "validationEmails": lambda r, a: [],
    },
    create=ApiCall(
        "request_certificate",
        lambda r: {
            **r.arguments(
                "domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"
            ),
            "IdempotencyToken": r.client_token.replace("-", "")[:TOKEN],
            **r.tag_arguments(),
        },
    ),
    id="CertificateArn",
    read=_read_certificate,
    extra_reads={
        "tags": ApiCall("list_tags_for_certificate", lambda r: {"CertificateArn": r.id}, "Tags")
    },
    delete=ApiCall("delete_certificate", lambda r: {"CertificateArn": r.id}),
    missing=MISSING,
    busy=("ResourceInUseException",),  # until a load balancer has let it go
    tagging=Tagging(
        argument=lambda tags: {"Tags": pairs(tags)},
        set=lambda r: r.invoke(
            "add_tags_to_certificate", CertificateArn=r.id, Tags=pairs(r.tags_set)
        ),
        unset=lambda r: r.invoke(
            "remove_tags_from_certificate",
            CertificateArn=r.id,
            Tags=[{"Key": key} for key in r.tags_unset],
        ),
        path="tags",
    ),
    timeouts=Timeouts(delete=1200),
)


def _described(resource: Resource) -> Any:
    certificate = resource["certificateArn"]
    return resource.invoke("describe_certificate", CertificateArn=certificate)["Certificate"]


def _wait(resource: Resource) -> Any:
    """The certificate once it is issued."""
    answer = _described(resource)
    if (given := resource["validationRecordFqdns"]) is not None:
        _require_all_records(answer, given)
    for _ in resource.session.attempts(resource.seconds, "the certificate to be issued"):
        if answer["Status"] != "PENDING_VALIDATION":
            break
        answer = _described(resource)
    if answer["Status"] != "ISSUED":
        raise PluginError(f"{resource['certificateArn']} is {answer['Status']}")
    return answer


def _require_all_records(answer: Any, given: list[str]) -> None:
    """Raise PluginError unless the names given are those of all validation records."""
    present = {name.rstrip(".") for name in given}
    records = [each["ResourceRecord"]["Name"].rstrip(".") for each in answer[
        "DomainValidationOptions"]]  # fmt: skip
    if missing := sorted(set(records) - present):
        raise PluginError(
            f"validationRecordFqdns: must have all validation records of {answer['DomainName']},"
            f" and lacks {', '.join(missing)}"
        )


VALIDATION = ResourceType(
    token="aws:acm/certificateValidation:CertificateValidation",
    service="acm",
    properties={
        "certificateArn": Prop(string(arn), required=True, replace=True),
        "validationRecordFqdns": Prop(Array(), replace=True, read=None),
    },
    create=_wait,
    id=lambda r, a: a["IssuedAt"].isoformat(),
    from_id=lambda id: {"certificateArn": id} if id.startswith("arn:") else {},
    read=lambda r: answer if (answer := _described(r))["Status"] == "ISSUED" else None,
    delete=lambda r: None,  # only a wait: AWS has nothing to delete
    missing=MISSING,
    timeouts=Timeouts(create=VALIDATION_SECONDS),
)

TYPES = (CERTIFICATE, VALIDATION)
