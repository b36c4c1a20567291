"""ACM in tests: certificates that are issued, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

from localcloud.aws.api import AwsApi
from localcloud.certificates import CertificateReconciler
from localcloud.pki import Authority
from tests.api.aws.support import Client

AUTHORITY = Authority("tests")


class Acm:
    """ACM's client, Route 53's with the zone shop.internal, and the reconciler, which runs when a
    test lets it."""

    def __init__(self, api: AwsApi, client: Client) -> None:
        self.client, self.api, self.route53 = client("acm"), api, client("route53")
        self.reconciler = CertificateReconciler(api.snapshots, api.lock, AUTHORITY, api.changes)
        self.zone = self.new_zone("shop.internal")

    def new_zone(self, name: str) -> str:
        made = self.route53.create_hosted_zone(Name=name, CallerReference=name)
        return str(made["HostedZone"]["Id"])

    def request(self, *names: str, **more: Any) -> str:
        """A certificate of names, by its ARN."""
        given = {"ValidationMethod": "DNS", "KeyAlgorithm": "EC_prime256v1", **more}
        if names[1:]:
            given["SubjectAlternativeNames"] = list(names[1:])
        made = self.client.request_certificate(DomainName=names[0], **given)
        return str(made["CertificateArn"])

    def publish(self, arn: str, action: str = "UPSERT", zone: str = "") -> None:
        """Put the validation records into a zone."""
        records = {one["Name"]: one["Value"] for one in self.validations(arn).values()}
        changes = [
            {"Action": action, "ResourceRecordSet": {
                "Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": value}],
            }}
            for name, value in records.items()
        ]  # fmt: skip
        self.route53.change_resource_record_sets(
            HostedZoneId=zone or self.zone, ChangeBatch={"Changes": changes}
        )
        self.reconciler.reconcile()

    def issued(self, *names: str, **more: Any) -> str:
        arn = self.request(*names, **more)
        self.publish(arn)
        return arn

    def seen(self, arn: str) -> dict[str, Any]:
        return dict(self.client.describe_certificate(CertificateArn=arn)["Certificate"])

    def status(self, arn: str) -> str:
        return str(self.seen(arn)["Status"])

    def validations(self, arn: str) -> dict[str, dict[str, str]]:
        """The validation record of each name."""
        options = self.seen(arn)["DomainValidationOptions"]
        return {each["DomainName"]: each["ResourceRecord"] for each in options}

    def after(self, **time: float) -> None:
        """Reconcile as of a later time."""
        self.reconciler.reconcile(datetime.now(UTC) + timedelta(**time))
