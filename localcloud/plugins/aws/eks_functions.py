"""The functions that look at EKS clusters and at their log groups."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.plugins.aws.function import Args, CallAws, Function
from localcloud.plugins.aws.kinds import Array, boolean, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.rules import one_of
from localcloud.plugins.provider import PluginError

Result = Mapping[str, Any]


def _pages(
    call_aws: CallAws, service: str, operation: str, member: str, **arguments: Any
) -> Iterator[Any]:
    """Every item of a list, over all pages."""
    more: dict[str, str] = {}
    while True:
        page = call_aws(service, operation, **arguments, **more)
        yield from page[member]
        if not page.get("nextToken"):
            return
        more = {"nextToken": page["nextToken"]}


def _clusters(args: Args, region: str, call_aws: CallAws) -> Result:
    return {"id": region, "names": list(_pages(call_aws, "eks", "list_clusters", "clusters"))}


_OF_CLUSTER = (
    *("name", "arn", "deletionProtection", "endpoint", "platformVersion", "roleArn", "status"),
    *("tags", "version"),
)
"""The outputs that DescribeCluster has under the same names."""


def _cluster(args: Args, region: str, call_aws: CallAws) -> Result:
    found = call_aws("eks", "describe_cluster", name=args["name"])["cluster"]
    logging = found["logging"]["clusterLogging"]
    issuer = {"issuer": found["identity"]["oidc"]["issuer"]}
    return {
        **{name: found.get(name) for name in _OF_CLUSTER},
        "id": found["name"],
        "certificateAuthorities": [{"data": found["certificateAuthority"].get("data", "")}],
        "createdAt": found["createdAt"].isoformat(),
        "enabledClusterLogTypes": [t for each in logging if each["enabled"] for t in each["types"]],
        "identities": [{"oidcs": [issuer]}],
    }


def _addon_version(args: Args, region: str, call_aws: CallAws) -> Result:
    name, kubernetes = args["addonName"], args["kubernetesVersion"]
    asked = {"addonName": name, "kubernetesVersion": kubernetes}
    addons = _pages(call_aws, "eks", "describe_addon_versions", "addons", **asked)
    for each in (found for addon in addons for found in addon["addonVersions"]):
        if args.get("mostRecent") or each["compatibilities"][0]["defaultVersion"]:
            return {"id": name, "addonName": name, "version": each["addonVersion"]}
    raise PluginError(f"aws:eks/getAddonVersion:getAddonVersion: no {name} for {kubernetes}")


_OF_VERSION = (
    *("clusterVersion", "clusterType", "defaultPlatformVersion", "defaultVersion"),
    *("kubernetesPatchVersion", "versionStatus"),
)
_DATES = ("releaseDate", "endOfStandardSupportDate", "endOfExtendedSupportDate")


def _versions(args: Args, region: str, call_aws: CallAws) -> Result:
    asked = {
        "clusterVersions": args.get("clusterVersionsOnlies"),
        "defaultOnly": args.get("defaultOnly"),
        "includeAll": args.get("includeAll"),
        "versionStatus": args.get("versionStatus"),
    }
    given = {name: value for name, value in asked.items() if value is not None}
    found = _pages(call_aws, "eks", "describe_cluster_versions", "clusterVersions", **given)
    versions = [
        {
            **{name: each.get(name) for name in _OF_VERSION},
            **{name: each[name].isoformat() for name in _DATES},
        }
        for each in found
    ]
    return {"clusterVersions": versions}


def _log_groups(args: Args, region: str, call_aws: CallAws) -> Result:
    prefix = args.get("logGroupNamePrefix")
    asked = {"logGroupNamePrefix": prefix} if prefix else {}
    found = list(_pages(call_aws, "logs", "describe_log_groups", "logGroups", **asked))
    return {
        "id": region,
        "arns": [each["arn"].removesuffix(":*") for each in found],
        "logGroupNames": [each["logGroupName"] for each in found],
    }


def _log_group(args: Args, region: str, call_aws: CallAws) -> Result:
    for each in _pages(
        call_aws, "logs", "describe_log_groups", "logGroups", logGroupNamePrefix=args["name"]
    ):
        if each["logGroupName"] == args["name"]:
            arn = each["arn"].removesuffix(":*")
            return {
                "id": args["name"],
                "arn": arn,
                "creationTime": each["creationTime"],
                "kmsKeyId": each.get("kmsKeyId", ""),
                "retentionInDays": each.get("retentionInDays", 0),
                "tags": call_aws("logs", "list_tags_for_resource", resourceArn=arn)["tags"],
            }
    raise PluginError(f"aws:cloudwatch/getLogGroup:getLogGroup: there is no {args['name']}")


FUNCTIONS = (
    Function(token="aws:eks/getClusters:getClusters", result=_clusters),
    Function(
        token="aws:eks/getCluster:getCluster", inputs={"name": Prop(required=True)}, result=_cluster
    ),
    Function(
        token="aws:eks/getAddonVersion:getAddonVersion",
        inputs={
            "addonName": Prop(required=True),
            "kubernetesVersion": Prop(required=True),
            "mostRecent": Prop(boolean()),
        },
        result=_addon_version,
    ),
    Function(
        token="aws:eks/getClusterVersions:getClusterVersions",
        inputs={
            "clusterVersionsOnlies": Prop(Array()),
            "defaultOnly": Prop(boolean()),
            "includeAll": Prop(boolean()),
            "versionStatus": Prop(
                string(one_of("EXTENDED_SUPPORT", "STANDARD_SUPPORT", "UNSUPPORTED"))
            ),
        },
        result=_versions,
    ),
    Function(
        token="aws:cloudwatch/getLogGroups:getLogGroups",
        inputs={"logGroupNamePrefix": Prop()},
        result=_log_groups,
    ),
    Function(
        token="aws:cloudwatch/getLogGroup:getLogGroup",
        inputs={"name": Prop(required=True)},
        result=_log_group,
    ),
)
