"""DescribeClusterVersions: how long EKS supports each Kubernetes version.

Source: the release calendar in kubernetes-versions.html of the EKS user guide, read in 2026.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.calls import Call
from localcloud.aws.eks import offered, pages
from localcloud.aws.eks.state import now
from localcloud.aws.eks.store import Store

# Release, end of standard support, end of extended support.
CALENDAR: Mapping[str, tuple[str, str, str]] = {
    "1.36": ("2026-06-01", "2027-08-01", "2028-08-01"),  # the days are approximate
    "1.35": ("2026-01-27", "2027-03-27", "2028-03-27"),
    "1.34": ("2025-10-02", "2026-12-02", "2027-12-02"),
    "1.33": ("2025-05-29", "2026-07-29", "2027-07-29"),
    "1.32": ("2025-01-23", "2026-03-23", "2027-03-23"),
    "1.31": ("2024-09-26", "2025-11-26", "2026-11-26"),
}
UNSUPPORTED, EXTENDED, STANDARD = "UNSUPPORTED", "EXTENDED_SUPPORT", "STANDARD_SUPPORT"
ACCEPTED = {
    "clusterVersions",
    "includeAll",
    "versionStatus",
    "defaultOnly",
    "maxResults",
    "nextToken",
}


def describe(store: Store, call: Call) -> dict[str, Any]:
    """The versions; those out of support only if `includeAll` or `versionStatus` asks for them."""
    params = call.params
    offered.check_parameters(params, ACCEPTED, "DescribeClusterVersions")
    status, names = params.get("versionStatus"), params.get("clusterVersions")
    found = [
        version
        for version in map(_version, CALENDAR)
        if status in (None, version["versionStatus"])
        and (not names or version["clusterVersion"] in names)
        and (status or params.get("includeAll") or version["versionStatus"] != UNSUPPORTED)
        and (version["defaultVersion"] or not params.get("defaultOnly"))
    ]
    return pages.cut("clusterVersions", found, params)


def _version(name: str) -> dict[str, Any]:
    released, standard, extended = (_day(text) for text in CALENDAR[name])
    today = now()
    status = STANDARD if today < standard else EXTENDED if today < extended else UNSUPPORTED
    return {
        "clusterVersion": name,
        "clusterType": "eks",
        "defaultPlatformVersion": offered.PLATFORM,
        "defaultVersion": name == offered.VERSION,
        "releaseDate": released,
        "endOfStandardSupportDate": standard,
        "endOfExtendedSupportDate": extended,
        "status": status.lower().replace("_", "-"),
        "versionStatus": status,
        "kubernetesPatchVersion": f"{name}.0",
    }


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
