"""The ACM certificate of the stack's DNS names, which records in their hosted zone validate."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_aws as aws

_VALIDATION_TTL_SECONDS = 60
# docs.aws.amazon.com/acm/latest/userguide/acm-limits.html: more by request to AWS only
_MOST_NAMES = 10
# docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html, DomainName
_LONGEST_FIRST = 64


def certificate_names(domain: str, hosts: Sequence[str]) -> list[str]:
    """The names of a certificate for `hosts`: one wildcard for all that are right below `domain`.

    Raises ValueError for more names than a certificate can have, or too long a first one.
    """
    covering = [f"*.{domain}" if host.partition(".")[2] == domain else host for host in hosts]
    names = list(dict.fromkeys(covering))
    if len(names) > _MOST_NAMES:
        raise ValueError(
            f"a certificate has {_MOST_NAMES} names at most, *.{domain} among them; have at most "
            f"{_MOST_NAMES - 1} hosts that are not right below {domain}, or set tls to false"
        )
    if names and len(names[0]) > _LONGEST_FIRST:
        most = _LONGEST_FIRST - len("*.")
        raise ValueError(
            f"the first name of a certificate can have {_LONGEST_FIRST} characters, and {names[0]} "
            f"has more; have a domain of at most {most} characters, or set tls to false"
        )
    return names


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """`hosts` are DNS names in the hosted zone of `domain`, whose id is `zone_id`."""

    domain: str
    hosts: Sequence[str]
    zone_id: pulumi.Input[str]


class Certificate(pulumi.ComponentResource):
    """An ACM certificate, and the records by which ACM validates its names."""

    arn: pulumi.Output[str]  # known once it is issued

    def __init__(
        self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("eks-service-types:index:Certificate", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        names = certificate_names(args.domain, args.hosts)
        certificate = aws.acm.Certificate(
            f"{name}-hosts",
            domain_name=names[0],
            subject_alternative_names=names[1:] or None,
            validation_method="DNS",
            opts=child,
        )
        records = []
        for each in names:
            validated = certificate.domain_validation_options.apply(partial(_option_of, each))
            record = aws.route53.Record(
                f"{name}-proof-{each.replace('*', 'all').removesuffix(f'.{args.domain}')}",
                zone_id=args.zone_id,
                name=validated.resource_record_name,
                type="CNAME",
                ttl=_VALIDATION_TTL_SECONDS,
                records=[validated.resource_record_value],
                # All certificates of a name in one account are validated by the same record.
                allow_overwrite=True,
                opts=child,
            )
            records.append(record.fqdn)
        validation = aws.acm.CertificateValidation(
            f"{name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=records,
            opts=child,
        )
        self.arn = validation.certificate_arn
        self.register_outputs({"arn": self.arn})


def certificate_for(name: str, args: CertificateArgs) -> pulumi.Output[str] | None:
    """The ARN of a new certificate, once it is issued; without hosts None, and no certificate."""
    return Certificate(name, args).arn if args.hosts else None


def _option_of(
    name: str, options: Sequence[aws.acm.outputs.CertificateDomainValidationOption]
) -> aws.acm.outputs.CertificateDomainValidationOption:
    return {each.domain_name: each for each in options}[name]
