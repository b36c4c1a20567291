"""The web ACLs of AWS WAF, which are recorded only: no load balancer filters requests."""

import uuid
from dataclasses import dataclass, field
from typing import Any, cast

from moto.elbv2.models import elbv2_backends
from moto.wafv2.models import WAFV2Backend, wafv2_backends

from localcloud.aws.accounts import ACCOUNT, arn
from localcloud.aws.errors import AwsError
from localcloud.aws.moto_backend import MotoBackend


@dataclass
class WebAcl:
    """`content` is what Create and Update set, as the API describes it; a change needs the
    `lock_token` that was read last."""

    arn: str
    id: str
    name: str
    content: dict[str, Any]
    capacity: int
    tags: dict[str, str] = field(default_factory=dict)
    lock_token: str = field(default_factory=lambda: str(uuid.uuid4()))

    def require(self, lock_token: str) -> None:
        """Raises AwsError unless this is the last lock token."""
        if lock_token != self.lock_token:
            raise AwsError(
                "WAFOptimisticLockException",
                "AWS WAF couldn't save your changes because someone changed the resource after you"
                " started to edit it. Reapply your changes.",
            )


class Waf(MotoBackend, WAFV2Backend):
    """A region's web ACLs by ARN; `associated` maps load balancers' ARNs to theirs."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.records: dict[str, WebAcl] = {}
        self._associated: dict[str, str] = {}

    @property
    def associated(self) -> dict[str, str]:
        """An association ends with its load balancer."""
        present = elbv2_backends[ACCOUNT][self.region_name].load_balancers
        self._associated = {lb: acl for lb, acl in self._associated.items() if lb in present}
        return self._associated

    def find(self, arn: str) -> WebAcl:
        """Raises AwsError if there is none."""
        if arn not in self.records:
            raise missing(arn)
        return self.records[arn]


wafv2_backends.backend = Waf


def web_acl_arn(region: str, name: str, id_: str) -> str:
    return arn("wafv2", region, f"regional/webacl/{name}/{id_}")


def missing(what: str) -> AwsError:
    """The error for a resource that does not exist."""
    return AwsError(
        "WAFNonexistentItemException",
        f"AWS WAF couldn't perform the operation because your resource doesn't exist: {what}",
    )


def of_region(region: str) -> Waf:
    return cast(Waf, wafv2_backends[ACCOUNT][region])  # ours, see above
