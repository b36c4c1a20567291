"""How ACM describes a certificate."""

from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from localcloud.aws.acm.issuing import parsed
from localcloud.aws.acm_backend import ISSUED, Record, validation_record

Result = dict[str, Any]
PENDING = "PENDING_VALIDATION"
KEY_USAGES = [{"Name": "DIGITAL_SIGNATURE"}, {"Name": "KEY_ENCIPHERMENT"}]
EXTENDED = [{"Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1"}]
SHOWN_NAMES = 100  # of a summary


def detail(record: Record) -> Result:
    """The certificate as DescribeCertificate returns it."""
    names = list(record.names)
    found = {
        "CertificateArn": record.arn,
        "DomainName": names[0],
        "SubjectAlternativeNames": names,
        "Subject": f"CN={names[0]}",
        "Issuer": "Amazon",
        "Status": record.status,
        "Type": record.type,
        "KeyAlgorithm": record.algorithm,
        "InUseBy": record.in_use_by,
        "RenewalEligibility": eligibility(record),
        "Options": {
            "CertificateTransparencyLoggingPreference": record.transparency,
            "Export": "DISABLED",
        },
        **_times(record),
    }
    if record.certificate:
        found |= _of_certificate(parsed(record))
    if record.type == "AMAZON_ISSUED":
        found["DomainValidationOptions"] = _validations(record, record.status)
    if record.renewal:
        found["RenewalSummary"] = {
            "RenewalStatus": record.renewal,
            "DomainValidationOptions": _validations(record, record.renewal),
            "UpdatedAt": record.renewed,
        }
    return found


def summary(record: Record) -> Result:
    """The certificate as ListCertificates returns it."""
    found = detail(record)
    kept = (
        "CertificateArn", "DomainName", "Status", "Type", "KeyAlgorithm", "RenewalEligibility",
        "NotBefore", "NotAfter", "CreatedAt", "IssuedAt", "ImportedAt",
    )  # fmt: skip
    return {name: found[name] for name in kept if name in found} | {
        "SubjectAlternativeNameSummaries": list(record.names[:SHOWN_NAMES]),
        "HasAdditionalSubjectAlternativeNames": len(record.names) > SHOWN_NAMES,
        "KeyUsages": [each["Name"] for each in KEY_USAGES],
        "ExtendedKeyUsages": [each["Name"] for each in EXTENDED],
        "InUse": bool(found["InUseBy"]),
        "ExportOption": "DISABLED",
        "Exported": False,
    }


def eligibility(record: Record) -> str:
    """docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html"""
    eligible = record.type == "AMAZON_ISSUED" and record.status == ISSUED and record.in_use_by
    return "ELIGIBLE" if eligible else "INELIGIBLE"


def _times(record: Record) -> Result:
    issued = "ImportedAt" if record.type == "IMPORTED" else "IssuedAt"
    return {"CreatedAt": record.created} | ({issued: record.issued} if record.issued else {})


def _of_certificate(certificate: x509.Certificate) -> Result:
    serial = f"{certificate.serial_number:032x}"
    issuer = certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return {
        "Serial": ":".join(serial[at : at + 2] for at in range(0, len(serial), 2)),
        "Subject": certificate.subject.rfc4514_string(),
        "Issuer": str(issuer[0].value) if issuer else certificate.issuer.rfc4514_string(),
        "NotBefore": certificate.not_valid_before_utc,
        "NotAfter": certificate.not_valid_after_utc,
        "SignatureAlgorithm": certificate.signature_algorithm_oid._name,
        "KeyUsages": KEY_USAGES,
        "ExtendedKeyUsages": EXTENDED,
    }


def _validations(record: Record, status: str) -> list[Result]:
    unvalidated = "FAILED" if status in ("VALIDATION_TIMED_OUT", "FAILED") else PENDING
    return [
        {
            "DomainName": name,
            "ValidationDomain": name,
            "ValidationStatus": "SUCCESS" if name in record.validated else unvalidated,
            "ValidationMethod": "DNS",
            "ResourceRecord": dict(
                zip(("Name", "Value"), validation_record(name), strict=True), Type="CNAME"
            ),
        }
        for name in record.names
    ]
