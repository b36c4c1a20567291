"""Issues and renews ACM's certificates, and lets requests and certificates expire."""

import threading
from datetime import UTC, datetime

from localcloud.aws.acm import issuing
from localcloud.aws.snapshots import Snapshots
from localcloud.changes import Changes
from localcloud.network.dns.zones import cnames
from localcloud.pki import Authority

PERIOD = 3600.0  # seconds between checks of the certificates' dates while no record changes


class CertificateReconciler:
    """Issues certificates whose validation records are in zones that the cloud's DNS serves."""

    name = "certificates"
    topics = frozenset({"acm", "route53", "elbv2"})  # elbv2: only certificates in use are renewed

    def __init__(
        self, snapshots: Snapshots, lock: threading.RLock, authority: Authority, changes: Changes
    ) -> None:
        """`lock` guards the records."""
        self._snapshots, self._lock, self._changes = snapshots, lock, changes
        self._authority = authority

    def reconcile(self, now: datetime | None = None) -> None:
        """Issue, renew and expire certificates as is due at `now`, by default the present."""
        published = cnames(self._snapshots.hosted_zones())
        with self._lock:
            changed = issuing.converge(published, self._authority, now or datetime.now(UTC))
        if changed:
            self._changes.notify("acm")
