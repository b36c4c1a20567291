"""What the EKS entries share."""

from collections.abc import Callable

from localcloud.plugins.aws.resource_type import ApiCall, Resource, Step, Tagging
from localcloud.plugins.aws.session import search
from localcloud.plugins.provider import PluginError


def tagging(arn_path: str, read: Callable[[Resource], object]) -> Tagging:
    """Tags by TagResource; `arn_path` is where the answer of `read` has the ARN."""

    def arn(resource: Resource) -> str:
        return str(search(arn_path, read(resource)))

    return Tagging(
        argument=lambda tags: {"tags": dict(tags)},
        set=lambda r: r.invoke("tag_resource", resourceArn=arn(r), tags=r.tags_set),
        unset=lambda r: r.invoke("untag_resource", resourceArn=arn(r), tagKeys=r.tags_unset),
        path="tags",
    )


def until_done(call: ApiCall, **names: str) -> Step:
    """A call that starts an EKS update, and the wait for its end.

    `names` are further arguments of DescribeUpdate, each with the property that has its value.
    """

    def step(resource: Resource) -> None:
        update = resource.call(call)
        which = {argument: resource[name] for argument, name in names.items()}
        for _ in resource.session.attempts(resource.seconds, f"the update of {resource.id}"):
            asked = {"name": resource["clusterName"] or resource.id, "updateId": update["id"]}
            found = resource.invoke("describe_update", **asked, **which)["update"]
            if found["status"] == "Successful":
                return
            if found["status"] in ("Failed", "Cancelled"):
                reasons = "; ".join(
                    f"{each['errorCode']}: {each['errorMessage']}" for each in found["errors"]
                )
                raise PluginError(f"the update of {resource.id} {found['status']}: {reasons}")

    return step
