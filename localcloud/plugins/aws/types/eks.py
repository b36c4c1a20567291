"""What the EKS entries share."""

from collections.abc import Callable

from localcloud.plugins.aws.session import search
from localcloud.plugins.aws.table import Call, Record, Step, Tagging
from localcloud.plugins.provider import ProviderError


def tagging(arn_path: str, read: Callable[[Record], object]) -> Tagging:
    """Tags by TagResource; `arn_path` is where the answer of `read` has the ARN."""

    def arn(record: Record) -> str:
        return str(search(arn_path, read(record)))

    return Tagging(
        argument=lambda tags: {"tags": dict(tags)},
        set=lambda r: r.tags_set and r.ask("tag_resource", resourceArn=arn(r), tags=r.tags_set),
        unset=lambda r: (
            r.tags_unset and r.ask("untag_resource", resourceArn=arn(r), tagKeys=r.tags_unset)
        ),
        path="tags",
    )


def until_done(call: Call, **names: str) -> Step:
    """A call that begins an EKS update, and the wait for its end.

    `names` are more arguments of DescribeUpdate, each the name of a property.
    """

    def step(record: Record) -> None:
        update = record.call(call)
        which = {argument: record[name] for argument, name in names.items()}
        for _ in record.session.attempts(record.seconds, f"the update of {record.id}"):
            asked = {"name": record["clusterName"] or record.id, "updateId": update["id"]}
            found = record.ask("describe_update", **asked, **which)["update"]
            if found["status"] == "Successful":
                return
            if found["status"] in ("Failed", "Cancelled"):
                reasons = "; ".join(
                    f"{each['errorCode']}: {each['errorMessage']}" for each in found["errors"]
                )
                raise ProviderError(f"the update of {record.id} {found['status']}: {reasons}")

    return step
