"""docs.aws.amazon.com/acm/latest/APIReference and .../acm/latest/userguide, by page."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509

from localcloud.aws import acm_backend as records
from tests.api.aws.acm import AUTHORITY, Acm
from tests.api.aws.support import FIXED, Client, Elb, refusal, refuses


def test_a_certificate_is_issued_once_its_validation_records_are_there(acm: Acm) -> None:
    """userguide/dns-validation.html: one CNAME record per domain, the same with and without `*.`,
    and for another certificate."""
    names = ("shop.internal", "*.shop.internal", "a.shop.internal")
    arn = acm.request(*names, KeyAlgorithm="RSA_2048")
    acm.reconciler.reconcile()
    assert acm.status(arn) == "PENDING_VALIDATION"
    proofs = acm.validations(arn)
    assert list(proofs) == list(names)
    assert proofs["shop.internal"] == proofs["*.shop.internal"] != proofs["a.shop.internal"]
    assert proofs["shop.internal"] == acm.validations(acm.request("shop.internal"))["shop.internal"]
    assert (
        refusal(acm.client.get_certificate, CertificateArn=arn)[0] == "RequestInProgressException"
    )
    acm.publish(arn)
    seen = acm.seen(arn)
    assert (seen["Status"], seen["KeyAlgorithm"], seen["Type"]) == (
        "ISSUED",
        "RSA_2048",
        "AMAZON_ISSUED",
    )
    assert {each["ValidationStatus"] for each in seen["DomainValidationOptions"]} == {"SUCCESS"}
    assert seen["NotAfter"] - seen["IssuedAt"] == timedelta(days=198)
    got = acm.client.get_certificate(CertificateArn=arn)
    leaf = x509.load_pem_x509_certificate(got["Certificate"].encode())
    alternatives = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert tuple(alternatives.get_values_for_type(x509.DNSName)) == names
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(got["CertificateChain"].encode()))
    (one,) = (each for each in acm.api.snapshots.certificates() if each.arn == arn)
    assert one.full_chain == got["Certificate"] + got["CertificateChain"]
    assert "PRIVATE KEY" in one.key


def test_a_record_that_does_not_resolve_validates_nothing(acm: Acm) -> None:
    """It is in a zone to which the zone above does not delegate."""
    arn = acm.request("b.sub.shop.internal")
    acm.publish(arn, zone=acm.new_zone("sub.shop.internal"))
    assert acm.status(arn) == "PENDING_VALIDATION"
    acm.publish(arn)
    assert acm.status(arn) == "ISSUED"


def test_a_record_above_a_delegation_validates_nothing(acm: Acm) -> None:
    arn, zone = acm.request("b.sub.shop.internal"), acm.new_zone("sub.shop.internal")
    servers = acm.route53.get_hosted_zone(Id=zone)["DelegationSet"]["NameServers"]
    values = [{"Value": server} for server in servers]
    record = {"Name": "sub.shop.internal", "Type": "NS", "TTL": 60, "ResourceRecords": values}
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    acm.route53.change_resource_record_sets(HostedZoneId=acm.zone, ChangeBatch={"Changes": changes})
    acm.publish(arn)
    assert acm.status(arn) == "PENDING_VALIDATION"
    acm.publish(arn, zone=zone)
    assert acm.status(arn) == "ISSUED"


def test_after_72_hours_a_request_times_out(acm: Acm) -> None:
    """userguide/dns-validation.html"""
    arn = acm.request("shop.internal")
    acm.after(hours=71.9)
    assert acm.status(arn) == "PENDING_VALIDATION"
    acm.after(hours=72.1)
    acm.publish(arn)
    assert acm.status(arn) == "VALIDATION_TIMED_OUT"
    assert acm.seen(arn)["DomainValidationOptions"][0]["ValidationStatus"] == "FAILED"


def test_one_token_makes_one_certificate_for_an_hour(acm: Acm) -> None:
    """APIReference/API_RequestCertificate.html, IdempotencyToken"""
    arn = acm.request("shop.internal", IdempotencyToken="one")
    assert acm.request("shop.internal", IdempotencyToken="one") == arn
    assert acm.request("shop.internal", IdempotencyToken="two") != arn
    assert acm.request("a.shop.internal", IdempotencyToken="one") != arn
    records.of_region("eu-west-1").records[arn].created -= timedelta(hours=1)
    assert acm.request("shop.internal", IdempotencyToken="one") != arn


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"ValidationMethod": "EMAIL"}, "InvalidParameterException", "validation by EMAIL is not"),
        ({"ValidationMethod": "HTTP"}, "InvalidParameterException", "validation by HTTP is not"),
        ({"CertificateAuthorityArn": "arn:aws:acm-pca:eu-west-1:123456789012:x/y"},
         "InvalidParameterException", "a private certificate authority is not offered"),
        ({"Options": {"Export": "ENABLED"}}, "InvalidParameterException", "exportable"),
        ({"KeyAlgorithm": "RSA_4096"}, "InvalidParameterException", "RSA_4096 is not supported"),
        ({"SubjectAlternativeNames": [f"a{n}.shop.internal" for n in range(10)]},
         "LimitExceededException", "at most 10 domain names"),
        ({"DomainName": "not a name"}, "ValidationException", "DomainName"),
        # The pattern of DomainName is that of all of it, with ASCII letters.
        ({"DomainName": "bücher.internal"}, "ValidationException", "DomainName"),
        ({"DomainName": "-a.internal"}, "ValidationException", "DomainName"),
        ({"DomainName": f"{'a' * 64}.internal"}, "ValidationException", "DomainName"),
        ({"SubjectAlternativeNames": ["a.internal."]}, "ValidationException", "SubjectAlternative"),
        ({"DomainName": f"{'a' * 51}.shop.internal"}, "ValidationException", "than 64 characters"),
        ({"IdempotencyToken": "é"}, "ValidationException", "IdempotencyToken"),
        ({"Tags": [{"Key": "aws:x", "Value": "y"}]}, "InvalidTagException", "aws:"),
    ],
)  # fmt: skip
def test_requests_that_are_refused(acm: Acm, more: Any, code: str, words: str) -> None:
    call = {"DomainName": "shop.internal", "ValidationMethod": "DNS", **more}
    refuses(acm.client.request_certificate, code, words, **call)


def test_what_is_not_offered_is_refused_by_name(acm: Acm) -> None:
    arn = {"CertificateArn": acm.issued("shop.internal")}
    words = "ExportCertificate of acm is not offered"
    refuses(acm.client.export_certificate, "InvalidAction", words, **arn, Passphrase=b"pass")
    refuses(acm.client.renew_certificate, "InvalidAction", "RenewCertificate of acm", **arn)


def test_a_certificate_in_use_is_renewed_while_its_records_stand(acm: Acm, elb: Elb) -> None:
    """userguide/managed-renewal.html and dns-renewal-validation.html: 45 days before its end, under
    its ARN; DeleteCertificate of one in use is refused."""
    arn = acm.issued("shop.internal")
    acm.after(days=160)
    assert "RenewalSummary" not in acm.seen(arn)
    assert acm.seen(arn)["RenewalEligibility"] == "INELIGIBLE"
    balancer, given = elb.balancer(), {"Certificates": [{"CertificateArn": arn}]}
    elb.client.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTPS", Port=443, DefaultActions=[FIXED], **given
    )
    seen = acm.seen(arn)
    assert (seen["InUseBy"], seen["RenewalEligibility"]) == ([balancer], "ELIGIBLE")
    refuses(acm.client.delete_certificate, "ResourceInUseException", balancer, CertificateArn=arn)
    acm.after(days=152)
    assert acm.seen(arn)["Serial"] == seen["Serial"]
    acm.publish(arn, "DELETE")
    acm.after(days=154)
    assert acm.seen(arn)["RenewalSummary"]["RenewalStatus"] == "PENDING_VALIDATION"
    assert acm.seen(arn)["Serial"] == seen["Serial"]
    acm.publish(arn)
    acm.after(days=155)
    renewed = acm.seen(arn)
    assert (renewed["RenewalSummary"]["RenewalStatus"], renewed["Status"]) == ("SUCCESS", "ISSUED")
    assert renewed["Serial"] != seen["Serial"]
    assert renewed["NotAfter"] - seen["NotAfter"] > timedelta(days=154)
    elb.client.delete_load_balancer(LoadBalancerArn=balancer)
    acm.after(days=155 + 199)
    assert acm.status(arn) == "EXPIRED"
    acm.client.delete_certificate(CertificateArn=arn)
    assert refusal(acm.client.describe_certificate, CertificateArn=arn)[0] == (
        "ResourceNotFoundException"
    )


def test_lists_are_of_statuses_and_key_types(acm: Acm) -> None:
    """APIReference/API_ListCertificates.html and API_Filters.html: by default RSA_2048 alone."""
    rsa, pending = (
        act(name, KeyAlgorithm="RSA_2048")
        for act, name in ((acm.issued, "a.shop.internal"), (acm.request, "b.shop.internal"))
    )
    curve = acm.issued("c.shop.internal")

    def listed(**more: Any) -> list[str]:
        found = acm.client.get_paginator("list_certificates").paginate(
            **more, PaginationConfig={"PageSize": 1}
        )
        return [e["CertificateArn"] for page in found for e in page["CertificateSummaryList"]]

    both = {"keyTypes": ["RSA_2048", "EC_prime256v1"]}
    assert listed() == [rsa, pending]
    assert listed(CertificateStatuses=["ISSUED"], Includes=both) == [rsa, curve]
    assert listed(SortBy="CREATED_AT", SortOrder="DESCENDING") == [pending, rsa]
    for wrong, words in (
        ({"Includes": {"keyUsage": ["ANY"]}}, "the filter keyUsage"),
        ({"NextToken": "x"}, "The marker 'x' is not valid"),
    ):
        refuses(acm.client.list_certificates, "ValidationException", words, **wrong)


def test_certificates_are_imported_and_replaced(acm: Acm) -> None:
    """userguide/import-reimport.html: the key's type and size stay. APIReference/
    API_ImportCertificate.html: 32768 bytes at most."""
    one, two = (AUTHORITY.issue(name, [name]) for name in ("one.internal", "two.internal"))
    larger = AUTHORITY.issue("one.internal", ["one.internal"], key_type="EC_secp384r1")
    given = {"Certificate": one.certificate, "PrivateKey": one.key}
    whole = {**given, "CertificateChain": AUTHORITY.certificate}
    arn = acm.client.import_certificate(**whole)["CertificateArn"]
    assert (acm.seen(arn)["DomainName"], acm.seen(arn)["Type"]) == ("one.internal", "IMPORTED")
    new = {"Certificate": two.certificate, "PrivateKey": two.key, "CertificateArn": arn}
    assert acm.client.import_certificate(**new)["CertificateArn"] == arn
    assert acm.seen(arn)["SubjectAlternativeNames"] == ["two.internal"]
    for wrong, words in (
        ({"PrivateKey": two.key}, "does not match"),
        ({"CertificateChain": one.certificate}, "certificate chain"),
        ({"Certificate": "text"}, "PEM"),
        ({"Certificate": one.certificate + "\n" * 32768}, "at most 32768"),
        (
            {"Certificate": larger.certificate, "PrivateKey": larger.key, "CertificateArn": arn},
            "has a key of EC_prime256v1, and keeps its type and size",
        ),
        ({"CertificateArn": acm.request("shop.internal")}, "is not an imported"),
    ):
        call = {**given, **wrong}
        refuses(acm.client.import_certificate, "ValidationException", words, **call)


def test_tags_come_and_go(acm: Acm, client: Client) -> None:
    arn = acm.request("shop.internal", Tags=[{"Key": "a", "Value": "b"}])
    call = {"CertificateArn": arn}
    acm.client.add_tags_to_certificate(**call, Tags=[{"Key": "c", "Value": "d"}])
    acm.client.remove_tags_from_certificate(**call, Tags=[{"Key": "a", "Value": "other"}])
    acm.client.remove_tags_from_certificate(**call, Tags=[{"Key": "c"}])
    assert acm.client.list_tags_for_certificate(**call)["Tags"] == [{"Key": "a", "Value": "b"}]
    found = client("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["acm"])
    assert [each["ResourceARN"] for each in found["ResourceTagMappingList"]] == [arn]
