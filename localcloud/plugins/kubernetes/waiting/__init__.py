"""Awaiting readiness: per kind a rule (what to watch, how to judge it), by watching only."""

from localcloud.plugins.kubernetes.waiting.annotations import (
    SKIP_AWAIT,
    TIMEOUT,
    WAIT_FOR,
    refusal,
    timeout,
)
from localcloud.plugins.kubernetes.waiting.deletion import wait_deleted
from localcloud.plugins.kubernetes.waiting.readiness import Progress, probe, wait_ready

__all__ = [
    "SKIP_AWAIT",
    "TIMEOUT",
    "WAIT_FOR",
    "Progress",
    "probe",
    "refusal",
    "timeout",
    "wait_deleted",
    "wait_ready",
]
