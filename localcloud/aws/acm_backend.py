"""The records of ACM, which moto's tagging API reads too."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from moto.acm.models import AWSCertificateManagerBackend, acm_backends
from moto.core.resource_tagging import TaggedResource
from moto.elbv2.models import elbv2_backends

from localcloud.aws.accounts import ACCOUNT
from localcloud.aws.errors import AwsError
from localcloud.aws.moto_backend import MotoBackend

ISSUED = "ISSUED"  # the status
VALIDATION_DOMAIN = "acm-validations.aws"


@dataclass
class Record:
    """A certificate: `names` are its domain names, the first one its DomainName; `certificate`
    (the leaf), `chain` (the certificates after it) and `key` are PEM, and "" until it is issued.

    `validated` are the names whose CNAME records were found in the latest check; `renewal` is the
    status of its renewal.
    """

    arn: str
    type: str
    names: tuple[str, ...]
    algorithm: str
    created: datetime
    status: str
    tags: dict[str, str] = field(default_factory=dict)
    transparency: str = "ENABLED"
    certificate: str = ""
    chain: str = ""
    key: str = ""
    issued: datetime | None = None
    validated: frozenset[str] = frozenset()
    renewal: str = ""
    renewed: datetime | None = None

    @property
    def in_use_by(self) -> list[str]:
        """The ARNs of the load balancers whose listeners have it."""
        balancers = elbv2_backends[ACCOUNT][self.arn.split(":")[3]].load_balancers
        return [
            arn
            for arn, balancer in balancers.items()
            if any(self.arn in _used(each) for each in balancer.listeners.values())
        ]


def _used(listener: Any) -> list[str]:
    return [*listener.certificates, *getattr(listener, "more_certificates", ())]


class Acm(MotoBackend, AWSCertificateManagerBackend):
    """A region's certificates by ARN; `tokens` are ARNs by a request's token and content."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.records: dict[str, Record] = {}
        self.tokens: dict[tuple[str, ...], str] = {}

    def find(self, arn: str) -> Record:
        """Raises AwsError if there is none."""
        if arn not in self.records:
            raise AwsError("ResourceNotFoundException", f"Could not find certificate {arn}.")
        return self.records[arn]

    def set_certificate_in_use_by(self, arn: str, load_balancer_name: str) -> None:
        """Nothing: it is read from the listeners (Record.in_use_by)."""

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for each in self.records.values():
            yield TaggedResource(each.arn, dict(each.tags), "acm:certificate")

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        self.find(arn).tags |= tags

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        for name in tag_keys:
            self.find(arn).tags.pop(name, None)


acm_backends.backend = Acm


def of_region(region: str) -> Acm:
    return cast(Acm, acm_backends[ACCOUNT][region])  # ours, see above


def everywhere() -> list[Acm]:
    """The backends of the regions that have been used."""
    return cast(list[Acm], list(acm_backends[ACCOUNT].values()))


def validation_record(name: str) -> tuple[str, str]:
    """The name and value of the CNAME record that proves the ownership of a domain name.

    They are the same for one name in one account, with and without `*.`, as on AWS:
    docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    """
    domain = name.removeprefix("*.")
    digest = hashlib.sha256(f"{ACCOUNT} {domain}".encode()).hexdigest()
    label = "".join(chr(ord("a") + int(digit, 16)) for digit in digest[:10])
    return f"_{digest[:32]}.{domain}.", f"_{digest[32:]}.{label}.{VALIDATION_DOMAIN}."
