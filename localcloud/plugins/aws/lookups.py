"""What the functions of EKS and SSM answer, with the inputs added by functions.py."""

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.plugins.provider import ProviderError

Args = Mapping[str, Any]
Ask = Callable[..., Any]
"""ask(service, operation, **arguments) calls AWS in the function's region."""


def parameter(args: Args, region: str, ask: Ask) -> Mapping[str, Any]:
    decrypted = {"WithDecryption": args.get("withDecryption", True)}
    found = ask("ssm", "get_parameter", Name=args["name"], **decrypted)["Parameter"]
    return {
        "id": found["Name"],
        "arn": found["ARN"],
        "name": found["Name"],
        "type": found["Type"],
        "value": found["Value"],
        "insecureValue": None if found["Type"] == "SecureString" else found["Value"],
        "version": found["Version"],
    }


def addon_version(args: Args, region: str, ask: Ask) -> Mapping[str, Any]:
    name, kubernetes = args["addonName"], args["kubernetesVersion"]
    asked = {"addonName": name, "kubernetesVersion": kubernetes}
    addons = ask("eks", "describe_addon_versions", **asked)["addons"]
    for each in (found for addon in addons for found in addon["addonVersions"]):
        if args.get("mostRecent") or each["compatibilities"][0]["defaultVersion"]:
            return {"id": name, "addonName": name, "version": each["addonVersion"]}
    raise ProviderError(f"aws:eks/getAddonVersion:getAddonVersion: no {name} for {kubernetes}")


def clusters(args: Args, region: str, ask: Ask) -> Mapping[str, Any]:
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = ask("eks", "list_clusters", **more)
        found += page["clusters"]
        if not page.get("nextToken"):
            return {"id": region, "names": found}
        more = {"nextToken": page["nextToken"]}


def cluster(args: Args, region: str, ask: Ask) -> Mapping[str, Any]:
    found = ask("eks", "describe_cluster", name=args["name"])["cluster"]
    return {
        **{name: found.get(name) for name in _OF_CLUSTER},
        "id": found["name"],
        "createdAt": found["createdAt"].isoformat(),
        "tags": found["tags"],
    }


_OF_CLUSTER = ("arn", "deletionProtection", "endpoint", "name", "platformVersion", "roleArn",
               "status", "version")  # fmt: skip
