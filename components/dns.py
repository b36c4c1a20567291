"""DNS: the public zone of the stack's domain, and the names that lead to a load balancer."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

_TTL_SECONDS = 60  # short: a new load balancer has a new name


@dataclass(frozen=True, kw_only=True)
class DnsArgs:
    """`create_zone` says whether the zone is made or looked up; each of `names` becomes a CNAME
    record to `target`, a load balancer's host name."""

    domain: str
    create_zone: bool
    names: Sequence[str]
    target: pulumi.Input[str]

    def __post_init__(self) -> None:
        for name in self.names:
            if not name.endswith(f".{self.domain}"):
                raise ValueError(
                    f"names holds {name!r}: must be below {self.domain}, as no CNAME can be at "
                    "a zone's apex"
                )


class Dns(pulumi.ComponentResource):
    """CNAME records in a zone, which the stack makes or which already exists."""

    names: Sequence[str]
    zone_id: pulumi.Output[str]
    name_servers: pulumi.Output[Sequence[str]]

    def __init__(
        self, name: str, args: DnsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("eks-service-types:index:Dns", name, None, opts)
        self.names = args.names
        if args.create_zone:
            zone = aws.route53.Zone(
                f"{name}-zone", name=args.domain, opts=pulumi.ResourceOptions(parent=self)
            )
            self.zone_id, self.name_servers = zone.zone_id, zone.name_servers
        else:
            found = aws.route53.get_zone_output(
                name=args.domain,
                private_zone=False,
                opts=pulumi.InvokeOutputOptions(parent=self),
            )
            self.zone_id, self.name_servers = found.zone_id, found.name_servers
        for record in args.names:
            aws.route53.Record(
                f"{name}-{record.removesuffix(f'.{args.domain}')}",
                zone_id=self.zone_id,
                name=record,
                type="CNAME",
                ttl=_TTL_SECONDS,
                records=[args.target],
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"zone_id": self.zone_id, "name_servers": self.name_servers})
