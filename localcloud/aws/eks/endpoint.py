"""A cluster's endpoint access: from where its API server can be reached."""

from ipaddress import IPv4Network
from typing import Any

from localcloud.aws.eks.state import Record, invalid

EVERYWHERE = ["0.0.0.0/0"]
SETTINGS = ("endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs")
MAX_CIDRS = 40
# No client of the public endpoint has one of these addresses.
RESERVED = tuple(
    IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                  "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
)  # fmt: skip


def access(config: Record, public: bool, private: bool) -> tuple[bool, bool]:
    """Public and private access after a request, from what they are before it.

    Raises InvalidParameterException if both are off.
    """
    public = config.get("endpointPublicAccess", public)
    private = config.get("endpointPrivateAccess", private)
    if not public and not private:
        raise invalid("Private and public endpoint access cannot both be disabled")
    return bool(public), bool(private)


def public_cidrs(public: bool, asked: list[str] | None) -> list[str]:
    """The CIDRs that reach the public endpoint. Raises InvalidParameterException for more than
    40, and for one that is not an IPv4 network or is reserved."""
    if not public:
        return []
    if len(asked or []) > MAX_CIDRS:
        raise invalid(f"publicAccessCidrs has {len(asked or [])} blocks: {MAX_CIDRS} at most")
    for cidr in asked or []:
        try:
            block = IPv4Network(cidr)
        except ValueError as error:
            raise invalid(
                f"The following CIDRs are invalid in publicAccessCidrs: {error}"
            ) from None
        if any(block.subnet_of(reserved) for reserved in RESERVED):
            raise invalid(f"The following CIDRs are reserved in publicAccessCidrs: [{cidr}]")
    return list(asked or EVERYWHERE)


def update(present: Record, config: Record) -> dict[str, Any]:
    """Write the new access into a VPC configuration; returns the parameters of the update."""
    before = {name: present[name] for name in SETTINGS}
    present_access = before["endpointPublicAccess"], before["endpointPrivateAccess"]
    public, private = access(config, *present_access)
    asked = config.get("publicAccessCidrs", before["publicAccessCidrs"])
    after = dict(zip(SETTINGS, (public, private, public_cidrs(public, asked)), strict=True))
    if before == after:
        raise invalid("Cluster is already at the desired configuration")
    present.update(after)
    return after
