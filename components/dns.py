"""DNS: the public hosted zone of the domain, and CNAME records that point to load balancers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_aws as aws

_TTL_SECONDS = 60  # short: a new load balancer has a new name


@dataclass(frozen=True, kw_only=True)
class DnsArgs:
    """`create_zone` says whether the hosted zone is made or looked up; `names` are those of its
    CNAME records. `up` logs the name servers of a zone that the stack makes, for the delegation,
    unless they are `known_name_servers`."""

    domain: str
    create_zone: bool
    names: Sequence[str]
    known_name_servers: Sequence[str] = ()

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
        self._name, self._domain, self.names = name, args.domain, args.names
        if args.create_zone:
            zone = aws.route53.Zone(
                f"{name}-zone", name=args.domain, opts=pulumi.ResourceOptions(parent=self)
            )
            self.zone_id, self.name_servers = zone.zone_id, zone.name_servers
            zone.name_servers.apply(partial(self._log_name_servers, args.known_name_servers))
        else:
            found = aws.route53.get_zone_output(
                name=args.domain,
                private_zone=False,
                opts=pulumi.InvokeOutputOptions(parent=self),
            )
            self.zone_id, self.name_servers = found.zone_id, found.name_servers
        self.register_outputs({"zone_id": self.zone_id, "name_servers": self.name_servers})

    def add_cnames(self, names: Sequence[str], to: pulumi.Input[str]) -> None:
        """Make CNAME records of these names that point to a load balancer's host name."""
        for each in names:
            aws.route53.Record(
                f"{self._name}-{each.removesuffix(f'.{self._domain}')}",
                zone_id=self.zone_id,
                name=each,
                type="CNAME",
                ttl=_TTL_SECONDS,
                records=[to],
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _log_name_servers(self, known: Sequence[str], servers: Sequence[str]) -> None:
        if set(servers) == set(known):
            return
        pulumi.log.info(
            f"put these name servers of {self._domain} into its parent zone now"
            f" (with tls, `up` waits for it): {', '.join(servers)}",
            self,
        )
